/* What is asked on `control`, and what becomes of it: a connection ends, for all who hold a copy of
 * it, with every name on it.
 *
 * The connection as a whole, since its lifetime is that of its names: a client whose connection
 * stands would take a name that was withdrawn alone for one that it has. It hears `error evicted`
 * before the end. Nothing of it lingers. */
#ifndef PHONEBOOKD_EVICT_H
#define PHONEBOOKD_EVICT_H

#include "../../publish-client/request.h"
#include "connection.h"

#include <stddef.h>

/* Does what a line, without its LF, asks for; `asker` is who sent it (connection_learn_peer()).
 * The reply with its LF, to be freed; NULL where memory ran out and nothing was done. */
char *evict_answer(struct connections *set, const struct holder *asker, const char *line,
                   size_t length);
/* The same for what is no request: an error with this text. */
char *evict_error(enum request_error code, const char *why);

#endif
