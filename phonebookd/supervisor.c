#include "supervisor.h"

#include "../common/listen-fds.h"
#include "../common/notify.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
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

/* A standard descriptor that is closed would be given to the next socket, and be taken for what it
 * was. */
static void let_go(int fd)
{
    int null = fd <= STDERR_FILENO ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;

    if (null < 0 || dup2(null, fd) < 0)
        close(fd);
    if (null >= 0)
        close(null);
}

void supervisor_ready(int fd)
{
    if (fd >= 0) {
        if (write(fd, "\n", 1) != 1)
            log_warning("the readiness descriptor %d cannot be written: %s", fd, strerror(errno));
        let_go(fd);
    }
    supervisor_notify("READY=1");
}
