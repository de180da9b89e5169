#include "log-line.h"

#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static mode_t kind_of(int file)
{
    struct stat status;

    return fstat(file, &status) < 0 ? 0 : status.st_mode & S_IFMT;
}

void log_lines_open(struct log_lines *lines)
{
    mode_t kind = kind_of(STDERR_FILENO);
    int opened = -1;

    if (kind == S_IFIFO || kind == S_IFCHR)
        opened = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (opened >= 0)
        lines->fd = opened;
}

/* Does not block. poll(2) alone would leave a gap, in which another writer takes the last room of a
 * pipe: RWF_NOWAIT closes it where the kernel knows it for pipes (Linux 6.4), O_NONBLOCK where
 * log_lines_open() could set it. */
static ssize_t write_now(int fd, const char *text, size_t length)
{
    struct iovec part = {.iov_base = (char *)text, .iov_len = length};
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    mode_t kind = kind_of(fd);
    ssize_t n = -1;

    if (kind == S_IFSOCK)
        return send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    errno = 0;
    if (kind == S_IFIFO)
        n = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
    if (n < 0 && errno != EAGAIN && poll(&ready, 1, 0) > 0)
        n = write(fd, text, length);
    return n;
}

static bool write_text(const struct log_lines *lines, const char *level, const char *text)
{
    char line[LOG_LINE_MAX + 64];
    int length = snprintf(line, sizeof line, "%s: %s%s\n", lines->program, level, text);

    return write_now(lines->fd, line, (size_t)length) >= 0;
}

/* What could not be written is told before what can. */
static void tell_dropped(struct log_lines *lines)
{
    char text[80];

    snprintf(text, sizeof text, "%lu lines are missing here: nobody read the log", lines->dropped);
    if (write_text(lines, "warning: ", text))
        lines->dropped = 0;
}

void log_line(struct log_lines *lines, const char *level, char *text)
{
    plain_utf8(text, strlen(text));
    if (lines->dropped > 0)
        tell_dropped(lines);
    if (!write_text(lines, level, text))
        lines->dropped++;
}
