/* One connection: its client, its registrations, its beginning and its end. */
#ifndef PHONEBOOKD_CONNECTION_LIFE_H
#define PHONEBOOKD_CONNECTION_LIFE_H

#include "connection.h"

/* Fills in uid, owner, pid and the inode of the socket. False, with errno set, if they are not
 * available. */
bool connection_learn_peer(struct connections *set, struct holder *holder, int fd);
/* Fetch the groups of all holders before registry_set_zones(), if the zones need them, and free
 * them afterwards, because they can be many. */
void connections_learn_gids(struct connections *set, const struct zone *const *zones,
                            size_t n_zones);
void connections_forget_gids(struct connections *set);

/* Finds the network namespace of the connection, if that was not done yet; `taken`: the connection
 * was restored from the keeper. REQUEST_OK, or the error to reply. */
enum request_error connection_enter(struct connection *connection, bool taken,
                                    char why[static REGISTRY_WHY_MAX]);
/* Calls registry_add() for a whole request. */
enum registry_outcome connection_register(struct connection *connection,
                                          const struct request *request, int64_t since,
                                          enum registry_origin origin, struct registration **added,
                                          char why[static REGISTRY_WHY_MAX]);

/* Takes over fd; `peer` is from connection_learn_peer(). NULL, with fd closed, if memory runs
 * out. */
struct connection *connection_new(struct connections *set, int fd, uint64_t key,
                                  const struct holder *peer);
struct connection *connection_find(const struct connections *set, uint64_t key);
/* Starts to watch the socket. To be called again when the outbox stops being empty, and when it is
 * empty again. */
void connection_watch(struct connection *connection);
/* Drops the registrations, leaves the namespace, closes the socket and frees the connection. */
void connection_end(struct connection *connection);
/* Sends the reason, then ends the connection for all processes that hold a copy. */
void connection_kick(struct connection *connection, const char *reply);
void connection_hang_up(int fd);

#endif
