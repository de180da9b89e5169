/* Handles requests on `control`: ends a connection for all processes that hold a copy of it, with
 * all names on it.
 *
 * The whole connection ends, because its lifetime is that of its names: if only a name were
 * withdrawn, the client would still rely on it. The client reads `error evicted` before the end,
 * and its names do not linger. */
#ifndef PHONEBOOKD_EVICT_H
#define PHONEBOOKD_EVICT_H

#include "../../publish-client/request.h"
#include "connection.h"

#include <stddef.h>

/* Obeys a line, given without its LF; `asker` is the client (connection_learn_peer()). Returns the
 * reply with its LF, to be freed; NULL if memory ran out and nothing was done. */
char *evict_answer(struct connections *set, const struct holder *asker, const char *line,
                   size_t length);
/* The reply to an invalid request: an error with this text. */
char *evict_error(enum request_error code, const char *why);

#endif
