#include "write-now.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static mode_t kind_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) < 0 ? 0 : status.st_mode & S_IFMT;
}

int write_now_open(int fd)
{
    mode_t kind = kind_of(fd);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int opened = -1;
    if (kind == S_IFIFO || kind == S_IFCHR)
        opened = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return opened < 0 ? fd : opened;
}

/* poll(2) alone is not enough: another writer may take the last room of the pipe after it.
 * RWF_NOWAIT prevents this where the kernel supports it for pipes (Linux 6.4), elsewhere O_NONBLOCK
 * if write_now_open() could set it. */
ssize_t write_now(int fd, const char *text, size_t length)
{
    struct iovec part = {.iov_base = (char *)text,
                         .iov_len = length < PIPE_BUF ? length : PIPE_BUF};
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    mode_t kind = kind_of(fd);
    if (kind == S_IFSOCK)
        return send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    errno = 0;
    ssize_t n = -1;
    if (kind == S_IFIFO)
        n = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
    if (n >= 0 || errno == EAGAIN)
        return n;
    errno = EAGAIN;
    return poll(&ready, 1, 0) > 0 ? write(fd, text, part.iov_len) : -1;
}
