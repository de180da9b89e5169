#include "supervisor.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTEN_FDS_START = 3, LISTEN_FDS_MAX = 64 };

static int count_passed(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    long n;

    if (!pid || !count || strtol(pid, NULL, 10) != getpid())
        return 0;
    n = strtol(count, NULL, 10);
    return n < 0 ? 0 : n > LISTEN_FDS_MAX ? LISTEN_FDS_MAX : (int)n;
}

static int is_bound_to(int fd, const char *path)
{
    struct sockaddr_un address = {0};
    socklen_t length = sizeof address;

    return getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
           address.sun_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path) &&
           strncmp(address.sun_path, path, sizeof address.sun_path) == 0;
}

/* Does field `index` of LISTEN_FDNAMES (separated by colons) equal `name`? */
static int is_named(int index, const char *name)
{
    const char *names = getenv("LISTEN_FDNAMES");
    size_t length = strlen(name);

    for (; names && index > 0; index--) {
        names = strchr(names, ':');
        names = names ? names + 1 : NULL;
    }
    return names && strncmp(names, name, length) == 0 &&
           (names[length] == ':' || names[length] == '\0');
}

int supervisor_socket(const char *name, const char *path)
{
    int n = count_passed(), found = -1;

    for (int i = 0; i < n; i++)
        if (is_bound_to(LISTEN_FDS_START + i, path))
            found = LISTEN_FDS_START + i;
    for (int i = 0; i < n && found < 0; i++)
        if (is_named(i, name))
            found = LISTEN_FDS_START + i;
    if (found >= 0) {
        fcntl(found, F_SETFD, FD_CLOEXEC);
        fcntl(found, F_SETFL, fcntl(found, F_GETFL) | O_NONBLOCK);
    }
    return found;
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
