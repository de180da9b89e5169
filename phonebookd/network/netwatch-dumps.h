/* Decides when each namespace is dumped.
 *
 * Happy path: a marked namespace is dumped at once if its rest after the last dump is over,
 * otherwise at the end of this rest; one timer waits for all. The result goes into the namespace,
 * and if it differs from before, `changed` is called. A missing link or address causes another dump
 * soon, and counts as gone if that dump lacks it too (second-look.h). The dumps run on two threads
 * (netwatch-dumper.h), one for our own namespace and one for all others, so that other users cannot
 * delay the host's own changes. Each thread runs one dump at a time. Users whose dumps take long
 * come after the others (netwatch-shares.h); otherwise the namespace that has waited longest is
 * next. Failure modes: after a failed dump the known addresses stay, and so does the mark, unless
 * the process that reads other namespaces has ended. The more a dump costs, the longer its
 * namespace rests, and so do all namespaces of the same user. If a namespace is forgotten during
 * its dump, the result is dropped. */
#ifndef PHONEBOOKD_NETWATCH_DUMPS_H
#define PHONEBOOKD_NETWATCH_DUMPS_H

#include "../state/interfaces.h"
#include "netwatch-dumper.h"
#include "netwatch-shares.h"

#include <uv.h>

enum { NETWATCH_LANE_OWN, NETWATCH_LANE_OTHERS, NETWATCH_LANES };

/* A dumper, and the namespaces that wait for it. */
struct netwatch_lane {
    struct netwatch_dumps *dumps;
    struct netwatch_dumper dumper;
    struct namespace *first, *last; /* marked ones, linked by dirty_before and dirty_after */
    uint64_t next_due;        /* the earliest time at which one of them may be dumped, or earlier */
    bool busy;                /* a dump runs, or its result was not taken yet */
    struct namespace *dumped; /* the namespace being dumped; NULL if it was forgotten */
    uint32_t number;          /* number of the dump */
    uint32_t owner;           /* the user whom it is charged to */
    uint64_t began;
    bool audited;    /* it is dumped only because of an audit */
    unsigned audits; /* that were due during the dump */
};

struct netwatch_dumps {
    uv_timer_t timer; /* runs while a namespace waits; times here are on its loop's clock */
    struct netwatch_lane lanes[NETWATCH_LANES];
    struct netwatch_shares shares;
    void *owner;
    void (*changed)(void *owner);
    void (*same)(void *owner); /* a dump has ended and changed nothing */
    /* An audit found that a namespace differs: an event was lost. */
    void (*found)(void *owner, struct namespace *namespace);
};

/* Starts the threads. The caller must have set `owner` and the functions. `reader` reads other
 * namespaces; NULL: this process does. 0, or -errno with nothing left open. */
int netwatch_dumps_init(struct netwatch_dumps *dumps, struct namespace_reader *reader);
/* Ends the threads. Only for use before netwatch_dumps_listen(). */
void netwatch_dumps_fini(struct netwatch_dumps *dumps);
void netwatch_dumps_listen(struct netwatch_dumps *dumps, uv_loop_t *loop);
/* `closed` is called for each of the NETWATCH_DUMPS_HANDLES handles; their `data` is the owner. */
enum { NETWATCH_DUMPS_HANDLES = 1 + NETWATCH_LANES };
void netwatch_dumps_close(struct netwatch_dumps *dumps, uv_close_cb closed);

void netwatch_dumps_mark(struct netwatch_dumps *dumps, struct namespace *namespace);
/* Starts the dumps that are due, and sets the timer for the others. Never blocks, and never calls
 * `changed`. */
void netwatch_dumps_settle(struct netwatch_dumps *dumps);

/* To be called at each audit. Logs, once for each dump, that it runs since the audit before: the
 * kernel may let a dump wait, and a person may stop the process that reads other namespaces. */
void netwatch_dumps_audit(struct netwatch_dumps *dumps);

/* Reads all namespaces that were never read, regardless of shares, and waits for the results
 * without calling `changed`. Stops if the kernel does not answer. Returns how many are still not
 * read. */
size_t netwatch_dumps_unknown(struct netwatch_dumps *dumps);
/* To be called before the namespace is removed. */
void netwatch_dumps_forget(struct netwatch_dumps *dumps, struct namespace *namespace);

#endif
