/* Writing without waiting, to a descriptor that others share: O_NONBLOCK on it would be seen by all
 * of them, the shell and its other programs too. */
#ifndef COMMON_WRITE_NOW_H
#define COMMON_WRITE_NOW_H

#include <stddef.h>
#include <sys/types.h>

/* A descriptor of our own for what `fd` is, non-blocking and close-on-exec, where that is a
 * terminal or a pipe that may be opened once more; else `fd` itself. */
int write_now_open(int fd);

/* As write(2), of PIPE_BUF octets at most, which a pipe takes as a whole or not. -1 and EAGAIN
 * where there is no room; poll(2) for POLLOUT tells when there is. Only a regular file on a disk
 * that hangs still blocks. */
ssize_t write_now(int fd, const char *text, size_t length);

#endif
