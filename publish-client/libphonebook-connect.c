#include "libphonebook-connect.h"

#include "../common/clock.h"
#include "../common/standard-fds.h"
#include "../include/phonebook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const char runtime_default[] = "/run/phonebook";

int phonebook_path(char *path, size_t size, const char *runtime, const char *socket_name)
{
    if (!runtime)
        runtime = secure_getenv("PHONEBOOK_RUNTIME");
    if (!runtime || !*runtime)
        runtime = runtime_default;
    int length = snprintf(path, size, "%s/%s", runtime, socket_name);
    if (length < 0)
        return -EINVAL;
    /* The kernel would accept a path that was cut, and others would not find it. */
    if ((size_t)length >= size || (size_t)length >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return -ENAMETOOLONG;
    return 0;
}

static long long monotonic_ms(void)
{
    return (long long)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}

long long deadline_of(int timeout_ms)
{
    return timeout_ms < 0 ? -1 : monotonic_ms() + timeout_ms;
}

int wait_before(int fd, short events, long long deadline)
{
    struct pollfd ready = {fd, events, 0};
    long long left = deadline < 0 ? -1 : deadline - monotonic_ms();
    if (deadline >= 0 && left <= 0)
        return -ETIMEDOUT;
    if (left > INT_MAX)
        left = INT_MAX;
    return poll(&ready, 1, (int)left) < 0 && errno != EINTR ? -errno : 0;
}

static void set_timeout(int fd, int option, int timeout_ms)
{
    /* to the kernel, zero means "for ever" */
    struct timeval limit = {0};
    if (timeout_ms > 0)
        limit = (struct timeval){timeout_ms / 1000, timeout_ms % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit);
}

/* connect(2) on a Unix socket returns at once, or blocks while the backlog is full; SO_SNDTIMEO
 * limits that (unix_stream_connect()), with EAGAIN. A signal ends the call without a connection,
 * and then we try again. */
static int connect_before(int fd, const struct sockaddr_un *address, int timeout_ms)
{
    long long deadline = monotonic_ms() + timeout_ms;
    for (;;) {
        set_timeout(fd, SO_SNDTIMEO, timeout_ms);
        if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
            break;
        if (errno != EINTR)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (timeout_ms > 0) {
            long long left = deadline - monotonic_ms();
            if (left <= 0)
                return -ETIMEDOUT;
            timeout_ms = (int)left;
        }
    }
    set_timeout(fd, SO_SNDTIMEO, -1); /* the descriptor may be inherited, so restore the default */
    return 0;
}

static int connect_at_once(int fd, const struct sockaddr_un *address)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    int error = connect(fd, (const struct sockaddr *)address, sizeof *address) ? -errno : 0;
    fcntl(fd, F_SETFL, 0);
    return error;
}

int connect_daemon(const char *runtime, const char *socket_name, int timeout_ms)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int error = phonebook_path(address.sun_path, sizeof address.sun_path, runtime, socket_name);
    if (error)
        return error;
    int fd = above_standard_fds(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd < 0)
        return fd;
    error =
        timeout_ms == 0 ? connect_at_once(fd, &address) : connect_before(fd, &address, timeout_ms);
    if (error) {
        close(fd);
        return error;
    }
    return fd;
}

int phonebook_list_open(const char *runtime, int timeout_ms)
{
    int fd = connect_daemon(runtime, "list", timeout_ms);
    if (fd >= 0)
        set_timeout(fd, SO_RCVTIMEO, timeout_ms);
    return fd;
}
