/* All connections: they come, are watched, and end together. */
#ifndef PHONEBOOKD_CONNECTION_SET_H
#define PHONEBOOKD_CONNECTION_SET_H

#include "connection.h"

/* `limit`: the most connections at one time. 0 or -errno. */
int connections_init(struct connections *set, uv_loop_t *loop, struct registry *registry,
                     struct accounts *accounts, size_t limit, const struct connections_ops *ops,
                     void *owner);
/* Ends every connection without a word and closes the handles. */
void connections_close(struct connections *set);

/* Takes a freshly accepted socket (closed where it cannot be served, after one line that says
 * why). */
void connections_add(struct connections *set, int fd);

/* All holders there are, for registry_set_zones(): an array to be freed; NULL where memory ran
 * out. */
struct holder **connections_holders(const struct connections *set);

#endif
