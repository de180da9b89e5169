#include "supervisor.h"

#include "../common/listen-fds.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    int fd;

    if (length < 2 || length >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        log_warning("the supervisor cannot be notified: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
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
