/* Which processes have which sockets open, as /proc/PID/fd shows it (proc(5)). */
#ifndef PUBLISH_CLIENT_COMMAND_SOCKETS_H
#define PUBLISH_CLIENT_COMMAND_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct socket_use {
    ino_t inode; /* of the socket */
    pid_t pid;
    int fd;
};

struct sockets {
    struct socket_use *all; /* owned; by inode, then pid: a process that has two copies is there
                             * twice */
    size_t n, room;
    bool hidden; /* there are processes whose descriptors we may not see */
    bool failed; /* memory ran out */
};

/* Looks at all processes. *sockets is zero. */
void sockets_scan(struct sockets *sockets);
void sockets_fini(struct sockets *sockets);

/* The uses of one socket: the first of *n, or NULL. */
const struct socket_use *sockets_find(const struct sockets *sockets, ino_t inode, size_t *n);

#endif
