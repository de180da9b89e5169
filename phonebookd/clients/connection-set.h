/* All connections: newcomers, and the order of turns.
 *
 * A turn is one request, or the storing of a new connection's socket together with its first
 * request. Users have turns one after the other (connection-waits.h), and so do the connections of
 * one user. A connection with more requests goes to the end of its queue, and so does one that got
 * the keeper's answer. So a new connection waits for at most one request of each other user, and
 * one of each connection of the same user that came before it. If the keeper's queue is full, the
 * connection whose turn it is stays first, and the others wait behind it.
 *
 * The queue `due` is separate, because its answers do not need the keeper: it has the connections
 * that waited for a name to be live, when it is live or their time is over.
 *
 * Each loop turn serves a limited number of each kind, so that the listener, the timers, the keeper
 * and the netlink sockets get their turns. */
#ifndef PHONEBOOKD_CONNECTION_SET_H
#define PHONEBOOKD_CONNECTION_SET_H

#include "../../keeper/protocol.h"
#include "connection.h"

/* `limit` is the maximum number of connections. 0 or -errno. */
int connections_init(struct connections *set, uv_loop_t *loop, struct registry *registry,
                     struct accounts *accounts, size_t limit, const struct connections_ops *ops,
                     void *owner);
/* Ends every connection without a message, and closes the handles. */
void connections_close(struct connections *set);

/* Takes over an accepted socket. If it cannot be served, one line says why, and it is closed. */
void connections_add(struct connections *set, int fd);

/* All holders, for registry_set_zones(), in an array to be freed; NULL if memory ran out. */
struct holder **connections_holders(const struct connections *set);

/* To be called when there may be new work that no other function here announces, such as names that
 * began to linger. */
void connections_go_on(struct connections *set);

/* A build is done: answers the connections that waited for it. */
void connections_check_waiting(struct connections *set);

/* The keeper was lost, or another one is connected, which holds `held` sockets. Which of ours are
 * among them is not known yet. */
void connections_keeper_changed(struct connections *set, size_t held);
void connections_stored(struct connections *set, uint64_t key, enum keep_result result);
void connections_stored_note(struct connections *set, enum keep_result result);
/* Stores everything again that the keeper does not have in its present form: in portions, between
 * requests. */
void connections_keep_all(struct connections *set);
void connections_keep_more(struct connections *set);
/* Until another keeper is connected, or connections_keep_more(): serves no requests, which stay in
 * their sockets, and sends nothing to the keeper. Connections in `due` are answered. */
void connections_pause(struct connections *set);

#endif
