/* Listens for the kernel's events on the loop.
 *
 * Happy path: the kernel reports a change, `hint` is called with the nsid of the namespace, and
 * `heard` when all queued events are read. Failure modes: more events than fit in the receive
 * buffer (the kernel drops some and reports ENOBUFS once), more than NETWATCH_MESSAGES_PER_SECOND,
 * or an unknown error. Then the socket gets a filter that drops everything for NETWATCH_REST_MS, so
 * that a flood costs only its sender's time. `doubt` is called at the start and at the end of this
 * rest, because any namespace may have changed. libuv (1.44 to 1.52, uv__poll_io()) reports a
 * pending socket error as UV_EBADF and stops the handle, so we start it again. */
#ifndef PHONEBOOKD_NETWATCH_EVENTS_H
#define PHONEBOOKD_NETWATCH_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* A longer event is cut, but its namespace is still known. */
enum { NETWATCH_EVENT_SIZE = 1 << 13 };

struct netwatch_events {
    uv_poll_t poll;
    uv_timer_t timer; /* ends a rest, then waits until the flood is over */
    int fd;
    bool hears_others; /* we receive events of other namespaces than our own */
    bool resting;
    bool flooded;    /* a flood was logged, and its end was not yet */
    uint64_t second; /* when `received` began to count, in ms on the loop's clock */
    unsigned received;
    void *owner;
    void (*hint)(void *owner, int32_t nsid); /* something changed in this namespace */
    void (*gone)(void *owner, int32_t nsid); /* the kernel removed this nsid */
    void (*doubt)(void *owner);              /* any namespace may have changed */
    void (*heard)(void *owner);              /* all queued events were read */
    _Alignas(uint64_t) uint8_t buffer[NETWATCH_EVENT_SIZE];
};

/* Opens the socket and starts to listen. The caller must have set `owner` and the functions. 0, or
 * -errno with nothing left open. */
int netwatch_events_open(struct netwatch_events *events, uv_loop_t *loop);
/* `closed` is called for each of the NETWATCH_EVENTS_HANDLES handles; their `data` is the owner. */
enum { NETWATCH_EVENTS_HANDLES = 2 };
void netwatch_events_close(struct netwatch_events *events, uv_close_cb closed);

/* Reads the queued events, at most one turn's share. Calls `hint` and `doubt`, but not `heard`. */
void netwatch_events_read(struct netwatch_events *events);

#endif
