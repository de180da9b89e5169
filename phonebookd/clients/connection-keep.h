/* Stores connections and their registrations with the keeper. */
#ifndef PHONEBOOKD_CONNECTION_KEEP_H
#define PHONEBOOKD_CONNECTION_KEEP_H

#include "../../keeper/protocol.h"
#include "connection.h"
#include "kept-text.h"

/* The connection with this key, or NULL. */
struct connection *connections_find_kept(const struct connections *set, uint64_t key);

/* Stores the socket with the keeper, unless the keeper has it. False if the keeper's queue is full:
 * the connection stays first. */
bool connection_store_socket(struct connection *connection);
/* Stores `current` with the keeper. True if there is no answer to wait for, because there is no
 * keeper or nothing new to store. */
bool connection_store_current(struct connection *connection);
/* Tells the keeper to forget this registration. False if the keeper's queue is full. */
bool connection_forget(struct connection *connection, const struct kept_text *kept);
/* The keeper has answered. Returns the connection whose `current` the answer is for, or NULL. */
struct connection *connections_note_result(struct connections *set, uint64_t key,
                                           enum keep_result result);
/* Logs that the keeper has no room, so that a restart would lose this connection. */
void connection_warn_of_full(const struct connection *connection, const char *what);

/* Is there something to store again, and has the keeper answered the last portion? */
bool connections_may_store_again(const struct connections *set);
void connections_store_again(struct connections *set); /* stores one portion */

/* Is nothing left to be stored again? False without a keeper, if anything is held. */
bool connections_are_stored(const struct connections *set);
/* Stores the sockets of connections that had no turn yet. False if the keeper's queue is full. */
bool connections_store_newcomers(struct connections *set);

/* For keeper_ops::socket_refused. */
void connections_refused_by_keeper(struct connections *set, uint64_t key);

#endif
