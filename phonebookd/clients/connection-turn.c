#include "connection-turn.h"

#include "../limits.h"
#include "../log.h"
#include "../state/registry.h"
#include "connection-keep.h"
#include "connection-life.h"
#include "connection-request.h"
#include "connection-takeover.h"
#include "connection-waits.h"

/* All clients wait for the keeper's unanswered messages, so their number is limited. */
static bool may_serve(const struct connections *set)
{
    return !TAILQ_EMPTY(&set->ready) && !set->blocked && set->sent - set->answered < STORING_MAX;
}

/* While the keeper has no room, only connections in `due` can be served. */
static bool has_work(const struct connections *set)
{
    return !TAILQ_EMPTY(&set->due) || may_serve(set) || connections_may_store_again(set);
}

static void on_turn(uv_idle_t *idle)
{
    struct connections *set = idle->data;
    struct connection *c;

    for (int i = 0; i < ANSWERS_PER_TURN && (c = TAILQ_FIRST(&set->due)); i++) {
        connection_wait_in(c, NULL);
        connection_answer_due(c);
    }
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

/* ---- what the keeper says ---- */

/* Connections that waited for an answer of the former keeper have waited longest, and go first: to
 * the next keeper, or on without one. There are at most STORING_MAX. */
void connections_keeper_changed(struct connections *set, size_t held)
{
    struct connection *c;

    set->keeper++;
    set->n_to_take = held;
    set->answered = set->sent;
    set->again = NULL;
    set->blocked = set->noting = false;
    registry_begin_taking(set->registry);
    registry_note_all(set->registry);
    while ((c = TAILQ_LAST(&set->storing, connection_list)))
        connection_stay_first(c);
    connections_go_on(set);
}

void connections_stored(struct connections *set, uint64_t key, enum keep_result result)
{
    struct connection *c = connections_note_result(set, key, result);

    if (c)
        connection_stored(c, result);
    connections_go_on(set);
}

void connections_stored_note(struct connections *set, enum keep_result result)
{
    if (set->answered < set->sent)
        set->answered++;
    if (result == KEEP_FULL)
        log_caused(LOG_KEEPER, LOG_NOBODY,
                   "the keeper is full: a name that lingers would not survive a restart");
    connections_go_on(set);
}

void connections_keep_all(struct connections *set)
{
    set->noting = true;
    set->again = TAILQ_FIRST(&set->all);
    set->again_at = 0;
    connections_go_on(set);
}

void connections_keep_more(struct connections *set)
{
    set->blocked = false;
    connections_go_on(set);
}

void connections_pause(struct connections *set)
{
    set->blocked = true;
}

/* ---- waiting until live ---- */

/* Connections whose time is over, or, if something was built, whose name is live. */
static void put_in_due(struct connections *set, bool built)
{
    struct connection *c, *next;
    uint64_t now = uv_now(set->loop);

    for (c = TAILQ_FIRST(&set->waiting); c; c = next) {
        next = TAILQ_NEXT(c, queue);
        if (c->deadline <= now || (built && set->ops->is_live(set->owner, c->current, c->wait_for)))
            connection_wait_in(c, &set->due);
    }
    connections_go_on(set);
}

void connections_check_waiting(struct connections *set)
{
    put_in_due(set, true);
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

static void on_clock(uv_timer_t *timer)
{
    struct connections *set = timer->data;
    uint64_t now = uv_now(set->loop);

    end_idle(set, now);
    put_in_due(set, false);
    connections_enter_again(set, now);
    connections_set_clock(set);
}

void connections_init_turns(struct connections *set)
{
    uv_timer_init(set->loop, &set->clock);
    uv_idle_init(set->loop, &set->turn);
    set->clock.data = set->turn.data = set;
    set->on_clock = on_clock;
}
