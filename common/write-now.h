/* Writes without waiting to a descriptor that other programs share. O_NONBLOCK is no solution
 * there: it would apply to all of them, including the shell. */
#ifndef COMMON_WRITE_NOW_H
#define COMMON_WRITE_NOW_H

#include <stddef.h>
#include <sys/types.h>

/* For a terminal or a pipe that can be opened once more: a new descriptor of the same file,
 * non-blocking and close-on-exec. Otherwise `fd` itself. */
int write_now_open(int fd);

/* Like write(2), for at most PIPE_BUF octets, which a pipe takes whole or not at all. -1 and EAGAIN
 * if there is no room; poll(2) for POLLOUT tells when there is. It can block only on a regular file
 * on a disk that hangs. */
ssize_t write_now(int fd, const char *text, size_t length);

#endif
