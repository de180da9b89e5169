/* What the keeper is given of a connection, and when. */
#ifndef PHONEBOOKD_CONNECTION_KEEP_H
#define PHONEBOOKD_CONNECTION_KEEP_H

#include "../../keeper/protocol.h"
#include "connection.h"

/* Who is behind a key that the keeper named; NULL: nobody. */
struct connection *connections_find_kept(const struct connections *set, uint64_t key);

/* Stores the socket, where the keeper has it not yet. False where its queue is full: the connection
 * stays first. */
bool connection_store_socket(struct connection *connection);
/* Stores `current`. True where no answer is to be waited for: there is no keeper, or nothing new
 * for it. */
bool connection_store_current(struct connection *connection);
/* The keeper's answer. Whose `current` it was for; NULL: nobody's. */
struct connection *connections_note_result(struct connections *set, uint64_t key,
                                           enum keep_result result);
/* A copy that a restart would not bring back. */
void connection_warn_of_full(const struct connection *connection, const char *what);

/* Is there something to store again, and the last portion of that answered? */
bool connections_may_store_again(const struct connections *set);
void connections_store_again(struct connections *set); /* a portion */

/* Has the keeper been sent all that would be stored again? Not where there is none, as far as
 * anything is held. */
bool connections_are_stored(const struct connections *set);
/* Stores the sockets of those that have had no turn yet. False where the keeper's queue is full. */
bool connections_store_newcomers(struct connections *set);

/* As the keeper_ops of that name. */
void connections_refused_by_keeper(struct connections *set, uint64_t key);

#endif
