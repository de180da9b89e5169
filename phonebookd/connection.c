#include "connection.h"

#include "../publish-client/request.h"
#include "limits.h"
#include "log.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS_PER_TURN = 64,
    REPLY_MAX = 1024 /* of an error */
};

static int compare_keys(const void *left, const void *right)
{
    const struct connection *a = left, *b = right;

    return (a->key > b->key) - (a->key < b->key);
}

struct connection *connection_find(const struct connections *set, uint64_t key)
{
    struct connection wanted = {.key = key};
    struct connection **found = tfind(&wanted, &set->by_key, compare_keys);

    return found ? *found : NULL;
}

static void on_clock(uv_timer_t *timer);

/* Lets the clock ring at `deadline` too, without looking at everybody. */
static void clock_at(struct connections *set, uint64_t deadline)
{
    uint64_t now = uv_now(set->loop);
    uint64_t delay = deadline > now ? deadline - now : 0;

    if (!uv_is_active((uv_handle_t *)&set->clock) || uv_timer_get_due_in(&set->clock) > delay)
        uv_timer_start(&set->clock, on_clock, delay, 0);
}

static void queue_turn(struct connection *c)
{
    if (!c->in_ready)
        TAILQ_INSERT_TAIL(&c->set->ready, c, ready);
    c->in_ready = true;
}

/* ---- one connection's beginning and end ---- */

static bool learn_peer(struct holder *holder, int fd)
{
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return false;
    holder->uid = peer.uid;
    holder->pid = peer.pid;
    return true;
}

/* Takes fd. NULL, with fd closed, where memory or the peer's identity is not to be had. */
struct connection *connection_new(struct connections *set, int fd, uint64_t key)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c)
        goto err_fd;
    c->set = set;
    c->fd = fd;
    c->key = key;
    c->wait = -1;
    if (!learn_peer(&c->holder, fd) || !tsearch(c, &set->by_key, compare_keys))
        goto err_free;
    TAILQ_INSERT_TAIL(&set->all, c, all);
    set->n++;
    c->deadline = uv_now(set->loop) + IDLE_LIMIT_S * 1000;
    c->in_idle = true;
    TAILQ_INSERT_TAIL(&set->idle, c, idle);
    clock_at(set, c->deadline);
    return c;

err_free:
    free(c);
err_fd:
    log_error("a connection could not be taken: %s", strerror(errno));
    close(fd);
    return NULL;
}

void connection_leave_idle(struct connection *c)
{
    if (c->in_idle)
        TAILQ_REMOVE(&c->set->idle, c, idle);
    c->in_idle = false;
}

static void leave_lists(struct connection *c)
{
    connection_leave_idle(c);
    if (c->in_ready)
        TAILQ_REMOVE(&c->set->ready, c, ready);
    if (c->in_unkept)
        TAILQ_REMOVE(&c->set->unkept, c, unkept);
    if (c->state == CONNECTION_WAITING)
        TAILQ_REMOVE(&c->set->waiting, c, waiting);
    TAILQ_REMOVE(&c->set->all, c, all);
}

void connection_end(struct connection *c)
{
    struct connections *set = c->set;
    bool held = c->holder.registrations != NULL;

    leave_lists(c);
    registry_drop_holder(set->registry, &c->holder);
    accounts_release(set->accounts, c->holder.uid, ACCOUNT_CONNECTIONS);
    if (c->holder.namespace)
        set->ops->leave(set->owner, c->holder.namespace);
    /* close() alone leaves it in the epoll while the keeper holds a copy, and the next connection
     * with this number would be taken for it. */
    if (c->watched)
        epoll_ctl(set->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    tdelete(c, &set->by_key, compare_keys);
    set->n--;
    free(c->unsent);
    free(c);
    if (held)
        set->ops->changed(set->owner);
}

/* A close alone would leave the client's other end open as long as the keeper has a copy; and input
 * that nobody read would turn our last words into ECONNRESET. */
static void hang_up(int fd)
{
    char rest[REQUEST_LINE_MAX];

    for (int i = 0; i < EVENTS_PER_TURN && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++)
        ;
    shutdown(fd, SHUT_RDWR);
}

void connection_kick(struct connection *c, const char *reply)
{
    if (!c->unsent)
        (void)!send(c->fd, reply, strlen(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
    hang_up(c->fd);
    connection_end(c);
}

/* ---- output ---- */

static void watch_output(struct connection *c, bool output)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET | (output ? EPOLLOUT : 0u),
                                .data.ptr = c};

    epoll_ctl(c->set->epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void keep_unsent(struct connection *c, const char *text, size_t length)
{
    char *longer = realloc(c->unsent, c->n_unsent + length);

    if (!longer) {
        log_error("a reply could not be kept: out of memory");
        return;
    }
    memcpy(longer + c->n_unsent, text, length);
    c->unsent = longer;
    c->n_unsent += length;
}

/* Sends what there is room for; the rest waits. That a holder has shut down its reading side
 * (EPIPE), or that the peer is gone (the hang-up follows), is no reason to do anything. */
void connection_reply(struct connection *c, const char *text, size_t length)
{
    ssize_t sent = 0;

    if (!c->unsent) {
        sent = send(c->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return;
        if (sent == (ssize_t)length)
            return;
        sent = sent < 0 ? 0 : sent;
        watch_output(c, true);
    }
    keep_unsent(c, text + sent, length - (size_t)sent);
}

static void flush(struct connection *c)
{
    ssize_t sent = send(c->fd, c->unsent, c->n_unsent, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0 && errno == EAGAIN)
        return;
    if (sent >= 0 && (size_t)sent < c->n_unsent) {
        c->n_unsent -= (size_t)sent;
        memmove(c->unsent, c->unsent + sent, c->n_unsent);
        return;
    }
    free(c->unsent);
    c->unsent = NULL;
    c->n_unsent = 0;
    watch_output(c, false);
}

static void reply_error(struct connection *c, enum request_error code, const char *why)
{
    char text[REPLY_MAX];
    int length = snprintf(text, sizeof text, "error %s %s\n", request_error_word(code), why);

    connection_reply(c, text, length < REPLY_MAX ? (size_t)length : sizeof text - 1);
}

/* "ok" or "live", and the names that the registration became. */
static void reply_names(struct connection *c, const char *word, const struct registration *r)
{
    size_t room = strlen(word) + 2, length;
    char *text;

    for (size_t i = 0; i < r->n_claims; i++)
        room += strlen(r->claims[i].listing->name) + 1;
    text = malloc(room);
    if (!text) {
        reply_error(c, REQUEST_LIMIT, "out of memory");
        return;
    }
    length = (size_t)sprintf(text, "%s", word);
    for (size_t i = 0; i < r->n_claims; i++)
        length += (size_t)sprintf(text + length, " %s", r->claims[i].listing->name);
    text[length++] = '\n';
    connection_reply(c, text, length);
    free(text);
}

/* ---- requests ---- */

/* The request is done with: takes its line out of the socket. */
static void consume(struct connection *c)
{
    char line[REQUEST_LINE_MAX];

    if (c->line_length > 0)
        (void)!recv(c->fd, line, c->line_length, MSG_DONTWAIT);
    c->line_length = 0;
    c->current = NULL;
    c->wait = -1;
}

/* The request has its answer: on to the next one. */
static void finish_request(struct connection *c)
{
    c->state = CONNECTION_READING;
    consume(c);
    queue_turn(c);
}

static void answer_names(struct connection *c)
{
    reply_names(c, c->wait >= 0 ? "live" : "ok", c->current);
    finish_request(c);
}

/* Everybody who had to agree has: answers `current`, now or when it is live. */
void connection_accepted(struct connection *c)
{
    struct connections *set = c->set;

    c->accepted = true;
    connection_leave_idle(c);
    if (c->wait < 0 || set->ops->is_live(set->owner, c->current)) {
        answer_names(c);
        return;
    }
    c->deadline = uv_now(set->loop) + (uint64_t)c->wait * 1000;
    c->state = CONNECTION_WAITING;
    TAILQ_INSERT_TAIL(&set->waiting, c, waiting);
    clock_at(set, c->deadline);
}

void connection_refuse_current(struct connection *c, const char *reply)
{
    registry_drop(c->set->registry, c->current);
    c->set->ops->changed(c->set->owner);
    connection_reply(c, reply, strlen(reply));
    finish_request(c);
}

static enum request_error error_of(enum registry_outcome outcome)
{
    switch (outcome) {
    case REGISTRY_NAME:
        return REQUEST_NAME;
    case REGISTRY_ZONE:
        return REQUEST_ZONE;
    case REGISTRY_IN_USE:
        return REQUEST_IN_USE;
    default:
        return REQUEST_LIMIT;
    }
}

/* Parses and registers; REQUEST_OK with c->current set, or the code and why. */
static enum request_error take_request(struct connection *c, const char *line, size_t length,
                                       char why[static REGISTRY_WHY_MAX])
{
    struct connections *set = c->set;
    struct request request;
    const char *text = NULL;
    enum request_error error = request_parse(&request, line, length, &text);
    enum registry_outcome outcome;

    if (error == REQUEST_OK && !c->holder.namespace) {
        c->holder.namespace = set->ops->enter(set->owner, c->fd, c->holder.uid, &text);
        if (!c->holder.namespace)
            error = REQUEST_NAMESPACE;
    }
    if (error != REQUEST_OK) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", text);
        return error;
    }
    outcome = registry_add(set->registry, &c->holder, request.name, request.interface, request.ttl,
                           time(NULL), false, &c->current, why);
    if (outcome != REGISTRY_OK)
        return error_of(outcome);
    c->wait = request.wait;
    set->ops->changed(set->owner);
    return REQUEST_OK;
}

static void handle_line(struct connection *c, const char *line, size_t length)
{
    char why[REGISTRY_WHY_MAX];
    enum request_error error = take_request(c, line, length, why);

    c->line_length = length + 1;
    if (error != REQUEST_OK) {
        reply_error(c, error, why);
        consume(c);
        return;
    }
    c->state = CONNECTION_STORING;
    if (connection_keep(c) == KEEP_NONE || (c->results_due == 0 && !c->in_unkept))
        connection_accepted(c);
}

/* Looks for a whole line in the socket and handles it. True where there may be another; false where
 * not, or where the connection has ended. */
static bool work_once(struct connection *c)
{
    char input[REQUEST_LINE_MAX];
    ssize_t n = recv(c->fd, input, sizeof input, MSG_PEEK | MSG_DONTWAIT);
    const char *end;

    if (n <= 0)
        return n < 0 && errno == EINTR;
    end = memchr(input, '\n', (size_t)n);
    if (!end && n == sizeof input) {
        connection_kick(
            c, "error syntax a request is at most 1024 octets, its end of line included\n");
        return false;
    }
    if (!end)
        return false;
    handle_line(c, input, (size_t)(end - input));
    return c->state == CONNECTION_READING && !c->unsent;
}

static void on_again(uv_timer_t *timer)
{
    struct connections *set = timer->data;
    struct connection_list turn = TAILQ_HEAD_INITIALIZER(turn);
    struct connection *c;

    TAILQ_CONCAT(&turn, &set->ready, ready);
    while ((c = TAILQ_FIRST(&turn))) {
        TAILQ_REMOVE(&turn, c, ready);
        c->in_ready = false;
        connection_work(c);
    }
}

static void need_turn(struct connections *set)
{
    if (!TAILQ_EMPTY(&set->ready) && !uv_is_active((uv_handle_t *)&set->again))
        uv_timer_start(&set->again, on_again, 0, 0);
}

/* Handles up to REQUESTS_PER_TURN requests; a connection that may have more is put in `ready`. */
void connection_work(struct connection *c)
{
    struct connections *set = c->set;

    for (int i = 0; i < REQUESTS_PER_TURN; i++)
        if (c->state != CONNECTION_READING || c->unsent || !c->watched || !work_once(c)) {
            need_turn(set);
            return;
        }
    queue_turn(c);
    need_turn(set);
}

void connections_check_waiting(struct connections *set)
{
    struct connection *c, *next;

    for (c = TAILQ_FIRST(&set->waiting); c; c = next) {
        next = TAILQ_NEXT(c, waiting);
        if (!set->ops->is_live(set->owner, c->current))
            continue;
        TAILQ_REMOVE(&set->waiting, c, waiting);
        answer_names(c);
    }
    need_turn(set);
}

/* ---- the next deadline ---- */

static void set_clock(struct connections *set)
{
    uint64_t now = uv_now(set->loop), next = UINT64_MAX;
    struct connection *c = TAILQ_FIRST(&set->idle);

    if (c)
        next = c->deadline;
    TAILQ_FOREACH(c, &set->waiting, waiting)
    if (c->deadline < next)
        next = c->deadline;
    if (next == UINT64_MAX)
        uv_timer_stop(&set->clock);
    else
        uv_timer_start(&set->clock, on_clock, next > now ? next - now : 0, 0);
}

static void on_clock(uv_timer_t *timer)
{
    struct connections *set = timer->data;
    uint64_t now = uv_now(set->loop);
    struct connection *c, *next;

    while ((c = TAILQ_FIRST(&set->idle)) && c->deadline <= now)
        connection_kick(c,
                        "error timeout no request was accepted on this connection for a minute\n");
    for (c = TAILQ_FIRST(&set->waiting); c; c = next) {
        next = TAILQ_NEXT(c, waiting);
        if (c->deadline > now)
            continue;
        TAILQ_REMOVE(&set->waiting, c, waiting);
        reply_error(c, REQUEST_TIMEOUT, "registered, but no address of it is served yet");
        finish_request(c);
    }
    set_clock(set);
    need_turn(set);
}

/* ---- all of them ---- */

void connection_watch(struct connection *c)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET | (c->unsent ? EPOLLOUT : 0u),
                                .data.ptr = c};

    if (c->watched)
        return;
    c->watched = epoll_ctl(c->set->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0;
    if (!c->watched)
        log_error("a connection cannot be watched: %s", strerror(errno));
}

static void on_event(struct connection *c, uint32_t events)
{
    if (events & EPOLLHUP) {
        connection_end(c);
        return;
    }
    if (c->unsent && (events & EPOLLOUT))
        flush(c);
    connection_work(c);
}

static void on_epoll(uv_poll_t *poll, int status, int unused)
{
    struct connections *set = poll->data;
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(set->epoll, events, EVENTS_PER_TURN, 0);

    (void)status, (void)unused;
    /* An event frees no connection but its own, so the later ones of the batch stay valid. */
    for (int i = 0; i < n; i++)
        on_event(events[i].data.ptr, events[i].events);
}

static void turn_away(int fd, const char *reply)
{
    (void)!send(fd, reply, strlen(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
    hang_up(fd);
    close(fd);
}

static bool has_room(struct connections *set, int fd)
{
    struct holder peer = {0};
    char reply[REPLY_MAX];

    if (set->n >= set->limit) {
        turn_away(fd, "error limit phonebookd holds as many connections as it can\n");
        return false;
    }
    if (learn_peer(&peer, fd) && accounts_charge(set->accounts, peer.uid, ACCOUNT_CONNECTIONS))
        return true;
    snprintf(reply, sizeof reply,
             "error limit uid %u holds %d connections already, the most for one\n", peer.uid,
             CONNECTIONS_PER_UID);
    turn_away(fd, reply);
    return false;
}

void connections_add(struct connections *set, int fd)
{
    uint64_t key = 0;
    socklen_t length = sizeof key;
    struct connection *c;

    if (!has_room(set, fd))
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &key, &length) < 0) {
        log_error("an accepted socket has no cookie: %s", strerror(errno));
        close(fd);
        return;
    }
    c = connection_new(set, fd, key);
    if (!c)
        return;
    if (connection_keep(c) != KEEP_BLOCKED)
        connection_watch(c);
}

struct holder **connections_holders(const struct connections *set)
{
    struct holder **holders = calloc(set->n + 1, sizeof *holders);
    struct connection *c;
    size_t n = 0;

    if (!holders)
        return NULL;
    TAILQ_FOREACH(c, &set->all, all)
    holders[n++] = &c->holder;
    return holders;
}

int connections_init(struct connections *set, uv_loop_t *loop, struct registry *registry,
                     struct accounts *accounts, size_t limit, const struct connections_ops *ops,
                     void *owner)
{
    int error;

    *set = (struct connections){.loop = loop,
                                .registry = registry,
                                .accounts = accounts,
                                .ops = ops,
                                .owner = owner,
                                .limit = limit};
    TAILQ_INIT(&set->all);
    TAILQ_INIT(&set->ready);
    TAILQ_INIT(&set->unkept);
    TAILQ_INIT(&set->idle);
    TAILQ_INIT(&set->waiting);
    set->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (set->epoll < 0)
        return -errno;
    error = uv_poll_init(loop, &set->poll, set->epoll);
    if (error) {
        close(set->epoll);
        return error;
    }
    uv_timer_init(loop, &set->clock);
    uv_timer_init(loop, &set->again);
    set->poll.data = set->clock.data = set->again.data = set;
    set->handles = 3;
    return uv_poll_start(&set->poll, UV_READABLE, on_epoll);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct connections *set = handle->data;

    if (--set->handles > 0)
        return;
    close(set->epoll);
    if (set->closed)
        set->closed(set->owner);
}

void connections_close(struct connections *set, void (*closed)(void *owner))
{
    set->closed = closed;
    while (!TAILQ_EMPTY(&set->all))
        connection_end(TAILQ_FIRST(&set->all));
    uv_close((uv_handle_t *)&set->poll, on_handle_closed);
    uv_close((uv_handle_t *)&set->clock, on_handle_closed);
    uv_close((uv_handle_t *)&set->again, on_handle_closed);
}
