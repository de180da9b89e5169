#include "supervisor.h"

#include "../common/listen-fds.h"
#include "../common/notify.h"
#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

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
