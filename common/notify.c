#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int send_to(const struct sockaddr_un *address, socklen_t length, const char *state,
                   int flags)
{
    struct timeval limit = {.tv_sec = NOTIFY_LIMIT_S};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | flags, (const struct sockaddr *)address,
               length) < 0)
        error = -errno;
    close(fd);
    return error;
}

static int notify_with(const char *state, int flags)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;

    if (length == 0)
        return 0;
    if (length >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') /* an abstract name (unix(7)) */
        address.sun_path[0] = '\0';
    return send_to(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length), state,
                   flags);
}

int notify(const char *state)
{
    return notify_with(state, 0);
}

int notify_now(const char *state)
{
    return notify_with(state, MSG_DONTWAIT);
}

int notify_newline(int fd)
{
    int error, null;

    if (fd < 0)
        return 0;
    error = write(fd, "\n", 1) == 1 ? 0 : -errno;
    null = fd <= STDERR_FILENO ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (null < 0 || dup2(null, fd) < 0)
        close(fd);
    if (null >= 0)
        close(null);
    return error;
}
