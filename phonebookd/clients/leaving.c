#include "leaving.h"

#include "../limits.h"
#include "connection-keep.h"

#include <errno.h>

void leaving_init(struct leaving *leaving, uv_loop_t *loop, struct connections *connections,
                  const struct leaving_ops *ops, void *owner)
{
    *leaving = (struct leaving){.connections = connections, .ops = ops, .owner = owner};
    uv_timer_init(loop, &leaving->timer);
    leaving->timer.data = leaving;
}

static void is_over(struct leaving *leaving)
{
    leaving->keeper = NULL;
    uv_timer_stop(&leaving->timer);
    leaving->ops->over(leaving->owner);
}

static void start_limit(struct leaving *leaving)
{
    leaving->answered = leaving->connections->answered;
    leaving->limit = uv_now(leaving->connections->loop) + LEAVE_LIMIT_MS;
}

/* Everything is stored: announces our end to the keeper. True if there is no answer to wait for,
 * because an older keeper gives none. */
static bool tell(struct leaving *leaving)
{
    const struct connections *set = leaving->connections;
    int result = keeper_leave(leaving->keeper);

    leaving->asked = result == 0;
    if (leaving->asked)
        leaving->ops->hold(leaving->owner, true);
    return result == -EOPNOTSUPP && set->answered == set->sent;
}

static bool is_stored(struct connections *set)
{
    return connections_are_stored(set) && connections_store_newcomers(set);
}

static void look(uv_timer_t *timer)
{
    struct leaving *leaving = timer->data;
    struct connections *set = leaving->connections;

    if (set->answered != leaving->answered)
        start_limit(leaving);
    if ((!leaving->asked && is_stored(set) && tell(leaving)) || uv_now(set->loop) >= leaving->limit)
        is_over(leaving);
}

static void on_left(uv_timer_t *timer)
{
    is_over(timer->data);
}

void leaving_begin(struct leaving *leaving, struct keeper *keeper)
{
    if (!keeper_is_expected(keeper)) {
        is_over(leaving);
        return;
    }
    leaving->keeper = keeper;
    start_limit(leaving);
    uv_timer_start(&leaving->timer, look, 0, LEAVE_LOOK_MS);
}

/* What the keeper is to hold, it holds whatever comes now: it may end before the loop's next
 * turn. */
void leaving_left(struct leaving *leaving)
{
    if (leaving->keeper)
        uv_timer_start(&leaving->timer, on_left, 0, 0);
}

void leaving_lost(struct leaving *leaving)
{
    if (leaving->asked)
        leaving->ops->hold(leaving->owner, false);
    leaving->asked = false;
}

void leaving_close(struct leaving *leaving)
{
    uv_close((uv_handle_t *)&leaving->timer, NULL);
}
