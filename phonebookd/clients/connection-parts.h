/* What the parts of the connection module share, and nobody else uses: connection.c (one
 * connection's beginning and end), connection-set.c (all of them), connection-peer.c (who a client
 * is), connection-request.c (what it says), connection-reply.c (what it is told), connection-keep.c
 * (what the keeper is given), connection-turn.c (what is done in a turn of the loop),
 * connection-users.c (whose turn it is).
 */
#ifndef PHONEBOOKD_CONNECTION_PARTS_H
#define PHONEBOOKD_CONNECTION_PARTS_H

#include "../../publish-client/request.h"
#include "connection.h"

/* Takes fd. NULL, with fd closed, where memory or the peer's identity is not to be had. */
struct connection *connection_new(struct connections *set, int fd, uint64_t key);
struct connection *connection_find(const struct connections *set, uint64_t key);
/* Drops its registrations, leaves its namespace, closes and frees it. */
void connection_end(struct connection *connection);
/* Says why, then ends it, for every holder of a copy. */
void connection_kick(struct connection *connection, const char *reply);
void connection_watch(struct connection *connection); /* from here on it is read */
void connection_leave_idle(struct connection *connection);
void connection_hang_up(int fd);

bool connection_learn_peer(struct holder *holder, int fd);
/* The peer's groups, where any of the zones asks for them: known only while somebody asks, as they
 * can be many. */
void connection_learn_gids(struct connection *connection, const struct zone *const *zones,
                           size_t n_zones);
void connection_forget_gids(struct connection *connection);
/* Enters its namespace, where that was not done before. REQUEST_OK, or what to reply. */
enum request_error connection_enter(struct connection *connection, const char **why);
/* registry_add() of a whole request. */
enum registry_outcome connection_register(struct connection *connection,
                                          const struct request *request, int64_t since,
                                          enum registry_origin origin, struct registration **added,
                                          char why[static REGISTRY_WHY_MAX]);

/* NULL where memory ran out. Each is to be released once. */
struct user *user_acquire(struct connections *set, uint32_t uid);
void user_release(struct connections *set, struct user *user);
/* Moves it to the end of one of the set's queues, or, for NULL, out of all. */
void connection_wait_in(struct connection *connection, struct connection_list *list);
/* Behind the others of its user, who is behind the other users where he did not wait yet. */
void connection_wait_for_turn(struct connection *connection);
/* Its turn could not be had: it is the first of all again. */
void connection_stay_first(struct connection *connection);
/* Whose turn it is, taken out of its queue; there must be one. */
struct connection *connections_take_first(struct connections *set);
/* It may have something to read: queued, where it is not yet. */
void connection_queue(struct connection *connection);
bool connection_may_read(const struct connection *connection);
/* There may be something to do: to be called where that was not so. */
void connections_go_on(struct connections *set);
/* Its turn: one request. It may end by that. */
void connection_work(struct connection *connection);
/* Its turn in `due`. */
void connection_answer_due(struct connection *connection);
/* Everybody who had to agree to `current` has: answers it, now or when it is live. */
void connection_accepted(struct connection *connection);
void connection_refuse_current(struct connection *connection, const char *reply);
/* Lets the clock ring at `deadline` too. */
void connections_clock_at(struct connections *set, uint64_t deadline);

void connection_reply(struct connection *connection, const char *text, size_t length);
void connection_reply_error(struct connection *connection, enum request_error code,
                            const char *why);
/* `word`, and the names that the registration became. */
void connection_reply_names(struct connection *connection, const char *word,
                            const struct registration *registration);
/* Sends what was unsent, and consumes its request when all of it is out. */
void connection_flush(struct connection *connection);
/* Takes the handled request's line out of the socket. */
void connection_consume(struct connection *connection);

/* Stores the socket, where the keeper has it not yet. False where its queue is full: the connection
 * stays first. */
bool connection_store_socket(struct connection *connection);
/* Stores `current`, and answers it where nobody is to be waited for. */
void connection_store_current(struct connection *connection);
/* Is there something to store again, and the last portion of that answered? */
bool connections_may_store_again(const struct connections *set);
void connections_store_again(struct connections *set); /* a portion */
/* Tries to enter the namespaces of those in `unentered` whose time it is. */
void connections_enter_again(struct connections *set, uint64_t now);

#endif
