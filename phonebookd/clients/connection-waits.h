/* The queues in which connections wait for a turn or for a time.
 *
 * A user is in connections::ready while one of his connections is in his own queue `ready`; after a
 * turn he goes to the end. Within a user, the connection that has waited longest is first.
 *
 * One timer serves all connections that are idle, wait for a name to be live, or could not enter
 * their namespace. It fires at the first of their deadlines, and calls connections::on_clock. */
#ifndef PHONEBOOKD_CONNECTION_WAITS_H
#define PHONEBOOKD_CONNECTION_WAITS_H

#include "connection.h"

/* NULL if memory ran out. Each call needs one user_release(). */
struct user *user_acquire(struct connections *set, uint32_t owner);
void user_release(struct connections *set, struct user *user);

/* Moves the connection to the end of one of the queues, or, with NULL, out of all queues. */
void connection_wait_in(struct connection *connection, struct connection_list *list);
bool connection_may_read(const struct connection *connection);
/* The connection may have something to read: appends it to its user's queue, and the user to the
 * queue of users, unless he is in it. */
void connection_queue(struct connection *connection);
/* The connection could not use its turn: makes it the first of all again. */
void connection_stay_first(struct connection *connection);
/* Removes the connection whose turn it is from its queue and returns it. There must be one. */
struct connection *connections_take_first(struct connections *set);

/* For a new connection, until its first request is accepted. */
void connection_be_idle(struct connection *connection);
void connection_leave_idle(struct connection *connection);
/* Waits until connection::deadline. */
void connection_wait_until_live(struct connection *connection);
/* Waits until its namespace is to be tried again. */
void connection_be_unentered(struct connection *connection);
void connection_leave_unentered(struct connection *connection);
/* Sets the timer to the first deadline. */
void connections_set_clock(struct connections *set);

#endif
