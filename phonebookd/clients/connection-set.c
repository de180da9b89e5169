#include "connection-set.h"

#include "../limits.h"
#include "../log.h"
#include "../state/accounts.h"
#include "../state/registry.h"
#include "connection-keep.h"
#include "connection-life.h"
#include "connection-request.h"
#include "connection-takeover.h"
#include "connection-waits.h"
#include "hang-ups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS_PER_TURN = 32,
    TURN_AWAY_MAX = ACCOUNT_WHY_MAX + 16, /* of a reply */
};

/* ---- turns ---- */

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
        if (!connection_work(connections_take_first(set)))
            break;
    if (!has_work(set))
        uv_idle_stop(idle);
}

void connections_go_on(struct connections *set)
{
    if (has_work(set))
        uv_idle_start(&set->turn, on_turn);
}

/* ---- calls from the keeper ---- */

/* Connections that waited for an answer of the former keeper have waited longest, and go first: to
 * the next keeper, or on without one. There are at most STORING_MAX. */
void connections_keeper_changed(struct connections *set, size_t held)
{
    set->keeper++;
    set->n_to_take = held;
    set->answered = set->sent;
    set->again = NULL;
    set->blocked = set->noting = false;
    registry_begin_taking(set->registry);
    registry_note_all(set->registry);
    struct connection *c;
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
    uint64_t now = uv_now(set->loop);
    struct connection *next;
    for (struct connection *c = TAILQ_FIRST(&set->waiting); c; c = next) {
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
    for (int i = 0; i < IDLE_ENDS_PER_TURN; i++) {
        struct connection *c = TAILQ_FIRST(&set->idle);
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

/* ---- events on sockets ---- */

static void on_event(struct connection *c, uint32_t events)
{
    if (events & EPOLLHUP) {
        hang_ups_note(&c->set->hang_ups, c->fd, &c->holder, c->program);
        connection_end(c);
        return;
    }
    if (events & EPOLLOUT)
        connection_flush(c);
    connection_queue(c);
}

static void on_epoll(uv_poll_t *poll, int status, int unused)
{
    struct connections *set = poll->data;
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(set->epoll, events, EVENTS_PER_TURN, 0);
    (void)status, (void)unused;
    /* an event frees only its own connection, so later events of the batch stay valid */
    for (int i = 0; i < n; i++)
        on_event(events[i].data.ptr, events[i].events);
    connections_go_on(set);
}

/* ---- newcomers ---- */

static void turn_away(int fd, const char *reply)
{
    (void)!send(fd, reply, strlen(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
    connection_hang_up(fd);
    close(fd);
}

/* Logs that the connections have reached their limit, because this concerns all clients. `full`:
 * only root's part is left. */
static void tell_of_room(struct connections *set, enum account_outcome outcome, bool full)
{
    if (outcome == ACCOUNT_FULL && !set->full)
        log_caused(LOG_LIMIT, LOG_NOBODY,
                   "no more than %zu connections can be held (RLIMIT_NOFILE)",
                   set->accounts->total[ACCOUNT_CONNECTIONS]);
    if (set->full && !full)
        log_caused_over(LOG_LIMIT, LOG_NOBODY, "connections are accepted again");
    set->full = outcome == ACCOUNT_FULL || (set->full && full);
}

/* Charges the peer, or refuses the connection. */
static bool admit(struct connections *set, int fd, struct holder *peer)
{
    bool full = accounts_are_full(set->accounts, ACCOUNT_CONNECTIONS);
    if (!connection_learn_peer(set, peer, fd)) {
        turn_away(fd, "error limit it is not known whose connection this is\n");
        return false;
    }
    struct account_verdict verdict =
        accounts_charge(set->accounts, peer->owner, ACCOUNT_CONNECTIONS);
    tell_of_room(set, verdict.outcome, full);
    if (verdict.outcome == ACCOUNT_FINE)
        return true;
    char why[ACCOUNT_WHY_MAX];
    account_why(why, &verdict, peer->uid);
    char reply[TURN_AWAY_MAX];
    snprintf(reply, sizeof reply, "error limit %s\n", why);
    turn_away(fd, reply);
    return false;
}

void connections_add(struct connections *set, int fd)
{
    uint64_t key = 0;
    socklen_t length = sizeof key;
    struct holder peer = {0};
    if (!admit(set, fd, &peer))
        return;
    struct connection *c = NULL;
    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &key, &length) == 0) {
        c = connection_new(set, fd, key, &peer);
    } else {
        log_caused(LOG_CLIENT, peer.uid, "an accepted socket has no cookie: %s", strerror(errno));
        close(fd);
    }
    if (!c) {
        accounts_release(set->accounts, peer.owner, ACCOUNT_CONNECTIONS);
        return;
    }
    connection_watch(c);
    if (!c->watched) {
        connection_kick(c, "error limit phonebookd cannot watch another connection\n");
        return;
    }
    connection_queue(c); /* its socket has to be stored, even if it sends nothing */
    connections_go_on(set);
}

/* ---- all of them ---- */

struct holder **connections_holders(const struct connections *set)
{
    struct holder **holders = calloc(set->n + 1, sizeof *holders);
    if (!holders)
        return NULL;
    size_t n = 0;
    struct connection *c;
    TAILQ_FOREACH (c, &set->all, all)
        holders[n++] = &c->holder;
    return holders;
}

int connections_init(struct connections *set, uv_loop_t *loop, struct registry *registry,
                     struct accounts *accounts, size_t limit, const struct connections_ops *ops,
                     void *owner)
{
    *set = (struct connections){.loop = loop,
                                .registry = registry,
                                .accounts = accounts,
                                .ops = ops,
                                .owner = owner,
                                .keeper = 1 /* 0 is connection::came_with of one that connected */};
    accounts->total[ACCOUNT_CONNECTIONS] = limit;
    TAILQ_INIT(&set->all);
    TAILQ_INIT(&set->ready);
    TAILQ_INIT(&set->storing);
    TAILQ_INIT(&set->waiting);
    TAILQ_INIT(&set->due);
    TAILQ_INIT(&set->unentered);
    TAILQ_INIT(&set->idle);
    set->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (set->epoll < 0)
        return -errno;
    int error = uv_poll_init(loop, &set->poll, set->epoll);
    if (error) {
        close(set->epoll);
        return error;
    }
    uv_timer_init(loop, &set->clock);
    uv_idle_init(loop, &set->turn);
    hang_ups_init(&set->hang_ups, loop);
    set->on_clock = on_clock;
    set->poll.data = set->clock.data = set->turn.data = set;
    return uv_poll_start(&set->poll, UV_READABLE, on_epoll);
}

void connections_close(struct connections *set)
{
    /* names that begin to linger now are not noted: their turn would never come */
    set->noting = false;
    while (!TAILQ_EMPTY(&set->all))
        connection_end(TAILQ_FIRST(&set->all));
    hang_ups_close(&set->hang_ups);
    uv_close((uv_handle_t *)&set->poll, NULL);
    uv_close((uv_handle_t *)&set->clock, NULL);
    uv_close((uv_handle_t *)&set->turn, NULL);
    close(set->epoll); /* uv_close() has removed it from the loop's epoll set */
}
