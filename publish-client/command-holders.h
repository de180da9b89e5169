/* Finds the processes that hold connections now: those that have the client's end of one open.
 *
 * Happy path: the list names the daemon's end of each connection. unix_diag, in the connection's
 * namespace, names the socket at the other end, and /proc/PID/fd shows the processes that have this
 * socket open. Root enters other namespaces through the daemon's copy of the socket, and this
 * process stays in the last one. Failure modes: other users see only their own processes, and
 * connections of their own namespace; the rest is unknown. A copy that is in flight in a message,
 * or in a process of another pid namespace, cannot be seen. */
#ifndef PUBLISH_CLIENT_COMMAND_HOLDERS_H
#define PUBLISH_CLIENT_COMMAND_HOLDERS_H

#include "command-holding.h"
#include "command-peers.h"
#include "command-sockets.h"

#include <stdbool.h>
#include <stddef.h>

struct phonebook_entry;

struct holders {
    struct connection_end {
        ino_t namespace, socket;
    } * ends; /* owned */
    size_t n, room;
    struct sockets sockets;
    struct peers peers;
    bool failed; /* memory ran out */
};

/* Adds the connection of an entry. *holders is zero at first. */
void holders_add(struct holders *holders, const struct phonebook_entry *entry);
/* Looks for the holders, when all connections were added. */
void holders_look(struct holders *holders);
void holders_fini(struct holders *holders);

/* The processes that hold the entry's connection. False if memory ran out. */
bool holders_find(const struct holders *holders, const struct phonebook_entry *entry,
                  struct holding *holding);

#endif
