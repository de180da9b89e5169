#include "connection-parts.h"

#include "limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static void queue_turn(struct connection *c)
{
    if (!c->in_ready)
        TAILQ_INSERT_TAIL(&c->set->ready, c, ready);
    c->in_ready = true;
}

void connection_consume(struct connection *c)
{
    char line[REQUEST_LINE_MAX];

    if (c->line_length > 0)
        (void)!recv(c->fd, line, c->line_length, MSG_DONTWAIT);
    c->line_length = 0;
}

/* The request has its answer. One that waits for room in the socket would be lost with us, so its
 * line stays there until the answer is out: the next phonebookd would give it. */
static void be_done(struct connection *c)
{
    c->state = CONNECTION_READING;
    c->current = NULL;
    c->wait = -1;
    if (!c->unsent)
        connection_consume(c);
}

/* As be_done(), from where nobody goes on reading: on to the next one. */
static void finish_request(struct connection *c)
{
    be_done(c);
    queue_turn(c);
}

static void answer_names(struct connection *c)
{
    connection_reply_names(c, c->wait >= 0 ? "live" : "ok", c->current);
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
    connections_clock_at(set, c->deadline);
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
    case REGISTRY_DENIED:
        return REQUEST_DENIED;
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
    size_t before = c->holder.n_registrations;

    if (error == REQUEST_OK)
        error = connection_enter(c, &text);
    if (error != REQUEST_OK) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", text);
        return error;
    }
    outcome = connection_register(c, &request, time(NULL), false, &c->current, why);
    if (outcome != REGISTRY_OK)
        return error_of(outcome);
    c->renewed = c->holder.n_registrations == before;
    c->current->given = false;
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
        connection_reply_error(c, error, why);
        be_done(c);
        return;
    }
    c->state = CONNECTION_STORING;
    if (connection_keep(c) == KEEP_NONE || (c->results_due == 0 && !c->in_unkept))
        connection_accepted(c);
}

/* What is in the socket, up to REQUEST_LINE_MAX octets, without taking it out; -1 and errno. Before
 * Linux 6.16 descriptors can come with it, which show in that there is no room for them here. A
 * client's own end among them would keep its connection after the last process is gone. */
static ssize_t peek(int fd, char input[static REQUEST_LINE_MAX], bool *descriptors)
{
    struct iovec vector = {.iov_base = input, .iov_len = REQUEST_LINE_MAX};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    ssize_t n = recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    *descriptors = n >= 0 && message.msg_flags & MSG_CTRUNC;
    return n;
}

/* Looks for a whole line in the socket and handles it. True where there may be another; false where
 * not, or where the connection has ended. */
static bool work_once(struct connection *c)
{
    char input[REQUEST_LINE_MAX];
    bool descriptors;
    ssize_t n = peek(c->fd, input, &descriptors);
    const char *end;

    if (n <= 0)
        return n < 0 && errno == EINTR;
    if (descriptors) {
        connection_kick(c, "error syntax descriptors are not taken\n");
        return false;
    }
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

static void on_again(uv_idle_t *idle)
{
    struct connections *set = idle->data;
    struct connection_list turn = TAILQ_HEAD_INITIALIZER(turn);
    struct connection *c;

    uv_idle_stop(idle);
    TAILQ_CONCAT(&turn, &set->ready, ready);
    while ((c = TAILQ_FIRST(&turn))) {
        TAILQ_REMOVE(&turn, c, ready);
        c->in_ready = false;
        connection_work(c);
    }
}

static void need_turn(struct connections *set)
{
    if (!TAILQ_EMPTY(&set->ready))
        uv_idle_start(&set->again, on_again);
}

static bool may_read(const struct connection *c)
{
    return c->state == CONNECTION_READING && c->watched && !c->aside && !c->unsent;
}

/* Handles up to REQUESTS_PER_TURN requests; a connection that may have more is put in `ready`. */
void connection_work(struct connection *c)
{
    struct connections *set = c->set;

    for (int i = 0; i < REQUESTS_PER_TURN; i++)
        if (!may_read(c) || !work_once(c)) {
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

static void on_clock(uv_timer_t *timer);

/* Lets the clock ring at `deadline` too, without looking at everybody. */
void connections_clock_at(struct connections *set, uint64_t deadline)
{
    uint64_t now = uv_now(set->loop);
    uint64_t delay = deadline > now ? deadline - now : 0;

    if (!uv_is_active((uv_handle_t *)&set->clock) || uv_timer_get_due_in(&set->clock) > delay)
        uv_timer_start(&set->clock, on_clock, delay, 0);
}

static void set_clock(struct connections *set)
{
    uint64_t now = uv_now(set->loop), next = UINT64_MAX;
    struct connection *c = TAILQ_FIRST(&set->idle);

    if (c)
        next = c->deadline;
    if (!TAILQ_EMPTY(&set->unentered) && set->enter_again < next)
        next = set->enter_again;
    TAILQ_FOREACH (c, &set->waiting, waiting)
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
        connection_reply_error(c, REQUEST_TIMEOUT,
                               "registered, but no address of it is served yet");
        finish_request(c);
    }
    if (set->enter_again <= now)
        connections_enter_again(set);
    set_clock(set);
    need_turn(set);
}
