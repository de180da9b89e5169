/* The event socket's life on the loop: heard, overrun, at rest.
 *
 * Happy path: the kernel tells of a change, the owner hears the namespace's nsid, and, when all
 * that was queued has been read, `heard`. Failure modes: more events than the receive buffer holds
 * (the kernel drops some and says ENOBUFS, once), more than NETWATCH_MESSAGES_PER_SECOND, or an
 * error that we do not know. Then the socket rests for NETWATCH_REST_MS with a filter that takes
 * nothing, so that a flood costs the sender's time and not ours, and the owner hears `doubt` at the
 * start and at the end of the rest: every namespace may have changed. libuv (1.44 to 1.52,
 * uv__poll_io()) tells a pending socket error as UV_EBADF and has stopped the handle by then; it is
 * started again. */
#ifndef PHONEBOOKD_NETWATCH_EVENTS_H
#define PHONEBOOKD_NETWATCH_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum {
    NETWATCH_EVENT_SIZE = 1 << 13
}; /* a longer event is cut; its namespace is known all the same */

struct netwatch_events {
    uv_poll_t poll;
    uv_timer_t timer; /* ends a rest; then waits until the flood is over */
    int fd;
    bool hears_others; /* events of other namespaces than ours */
    bool resting;
    bool flooded;    /* it was logged, and its end was not */
    uint64_t second; /* ms on the loop's clock: since when `received` counts */
    unsigned received;
    void *owner;
    void (*hint)(void *owner, int32_t nsid); /* something happened there */
    void (*gone)(void *owner, int32_t nsid); /* the kernel took the number back */
    void (*doubt)(void *owner);              /* something may have happened anywhere */
    void (*heard)(void *owner);              /* that was all for now */
    _Alignas(uint64_t) uint8_t buffer[NETWATCH_EVENT_SIZE];
};

/* Opens the socket and starts to hear; `owner` and the functions are set by the caller before.
 * 0, or -errno with nothing left open. */
int netwatch_events_open(struct netwatch_events *events, uv_loop_t *loop);
/* `closed` is called for each of NETWATCH_EVENTS_HANDLES, whose `data` is the owner. */
enum { NETWATCH_EVENTS_HANDLES = 2 };
void netwatch_events_close(struct netwatch_events *events, uv_close_cb closed);

/* Reads what is queued now, up to a turn's share: hints and doubts, but no `heard`. */
void netwatch_events_read(struct netwatch_events *events);

#endif
