/* Which namespace is dumped when.
 *
 * Happy path: a marked namespace is dumped at the next settle, at once where it has rested since
 * its last dump, else when it has; one timer waits for all. What was found goes into the namespace,
 * and where that differs from before, the owner hears `changed`. Where it lacks something that was
 * there, the namespace is soon dumped again, before that counts as gone (second-look.h). The dumps
 * run on threads
 * (netwatch-dumper.h), one for our own namespace and one for all others, so that those who make
 * the others have no part in how soon the host's own changes are seen. On each, one dump runs at a
 * time; users whose dumps take long go behind the others (netwatch-shares.h), and else who waits
 * longest goes first. Failure modes: a failed dump keeps what was known, and the namespace stays
 * marked; a namespace whose dump costs much rests longer, and so do all of the same user; the
 * result of one that was forgotten meanwhile is dropped. */
#ifndef PHONEBOOKD_NETWATCH_DUMPS_H
#define PHONEBOOKD_NETWATCH_DUMPS_H

#include "../state/interfaces.h"
#include "netwatch-dumper.h"
#include "netwatch-shares.h"

#include <uv.h>

enum { NETWATCH_LANE_OWN, NETWATCH_LANE_OTHERS, NETWATCH_LANES };

/* A thread, and those who wait for it. */
struct netwatch_lane {
    struct netwatch_dumps *dumps;
    struct netwatch_dumper dumper;
    struct namespace *first, *last; /* dirty ones, linked by dirty_before and dirty_after */
    uint64_t next_due;              /* when the first of them may be dumped; never later */
    bool busy;                      /* a dump runs, or its result was not taken */
    struct namespace *dumped;       /* whose; NULL where it was forgotten */
    uint32_t number;                /* of its dumps */
    uint32_t owner;                 /* whom it is charged to */
    uint64_t began;
    bool audited; /* the dump is only the audit's */
};

struct netwatch_dumps {
    uv_timer_t timer; /* runs while one waits; its loop's clock is what counts here */
    struct netwatch_lane lanes[NETWATCH_LANES];
    struct netwatch_shares shares;
    void *owner;
    void (*changed)(void *owner);
    void (*same)(void *owner); /* a dump has ended, with which nothing has changed */
    /* An audited namespace (see there) turned out to differ. */
    void (*found)(void *owner, struct namespace *namespace);
};

/* Starts the threads; `owner` and the functions are set by the caller before. 0, or -errno with
 * nothing left open. */
int netwatch_dumps_init(struct netwatch_dumps *dumps);
/* Ends them; where no loop has listened yet. */
void netwatch_dumps_fini(struct netwatch_dumps *dumps);
void netwatch_dumps_listen(struct netwatch_dumps *dumps, uv_loop_t *loop);
/* `closed` is called for each of NETWATCH_DUMPS_HANDLES, whose `data` is the owner. */
enum { NETWATCH_DUMPS_HANDLES = 1 + NETWATCH_LANES };
void netwatch_dumps_close(struct netwatch_dumps *dumps, uv_close_cb closed);

void netwatch_dumps_mark(struct netwatch_dumps *dumps, struct namespace *namespace);
/* Begins what is due, and sets the timer for the rest. Never blocks, never says `changed`. */
void netwatch_dumps_settle(struct netwatch_dumps *dumps);

/* Reads, whatever the shares, those that never were, and waits for it; without `changed`. Gives up
 * where the kernel does not answer, and returns how many are still to be read. */
size_t netwatch_dumps_unknown(struct netwatch_dumps *dumps);
/* Before the namespace is removed. */
void netwatch_dumps_forget(struct netwatch_dumps *dumps, struct namespace *namespace);

#endif
