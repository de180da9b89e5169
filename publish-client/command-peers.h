/* Which sockets are connected to each other, from unix_diag (sock_diag(7)), for the network
 * namespace of the calling thread. Both ends of a connection are in the namespace of the client
 * that made it. */
#ifndef PUBLISH_CLIENT_COMMAND_PEERS_H
#define PUBLISH_CLIENT_COMMAND_PEERS_H

#include <stddef.h>
#include <sys/types.h>

struct socket_use;

struct peers {
    struct peer {
        ino_t inode, other;
    } * all; /* owned; sorted by inode after peers_sort() */
    size_t n, room;
};

/* Adds the connected sockets of this thread's network namespace. 0 or -errno. */
int peers_read(struct peers *peers);
void peers_sort(struct peers *peers);
void peers_fini(struct peers *peers);

/* The other end; 0 if it is not known. */
ino_t peers_find(const struct peers *peers, ino_t inode);

/* Moves this thread permanently into the network namespace of a socket that another process has
 * open. 0 or -errno; -EPERM without CAP_SYS_PTRACE over the process and CAP_SYS_ADMIN. */
int peers_enter(const struct socket_use *use);

#endif
