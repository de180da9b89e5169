/* Where a connection waits: for a turn, or for a time.
 *
 * A user is queued in connections::ready while one of his connections is in his own `ready`; who
 * has had a turn goes to the end. Within a user whoever has waited longest is first.
 *
 * The clock of those who are idle, wait for something to be live, or could not enter their
 * namespace rings at the first of their deadlines. What is done then is connections::on_clock. */
#ifndef PHONEBOOKD_CONNECTION_WAITS_H
#define PHONEBOOKD_CONNECTION_WAITS_H

#include "connection.h"

/* NULL where memory ran out. Each is to be released once. */
struct user *user_acquire(struct connections *set, uint32_t owner);
void user_release(struct connections *set, struct user *user);

/* Moves it to the end of one of the set's queues, or, for NULL, out of all. */
void connection_wait_in(struct connection *connection, struct connection_list *list);
bool connection_may_read(const struct connection *connection);
/* It may have something to read: queued behind the others of its user, who is behind the other
 * users where he did not wait yet. */
void connection_queue(struct connection *connection);
/* Its turn could not be had: it is the first of all again. */
void connection_stay_first(struct connection *connection);
/* Whose turn it is, taken out of its queue; there must be one. */
struct connection *connections_take_first(struct connections *set);

/* A newcomer, until its first accepted request. */
void connection_be_idle(struct connection *connection);
void connection_leave_idle(struct connection *connection);
/* Until connection::deadline. */
void connection_wait_until_live(struct connection *connection);
/* Until its namespace is tried again. */
void connection_be_unentered(struct connection *connection);
void connection_leave_unentered(struct connection *connection);
/* Lets the clock ring at the first deadline that there is now. */
void connections_set_clock(struct connections *set);

#endif
