/* Reports when the wall clock may have been set.
 *
 * Happy path: `look` is called every CLOCK_LOOK_MS, and at once when the kernel reports that the
 * clock was set or the machine was suspended (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). The
 * kernel does not report changes of a clock that only a namespace or a library changes. Failure
 * mode: without a timerfd, `look` is called every CLOCK_LOOK_MS only. */
#ifndef PHONEBOOKD_CLOCK_WATCH_H
#define PHONEBOOKD_CLOCK_WATCH_H

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
/* `watch` must exist until the loop has run the close callbacks. */
void clock_watch_close(struct clock_watch *watch);

#endif
