/* The end of a phonebookd whose names are to outlive it.
 *
 * Happy path: a keeper has everything; it is told that phonebookd ends, and says that it will hold
 * it. Failure modes: what is being stored in a new keeper is waited for; a keeper that was lost a
 * moment ago, as when both services are restarted, is waited for too, and given everything. All
 * goes on until the keeper is told. Where nothing comes of it for LEAVE_LIMIT_MS, or no keeper is
 * to be expected, nobody holds the names any more. */
#ifndef PHONEBOOKD_LEAVING_H
#define PHONEBOOKD_LEAVING_H

#include "connection.h"
#include "keeper-client.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct leaving {
    struct keeper *keeper;
    struct connections *connections;
    uv_timer_t timer;  /* to the next look */
    uint64_t limit;    /* ms on the loop's clock */
    uint64_t answered; /* by the keeper, when `limit` was set */
    bool asked;        /* the keeper was told, and has not answered */
    const struct leaving_ops *ops;
    void *owner;
};

struct leaving_ops {
    /* The keeper was told: nothing may come any more that it would not have, since it may end as
     * soon as it has answered. False: it was lost before that, and all goes on. */
    void (*hold)(void *owner, bool on);
    /* Called once after leaving_begin(), or in it. */
    void (*over)(void *owner);
};

void leaving_init(struct leaving *leaving, uv_loop_t *loop, struct connections *connections,
                  const struct leaving_ops *ops, void *owner);
void leaving_begin(struct leaving *leaving, struct keeper *keeper);
/* As the keeper_ops of that name; nothing where it has not begun. */
void leaving_left(struct leaving *leaving);
void leaving_lost(struct leaving *leaving);
void leaving_close(struct leaving *leaving);

#endif
