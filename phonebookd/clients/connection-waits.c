#include "connection-waits.h"

#include "../limits.h"

#include <search.h>
#include <stdlib.h>

/* ---- for a turn ---- */

static int compare_owners(const void *left, const void *right)
{
    const struct user *a = left, *b = right;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

struct user *user_acquire(struct connections *set, uint32_t owner)
{
    struct user wanted = {.owner = owner};
    struct user **found = tfind(&wanted, &set->users, compare_owners);
    struct user *user = found ? *found : calloc(1, sizeof *user);
    if (!user)
        return NULL;
    if (!found) {
        user->owner = owner;
        TAILQ_INIT(&user->ready);
        if (!tsearch(user, &set->users, compare_owners)) {
            free(user);
            return NULL;
        }
    }
    user->n++;
    return user;
}

void user_release(struct connections *set, struct user *user)
{
    if (--user->n > 0)
        return;
    tdelete(user, &set->users, compare_owners);
    free(user);
}

/* Removes the connection from the list in which it waits. */
static void leave_list(struct connection *c)
{
    struct connection_list *list = c->waits_in;
    if (list)
        TAILQ_REMOVE(list, c, queue);
    if (list == &c->user->ready && TAILQ_EMPTY(list))
        TAILQ_REMOVE(&c->set->ready, c->user, queue);
    c->waits_in = NULL;
}

void connection_wait_in(struct connection *c, struct connection_list *list)
{
    leave_list(c);
    if (list)
        TAILQ_INSERT_TAIL(list, c, queue);
    c->waits_in = list;
}

bool connection_may_read(const struct connection *c)
{
    return c->state == CONNECTION_READING && c->watched && !c->holder.aside && !c->outbox.unsent;
}

void connection_queue(struct connection *c)
{
    struct user *user = c->user;
    if (!connection_may_read(c) || c->waits_in)
        return;
    if (TAILQ_EMPTY(&user->ready))
        TAILQ_INSERT_TAIL(&c->set->ready, user, queue);
    connection_wait_in(c, &user->ready);
}

void connection_stay_first(struct connection *c)
{
    struct user *user = c->user;
    leave_list(c);
    if (!TAILQ_EMPTY(&user->ready))
        TAILQ_REMOVE(&c->set->ready, user, queue);
    TAILQ_INSERT_HEAD(&c->set->ready, user, queue);
    TAILQ_INSERT_HEAD(&user->ready, c, queue);
    c->waits_in = &user->ready;
}

struct connection *connections_take_first(struct connections *set)
{
    struct user *user = TAILQ_FIRST(&set->ready);
    struct connection *c = TAILQ_FIRST(&user->ready);
    leave_list(c);
    if (!TAILQ_EMPTY(&user->ready)) { /* he has more connections that wait, and had his turn */
        TAILQ_REMOVE(&set->ready, user, queue);
        TAILQ_INSERT_TAIL(&set->ready, user, queue);
    }
    return c;
}

/* ---- for a time ---- */

/* At the earliest in a millisecond: a timer of 0 would be due again before anything else has its
 * turn. */
static void start_clock(struct connections *set, uint64_t deadline)
{
    uint64_t now = uv_now(set->loop);
    uv_timer_start(&set->clock, set->on_clock, deadline > now ? deadline - now : 1, 0);
}

/* Makes the timer fire at `deadline` too, without looking at all connections. */
static void ring_at(struct connections *set, uint64_t deadline)
{
    uint64_t now = uv_now(set->loop);
    uint64_t delay = deadline > now ? deadline - now : 0;
    if (!uv_is_active((uv_handle_t *)&set->clock) || uv_timer_get_due_in(&set->clock) > delay)
        start_clock(set, deadline);
}

void connection_be_idle(struct connection *c)
{
    c->deadline = uv_now(c->set->loop) + IDLE_LIMIT_S * 1000;
    c->in_idle = true;
    TAILQ_INSERT_TAIL(&c->set->idle, c, idle);
    ring_at(c->set, c->deadline);
}

void connection_leave_idle(struct connection *c)
{
    if (c->in_idle)
        TAILQ_REMOVE(&c->set->idle, c, idle);
    c->in_idle = false;
}

void connection_wait_until_live(struct connection *c)
{
    connection_wait_in(c, &c->set->waiting);
    ring_at(c->set, c->deadline);
}

void connection_be_unentered(struct connection *c)
{
    connection_leave_unentered(c);
    c->in_unentered = true;
    c->enter_at = uv_now(c->set->loop) + NAMESPACE_RETRY_MS;
    TAILQ_INSERT_TAIL(&c->set->unentered, c, unentered);
    ring_at(c->set, c->enter_at);
}

void connection_leave_unentered(struct connection *c)
{
    if (c->in_unentered)
        TAILQ_REMOVE(&c->set->unentered, c, unentered);
    c->in_unentered = false;
}

void connections_set_clock(struct connections *set)
{
    uint64_t next = UINT64_MAX;
    struct connection *c = TAILQ_FIRST(&set->idle);
    if (c)
        next = c->deadline;
    c = TAILQ_FIRST(&set->unentered);
    if (c && c->enter_at < next)
        next = c->enter_at;
    TAILQ_FOREACH (c, &set->waiting, queue)
        if (c->deadline < next)
            next = c->deadline;
    if (next == UINT64_MAX)
        uv_timer_stop(&set->clock);
    else
        start_clock(set, next);
}
