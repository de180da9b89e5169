/* Whose turn it is.
 *
 * A turn is one request, or the storing of a newcomer's socket with its first request. Users have
 * turns one after the other (connection-users.c), and so have the connections of one user: who has
 * more to say goes to the end, as does one whose answer has come from the keeper. So between a
 * newcomer and its answer lies at most one request of each other user, and one of each connection
 * of the same user that waited before it. Where the keeper's queue is full, whose turn it is stays
 * first, and the others wait behind.
 *
 * `due` is separate, since its answers need no keeper: those who waited until they are live, or
 * until their time was over.
 *
 * A turn of the loop serves so many of each and no more, so that the listener, the timers, the
 * keeper and the netlink sockets have theirs. */
#include "connection-parts.h"

#include "../limits.h"

/* What the keeper has not answered yet, everybody else waits for: so it is kept short. */
static bool keeper_has_room(const struct connections *set)
{
    return !set->blocked && set->sent - set->answered < STORING_MAX;
}

static bool may_serve(const struct connections *set)
{
    return !TAILQ_EMPTY(&set->ready) && keeper_has_room(set);
}

/* While the keeper has no room, only what is `due` can be done. */
static bool has_work(const struct connections *set)
{
    return !TAILQ_EMPTY(&set->due) || may_serve(set) || connections_may_store_again(set);
}

static void serve_due(struct connections *set)
{
    struct connection *c;

    for (int i = 0; i < ANSWERS_PER_TURN && (c = TAILQ_FIRST(&set->due)); i++) {
        connection_wait_in(c, NULL);
        connection_answer_due(c);
    }
}

static void on_turn(uv_idle_t *idle)
{
    struct connections *set = idle->data;

    serve_due(set);
    if (connections_may_store_again(set))
        connections_store_again(set);
    for (int i = 0; i < REQUESTS_PER_TURN && may_serve(set); i++)
        connection_work(connections_take_first(set));
    if (!has_work(set))
        uv_idle_stop(idle);
}

void connections_go_on(struct connections *set)
{
    if (has_work(set))
        uv_idle_start(&set->turn, on_turn);
}

bool connection_may_read(const struct connection *c)
{
    return c->state == CONNECTION_READING && c->watched && !c->aside && !c->unsent;
}

void connection_queue(struct connection *c)
{
    if (!connection_may_read(c) || c->waits_in)
        return;
    connection_wait_for_turn(c);
    connections_go_on(c->set);
}

/* ---- waiting until live ---- */

void connections_check_waiting(struct connections *set)
{
    struct connection *c, *next;

    for (c = TAILQ_FIRST(&set->waiting); c; c = next) {
        next = TAILQ_NEXT(c, queue);
        if (set->ops->is_live(set->owner, c->current))
            connection_wait_in(c, &set->due);
    }
    connections_go_on(set);
}

static void check_deadlines(struct connections *set, uint64_t now)
{
    struct connection *c, *next;

    for (c = TAILQ_FIRST(&set->waiting); c; c = next) {
        next = TAILQ_NEXT(c, queue);
        if (c->deadline <= now)
            connection_wait_in(c, &set->due);
    }
    connections_go_on(set);
}

/* ---- the clock ---- */

static void end_idle(struct connections *set, uint64_t now)
{
    struct connection *c;

    for (int i = 0; i < IDLE_ENDS_PER_TURN; i++) {
        c = TAILQ_FIRST(&set->idle);
        if (!c || c->deadline > now)
            return;
        connection_kick(c,
                        "error timeout no request was accepted on this connection for a minute\n");
    }
}

static void on_clock(uv_timer_t *timer);

/* In a millisecond at the earliest: a timer of 0 is due again before anything else has its turn. */
static void start_clock(struct connections *set, uint64_t deadline)
{
    uint64_t now = uv_now(set->loop);

    uv_timer_start(&set->clock, on_clock, deadline > now ? deadline - now : 1, 0);
}

/* Lets the clock ring at `deadline` too, without looking at everybody. */
void connections_clock_at(struct connections *set, uint64_t deadline)
{
    uint64_t now = uv_now(set->loop);
    uint64_t delay = deadline > now ? deadline - now : 0;

    if (!uv_is_active((uv_handle_t *)&set->clock) || uv_timer_get_due_in(&set->clock) > delay)
        start_clock(set, deadline);
}

static void set_clock(struct connections *set)
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

static void on_clock(uv_timer_t *timer)
{
    struct connections *set = timer->data;
    uint64_t now = uv_now(set->loop);

    end_idle(set, now);
    check_deadlines(set, now);
    connections_enter_again(set, now);
    set_clock(set);
}
