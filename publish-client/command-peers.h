/* Which socket is at the other end of which, as unix_diag tells it (sock_diag(7)): of the sockets of
 * one network namespace, that of the thread that asks. Both ends of a connection are in the
 * namespace of the client that made it. */
#ifndef PUBLISH_CLIENT_COMMAND_PEERS_H
#define PUBLISH_CLIENT_COMMAND_PEERS_H

#include <stddef.h>
#include <sys/types.h>

struct socket_use;

struct peers {
    struct peer {
        ino_t inode, other;
    } * all; /* owned; by inode after peers_sort() */
    size_t n, room;
};

/* Adds the connected sockets of this thread's network namespace. 0 or -errno. */
int peers_read(struct peers *peers);
void peers_sort(struct peers *peers);
void peers_fini(struct peers *peers);

/* The other end; 0 where it is not known. */
ino_t peers_find(const struct peers *peers, ino_t inode);

/* Brings this thread into the network namespace of a socket that another process has open, for
 * good. 0 or -errno: -EPERM without CAP_SYS_PTRACE over the process and CAP_SYS_ADMIN. */
int peers_enter(const struct socket_use *use);

#endif
