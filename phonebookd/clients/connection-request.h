/* What a client says, from its line in the socket to the answer that is out. */
#ifndef PHONEBOOKD_CONNECTION_REQUEST_H
#define PHONEBOOKD_CONNECTION_REQUEST_H

#include "../../keeper/protocol.h"
#include "connection.h"

/* Its turn: its next request, or what is left of the present one, up to the keeper's answer. It may
 * end by that. */
void connection_work(struct connection *connection);
/* `current` has the keeper's answer. */
void connection_stored(struct connection *connection, enum keep_result result);
/* Its turn in `due`. */
void connection_answer_due(struct connection *connection);
/* Sends what there is room for; the rest waits for connection_flush(), when there is more. */
void connection_reply(struct connection *connection, const char *text, size_t length);
void connection_flush(struct connection *connection);

#endif
