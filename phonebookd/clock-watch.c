#include "clock-watch.h"

#include "limits.h"

#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The timer never expires; it is cancelled when the clock is set, and armed again then. */
static int arm(int fd)
{
    const struct itimerspec never = {.it_value.tv_sec = INT64_MAX / 1000000000};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void on_timer(uv_timer_t *timer)
{
    struct clock_watch *watch = timer->data;
    watch->look(watch->owner);
}

static void on_set(uv_poll_t *poll, int status, int events)
{
    struct clock_watch *watch = poll->data;
    (void)status;
    (void)events;
    uint64_t expired;
    (void)!read(watch->fd, &expired, sizeof expired); /* ECANCELED */
    if (arm(watch->fd) < 0)
        uv_poll_stop(poll);
    watch->look(watch->owner);
}

static void watch_settings(struct clock_watch *watch, uv_loop_t *loop)
{
    watch->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (watch->fd < 0)
        return;
    if (arm(watch->fd) < 0 || uv_poll_init(loop, &watch->poll, watch->fd) != 0) {
        close(watch->fd);
        watch->fd = -1;
        return;
    }
    watch->poll.data = watch;
    uv_poll_start(&watch->poll, UV_READABLE, on_set);
}

void clock_watch_start(struct clock_watch *watch, uv_loop_t *loop, void (*look)(void *owner),
                       void *owner)
{
    *watch = (struct clock_watch){.look = look, .owner = owner};
    uv_timer_init(loop, &watch->timer);
    watch->timer.data = watch;
    uv_timer_start(&watch->timer, on_timer, CLOCK_LOOK_MS, CLOCK_LOOK_MS);
    watch_settings(watch, loop);
}

void clock_watch_close(struct clock_watch *watch)
{
    uv_close((uv_handle_t *)&watch->timer, NULL);
    if (watch->fd < 0)
        return;
    uv_close((uv_handle_t *)&watch->poll, NULL);
    close(watch->fd);
}
