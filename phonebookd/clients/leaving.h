/* Ends phonebookd so that its names survive.
 *
 * Happy path: the keeper has everything; we announce our end; the keeper confirms that it goes on
 * holding everything. Failure modes: if a new keeper is still being given everything, we wait for
 * that. If the keeper was lost a moment ago, for example because both services are restarted, we
 * wait for the next one, and give it everything. Until the announcement, phonebookd works as usual.
 * If there is no progress for LEAVE_LIMIT_MS, or no keeper is expected, the names are lost. */
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
    uv_timer_t timer;  /* fires for the next look */
    uint64_t limit;    /* ms on the loop's clock */
    uint64_t answered; /* connections::answered when `limit` was set */
    bool asked;        /* we have announced our end, and the keeper has not answered */
    const struct leaving_ops *ops;
    void *owner;
};

struct leaving_ops {
    /* true: we have announced our end to the keeper. It may end as soon as it has answered, so
     * nothing new may come that it does not have. false: it was lost before it answered, so go on
     * as usual. */
    void (*hold)(void *owner, bool on);
    /* Called once, after or within leaving_begin(). */
    void (*over)(void *owner);
};

void leaving_init(struct leaving *leaving, uv_loop_t *loop, struct connections *connections,
                  const struct leaving_ops *ops, void *owner);
void leaving_begin(struct leaving *leaving, struct keeper *keeper);
/* For the keeper_ops of these names. Do nothing before leaving_begin(). */
void leaving_left(struct leaving *leaving);
void leaving_lost(struct leaving *leaving);
void leaving_close(struct leaving *leaving);

#endif
