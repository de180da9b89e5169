/* Whose turn it is.
 *
 * A turn is one request, or the storing of a newcomer's socket with its first request. Users have
 * turns one after the other (connection-waits.h), and so have the connections of one user: who has
 * more to say goes to the end, as does one whose answer has come from the keeper. So between a
 * newcomer and its answer lies at most one request of each other user, and one of each connection
 * of the same user that waited before it. Where the keeper's queue is full, whose turn it is stays
 * first, and the others wait behind.
 *
 * `due` is separate, since its answers need no keeper: those who waited until they are live, or
 * until their time was over.
 *
 * A turn of the loop serves so many of each and no more, so that the listener, the timers, the
 * keeper and the netlink sockets have theirs. */
#ifndef PHONEBOOKD_CONNECTION_TURN_H
#define PHONEBOOKD_CONNECTION_TURN_H

#include "../../keeper/protocol.h"
#include "connection.h"

void connections_init_turns(struct connections *set);
/* There may be something to do, such as to note what lingers: to be called where that was not
 * so. */
void connections_go_on(struct connections *set);

/* Something was built: answers those who waited for it. */
void connections_check_waiting(struct connections *set);

/* One is connected, which holds so many sockets, or is lost; nothing of ours is known to be
 * there. */
void connections_keeper_changed(struct connections *set, size_t held);
void connections_stored(struct connections *set, uint64_t key, enum keep_result result);
void connections_stored_note(struct connections *set, enum keep_result result);
/* Stores again whatever the keeper has not as it is now: in portions, beside the requests. */
void connections_keep_all(struct connections *set);
void connections_keep_more(struct connections *set);
/* No request is served, and nothing is sent to the keeper, until there is another keeper, or
 * connections_keep_more(): requests stay in their sockets. What is due is answered. */
void connections_pause(struct connections *set);

#endif
