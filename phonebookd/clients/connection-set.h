/* The set of all connections. */
#ifndef PHONEBOOKD_CONNECTION_SET_H
#define PHONEBOOKD_CONNECTION_SET_H

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

#endif
