/* One connection: who its client is, and what it registers; its beginning and its end. */
#ifndef PHONEBOOKD_CONNECTION_LIFE_H
#define PHONEBOOKD_CONNECTION_LIFE_H

#include "connection.h"

/* Uid, owner, pid and the socket's inode. False, with errno set, where they are not to be had. */
bool connection_learn_peer(struct connections *set, struct holder *holder, int fd);
/* Around registry_set_zones(): the holders' groups, where these zones ask for them. They are known
 * only while somebody asks, as they can be many. */
void connections_learn_gids(struct connections *set, const struct zone *const *zones,
                            size_t n_zones);
void connections_forget_gids(struct connections *set);

/* Enters its namespace, where that was not done before; `taken`: as a former phonebookd had.
 * REQUEST_OK, or what to reply. */
enum request_error connection_enter(struct connection *connection, bool taken,
                                    char why[static REGISTRY_WHY_MAX]);
/* registry_add() of a whole request. */
enum registry_outcome connection_register(struct connection *connection,
                                          const struct request *request, int64_t since,
                                          enum registry_origin origin, struct registration **added,
                                          char why[static REGISTRY_WHY_MAX]);

/* Takes fd. NULL, with fd closed, where memory or the peer's identity is not to be had. */
struct connection *connection_new(struct connections *set, int fd, uint64_t key);
struct connection *connection_find(const struct connections *set, uint64_t key);
/* From here on it is read. Again after what waits in its outbox began, or is out. */
void connection_watch(struct connection *connection);
/* Drops its registrations, leaves its namespace, closes and frees it. */
void connection_end(struct connection *connection);
/* Says why, then ends it, for every holder of a copy. */
void connection_kick(struct connection *connection, const char *reply);
void connection_hang_up(int fd);

#endif
