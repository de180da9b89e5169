#include "netwatch-events.h"

#include "../limits.h"
#include "../log.h"
#include "../state/interfaces.h"
#include "netwatch-socket.h"
#include "rtnl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void on_readable(uv_poll_t *poll, int status, int flags);
static void on_timer(uv_timer_t *timer);

static void start_poll(struct netwatch_events *events)
{
    int error = uv_poll_start(&events->poll, UV_READABLE, on_readable);
    if (error)
        log_caused(LOG_EVENTS, LOG_NOBODY, "cannot watch for network events: %s",
                   uv_strerror(error));
}

static const char *reason(int error)
{
    if (error == -ENOBUFS)
        return "some were lost";
    return error == -EBUSY ? "they come too fast" : strerror(-error);
}

static void begin_rest(struct netwatch_events *events, int error)
{
    if (!events->flooded)
        log_caused(LOG_EVENTS, LOG_NOBODY,
                   "more network events than can be read (%s): until that is over, each namespace "
                   "is looked at once per second",
                   reason(error));
    events->flooded = true;
    events->resting = true;
    uv_poll_stop(&events->poll);
    netwatch_socket_set_deaf(events->fd, true);
    netwatch_socket_drain(events->fd);
    uv_timer_start(&events->timer, on_timer, NETWATCH_REST_MS, 0);
    events->doubt(events->owner);
}

/* If the filter cannot be set, the socket stays deaf and rests once more. */
static void end_rest(struct netwatch_events *events)
{
    int error = netwatch_socket_set_deaf(events->fd, false);
    if (error) {
        begin_rest(events, error);
        return;
    }
    events->resting = false;
    events->received = 0;
    events->second = uv_now(events->poll.loop);
    start_poll(events);
    uv_timer_start(&events->timer, on_timer, NETWATCH_CALM_MS, 0);
    events->doubt(events->owner);
}

static void on_timer(uv_timer_t *timer)
{
    struct netwatch_events *events = timer->data;
    if (events->resting) {
        end_rest(events);
        events->heard(events->owner);
        return;
    }
    events->flooded = false;
    log_caused_over(LOG_EVENTS, LOG_NOBODY, "network events can be read again");
}

/* Every namespace that has numbered others reports when a number is removed. Only reports of our
 * own namespace are about the numbers that we use. */
static void take_message(struct netwatch_events *events, int32_t nsid,
                         const struct rtnl_message *message)
{
    switch (message->kind) {
    case RTNL_NSID:
        break;
    case RTNL_NSID_GONE:
        if (nsid == NAMESPACE_OWN)
            events->gone(events->owner, message->nsid);
        break;
    case RTNL_LINK:
    case RTNL_LINK_GONE:
        /* when a port leaves its bridge, the kernel reports it as gone, in the family AF_BRIDGE */
        if (message->bridge)
            break;
        events->hint(events->owner, nsid);
        break;
    default:
        events->hint(events->owner, nsid);
    }
}

static void take_datagram(struct netwatch_events *events, const struct netwatch_datagram *datagram)
{
    if (datagram->any) {
        events->doubt(events->owner);
        return;
    }
    size_t cursor = 0;
    bool malformed = false;
    struct rtnl_message message;
    while (!datagram->cut &&
           rtnl_next(events->buffer, datagram->length, &cursor, &message, &malformed))
        take_message(events, datagram->nsid, &message);
    if (datagram->cut || malformed)
        events->hint(events->owner, datagram->nsid);
}

/* Reads at most one loop turn's share of the second's limit. */
static int read_turn(struct netwatch_events *events)
{
    uint64_t now = uv_now(events->poll.loop);
    if (now - events->second >= 1000) {
        events->second = now;
        events->received = 0;
    }
    for (int i = 0; i < NETWATCH_MESSAGES_PER_TURN; i++) {
        struct netwatch_datagram datagram;
        int error =
            netwatch_socket_receive(events->fd, events->buffer, sizeof events->buffer, &datagram);
        if (error)
            return error == -EAGAIN ? 0 : error;
        if (++events->received > NETWATCH_MESSAGES_PER_SECOND)
            return -EBUSY;
        if (datagram.from_kernel)
            take_datagram(events, &datagram);
    }
    return 0;
}

void netwatch_events_read(struct netwatch_events *events)
{
    if (events->resting)
        return;
    int error = read_turn(events);
    if (error)
        begin_rest(events, error);
}

static void on_readable(uv_poll_t *poll, int status, int flags)
{
    struct netwatch_events *events = poll->data;
    (void)flags;
    netwatch_events_read(events);
    if (status < 0 && !events->resting)
        start_poll(events);
    events->heard(events->owner);
}

int netwatch_events_open(struct netwatch_events *events, uv_loop_t *loop)
{
    int error = netwatch_socket_events(&events->fd, &events->hears_others);
    if (error)
        return error;
    error = uv_poll_init(loop, &events->poll, events->fd);
    if (error) {
        close(events->fd);
        return error;
    }
    uv_timer_init(loop, &events->timer);
    events->poll.data = events;
    events->timer.data = events;
    events->second = uv_now(loop);
    start_poll(events);
    return 0;
}

void netwatch_events_close(struct netwatch_events *events, uv_close_cb closed)
{
    events->poll.data = events->owner;
    events->timer.data = events->owner;
    uv_close((uv_handle_t *)&events->poll, closed);
    uv_close((uv_handle_t *)&events->timer, closed);
    close(events->fd);
}
