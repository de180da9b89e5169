/* Which processes have which sockets open, from /proc/PID/fd (proc(5)). */
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
    /* Owned; sorted by inode, then pid. A process with two copies occurs twice. */
    struct socket_use *all;
    size_t n, room;
    bool hidden; /* there are processes whose descriptors we may not see */
    bool failed; /* memory ran out */
};

/* Looks at all processes. *sockets must be zero. */
void sockets_scan(struct sockets *sockets);
void sockets_fini(struct sockets *sockets);

/* The uses of one socket: the first of *n, or NULL. */
const struct socket_use *sockets_find(const struct sockets *sockets, ino_t inode, size_t *n);

#endif
