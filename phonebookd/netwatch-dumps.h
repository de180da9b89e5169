/* Which namespace is dumped when.
 *
 * Happy path: a marked namespace is dumped at the next settle, at once where it has rested since
 * its last dump, else when it has; one timer waits for all. What was found goes into the namespace,
 * and where that differs from before, the owner hears `changed`. Failure modes: a failed dump keeps
 * what was known, and the namespace stays marked; dumps that would take more than
 * NETWATCH_DUMP_TURN_MS go on in the next loop turn, who waits longest first; a namespace whose
 * dump takes long rests longer, and so do all of the same user (netwatch-shares.h). */
#ifndef PHONEBOOKD_NETWATCH_DUMPS_H
#define PHONEBOOKD_NETWATCH_DUMPS_H

#include "interfaces.h"
#include "netwatch-requests.h"
#include "netwatch-shares.h"

#include <uv.h>

struct netwatch_dumps {
    uv_timer_t timer; /* runs while a namespace is dirty; its loop's clock is what counts here */
    struct netwatch_requests *requests;
    struct netwatch_shares shares;
    struct namespace *first, *last; /* dirty ones, linked by dirty_before and dirty_after */
    uint64_t next_due;              /* when the first of them may be dumped; never later */
    void *owner;
    void (*changed)(void *owner);
    /* An audited namespace (see there) turned out to differ. */
    void (*found)(void *owner, struct namespace *namespace);
};

/* `requests`, `owner` and the functions are set by the caller before. */
void netwatch_dumps_init(struct netwatch_dumps *dumps, uv_loop_t *loop);
/* `closed` is called for the one handle, whose `data` is the owner. */
void netwatch_dumps_close(struct netwatch_dumps *dumps, uv_close_cb closed);

void netwatch_dumps_mark(struct netwatch_dumps *dumps, struct namespace *namespace);
/* Dumps what is due, and sets the timer for the rest. */
void netwatch_dumps_settle(struct netwatch_dumps *dumps);

/* A new namespace: dumped at once, without `changed`, where its user's share allows it. */
void netwatch_dumps_first(struct netwatch_dumps *dumps, struct namespace *namespace);
/* Dumps, whatever the shares, those that never were; without `changed`. */
void netwatch_dumps_unknown(struct netwatch_dumps *dumps);
/* Before the namespace is removed. */
void netwatch_dumps_forget(struct netwatch_dumps *dumps, struct namespace *namespace);

#endif
