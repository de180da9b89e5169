#include "supervisor.h"

#include "../common/listen-fds.h"
#include "../common/notify.h"
#include "../common/number.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int supervisor_socket(const char *name, const char *path)
{
    char why[LISTEN_FDS_TEXT_MAX];
    int fd = listen_fds_find(name, path);

    if (fd < 0)
        return -ENOENT;
    if (listen_fds_take(fd, SOCK_STREAM, why))
        return fd;
    log_error("%s: LISTEN_FDS: %s", name, why);
    return -EINVAL;
}

void supervisor_notify(const char *state)
{
    int error = notify(state);

    if (error < 0)
        log_caused(LOG_PROGRAM, LOG_NOBODY, "the supervisor cannot be notified: %s",
                   strerror(-error));
}

void supervisor_ready(int fd)
{
    int error = notify_newline(fd);

    if (error)
        log_warning("the readiness descriptor %d cannot be written: %s", fd, strerror(-error));
    supervisor_notify("READY=1");
}

bool supervisor_listens(void)
{
    const char *path = getenv("NOTIFY_SOCKET");

    return path && *path;
}

bool supervisor_notify_now(const char *state)
{
    return notify_now(state) == 0;
}

/* A number in the environment; -1 where there is none. */
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
