#include "supervisor.h"

#include "../common/listen-fds.h"
#include "../common/notify.h"
#include "../common/number.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int supervisor_socket(const char *name, const char *path)
{
    int fd = listen_fds_find(name, path);
    if (fd < 0)
        return -ENOENT;
    char why[LISTEN_FDS_TEXT_MAX];
    if (listen_fds_take(fd, SOCK_STREAM, why))
        return fd;
    log_error("%s: LISTEN_FDS: %s", name, why);
    return -EINVAL;
}

/* ---- messages to it ---- */

static void on_timer(uv_timer_t *timer);

static void take_first(struct supervisor *supervisor)
{
    supervisor->n_waiting--;
    memmove(supervisor->waiting[0], supervisor->waiting[1],
            supervisor->n_waiting * sizeof supervisor->waiting[0]);
}

static void wait_for_room(struct supervisor *supervisor)
{
    if (!supervisor->late)
        log_caused(LOG_PROGRAM, LOG_NOBODY,
                   "the supervisor cannot be notified: its queue is full; trying again");
    supervisor->late = true;
    uv_timer_start(&supervisor->timer, on_timer, NOTIFY_RETRY_MS, 0);
}

static void tell(struct supervisor *supervisor)
{
    while (supervisor->n_waiting > 0) {
        int error = notify(supervisor->waiting[0]);
        if (error == -EAGAIN) {
            wait_for_room(supervisor);
            return;
        }
        if (error)
            log_caused(LOG_PROGRAM, LOG_NOBODY, "the supervisor cannot be notified: %s",
                       strerror(-error));
        else if (supervisor->late)
            log_caused_over(LOG_PROGRAM, LOG_NOBODY, "the supervisor is notified again");
        supervisor->late = false;
        take_first(supervisor);
    }
}

static void on_timer(uv_timer_t *timer)
{
    tell(timer->data);
}

void supervisor_notify(struct supervisor *supervisor, const char *state)
{
    if (strcmp(state, "READY=1") != 0 || supervisor->n_waiting == SUPERVISOR_WAITING)
        supervisor->n_waiting = 0;
    snprintf(supervisor->waiting[supervisor->n_waiting++], SUPERVISOR_STATE_MAX, "%s", state);
    uv_timer_stop(&supervisor->timer);
    tell(supervisor);
}

void supervisor_ready(struct supervisor *supervisor, int fd)
{
    int error = notify_newline(fd);
    if (error)
        log_warning("the readiness descriptor %d cannot be written: %s", fd, strerror(-error));
    supervisor_notify(supervisor, "READY=1");
}

void supervisor_init(struct supervisor *supervisor, uv_loop_t *loop)
{
    *supervisor = (struct supervisor){.n_waiting = 0};
    uv_timer_init(loop, &supervisor->timer);
    supervisor->timer.data = supervisor;
}

void supervisor_close(struct supervisor *supervisor)
{
    uv_close((uv_handle_t *)&supervisor->timer, NULL);
}

/* ---- the watchdog ---- */

/* A number in the environment; -1 if there is none. */
static int64_t variable(const char *name)
{
    const char *value = getenv(name);
    return value ? number_of(value, strlen(value), INT64_MAX) : -1;
}

uint64_t supervisor_watchdog_ms(void)
{
    int64_t limit = variable("WATCHDOG_USEC");
    if (limit <= 0 || (getenv("WATCHDOG_PID") && variable("WATCHDOG_PID") != getpid()))
        return 0;
    return (uint64_t)limit / 1000;
}
