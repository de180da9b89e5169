/* The processes that hold connections now: those that have the client's end of one open.
 *
 * Happy path: the list names the daemon's end of each connection. unix_diag says which socket is at
 * the other end, and has to be asked in the namespace of the connection; /proc/PID/fd says which
 * processes have that open. root gets into another namespace by way of the daemon's copy of the
 * socket; after that this process stays in such a namespace.
 * Failure modes: other users see their own processes, and connections of their own namespace: the
 * others are unknown. A copy that is under way in a message, or in a process of another pid
 * namespace, is seen by nobody. */
#ifndef PUBLISH_CLIENT_COMMAND_HOLDERS_H
#define PUBLISH_CLIENT_COMMAND_HOLDERS_H

#include "command-peers.h"
#include "command-sockets.h"

#include <stdbool.h>
#include <stddef.h>

struct phonebook_entry;

enum { PROCESS_NAME_MAX = 16 };

struct holding_process {
    pid_t pid;
    char name[PROCESS_NAME_MAX + 1]; /* of /proc/PID/comm: any octets but a line feed */
};

/* Of one connection. */
struct holding {
    bool known;
    struct holding_process *all; /* owned; by pid */
    size_t n;
};

struct holders {
    struct connection_end {
        ino_t namespace, socket;
    } * ends; /* owned */
    size_t n, room;
    struct sockets sockets;
    struct peers peers;
    bool failed; /* memory ran out */
};

/* Adds the connection of an entry; *holders is zero at first. */
void holders_add(struct holders *holders, const struct phonebook_entry *entry);
/* When all were added: looks. */
void holders_look(struct holders *holders);
void holders_fini(struct holders *holders);

/* The processes that hold the connection of the entry. False if memory ran out. */
bool holders_find(const struct holders *holders, const struct phonebook_entry *entry,
                  struct holding *holding);
void holding_fini(struct holding *holding);
/* "4711(httpd),4712(sh)"; "?" where they are unknown; "" where there is none. What would divide it
 * has become "?" in their names. To be freed; NULL if memory ran out. */
char *holding_text(const struct holding *holding);

#endif
