#include "notify.h"

#include "passed-fd.h"
#include "write-now.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATE_MAX = 128 }; /* for states that name a descriptor */

/* `passed`: a descriptor to send, or -1. */
static int send_to(struct sockaddr_un *address, socklen_t length, const char *state, int passed,
                   int flags)
{
    struct iovec part = {(void *)state, strlen(state)};
    struct msghdr message = {
        .msg_name = address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    union passed_fd room;
    passed_fd_add(&message, &room, passed);
    struct timeval limit = {.tv_sec = NOTIFY_LIMIT_S};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int error = 0;
    if (sendmsg(fd, &message, MSG_NOSIGNAL | flags) < 0)
        error = -errno;
    close(fd);
    return error;
}

static int notify_with(const char *state, int fd, int flags)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path ? strlen(path) : 0;
    if (length == 0)
        return 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (length >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') /* an abstract name (unix(7)) */
        address.sun_path[0] = '\0';
    return send_to(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length), state,
                   fd, flags);
}

int notify(const char *state)
{
    return notify_with(state, -1, MSG_DONTWAIT);
}

bool notify_is_wanted(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    return path && *path;
}

bool notify_is_abstract(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    return path && path[0] == '@';
}

int notify_store(const char *name, int fd)
{
    char state[STATE_MAX];
    snprintf(state, sizeof state, "FDSTORE=1\nFDNAME=%s", name);
    return notify_with(state, fd, 0);
}

int notify_forget(const char *name)
{
    char state[STATE_MAX];
    snprintf(state, sizeof state, "FDSTOREREMOVE=1\nFDNAME=%s", name);
    return notify_with(state, -1, 0);
}

int notify_newline(int fd)
{
    if (fd < 0)
        return 0;
    int error = write_now(fd, "\n", 1) == 1 ? 0 : -errno;
    int null = fd <= STDERR_FILENO ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (null < 0 || dup2(null, fd) < 0)
        close(fd);
    if (null >= 0)
        close(null);
    return error;
}
