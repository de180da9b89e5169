/* Says when the wall clock may have been set: it is to be looked at then.
 *
 * Happy path: `look` is called each CLOCK_LOOK_MS, and at once where the kernel says that the clock
 * was set, or that the machine was suspended (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET; it says
 * so of no clock that a namespace or a library makes different). Failure mode: without a timerfd,
 * each CLOCK_LOOK_MS only. */
#ifndef PHONEBOOKD_CLOCK_WATCH_H
#define PHONEBOOKD_CLOCK_WATCH_H

#include <stdbool.h>
#include <uv.h>

struct clock_watch {
    uv_timer_t timer;
    uv_poll_t poll;
    int fd; /* -1: none */
    void (*look)(void *owner);
    void *owner;
};

void clock_watch_start(struct clock_watch *watch, uv_loop_t *loop, void (*look)(void *owner),
                       void *owner);
/* The loop runs the close callbacks; `watch` is there until then. */
void clock_watch_close(struct clock_watch *watch);

#endif
