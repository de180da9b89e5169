/* Reads requests from clients and answers them. */
#ifndef PHONEBOOKD_CONNECTION_REQUEST_H
#define PHONEBOOKD_CONNECTION_REQUEST_H

#include "../../keeper/protocol.h"
#include "connection.h"

/* The connection's turn: handles its next request, or continues the present one, until the keeper
 * has to answer. The connection may end in this call. False if no connection is to have another
 * turn in this turn of the loop. */
bool connection_work(struct connection *connection);
/* The keeper has answered for `current`. */
void connection_stored(struct connection *connection, enum keep_result result);
/* Answers a connection from the queue `due`. */
void connection_answer_due(struct connection *connection);
/* Sends as much as there is room for; connection_flush() sends the rest when there is room
 * again. */
void connection_reply(struct connection *connection, const char *text, size_t length);
void connection_flush(struct connection *connection);

#endif
