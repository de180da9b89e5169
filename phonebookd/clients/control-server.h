/* The `control` socket: a client sends one line, gets one line, and its connection is closed. The
 * line asks for an eviction (publish-client/eviction.h), which ends a connection for all processes
 * that hold a copy of it, with all names on it.
 *
 * The whole connection ends, because its lifetime is that of its names: if only a name were
 * withdrawn, its client would still rely on it. That client reads `error evicted` before the end,
 * and its names do not linger.
 *
 * CONTROL_CLIENTS_ROOT, _PER_USER and _MAX limit the clients (places.h). Failure modes: a client
 * without a place, or that has sent no line within CONTROL_TIMEOUT_S, gets an error. */
#ifndef PHONEBOOKD_CONTROL_SERVER_H
#define PHONEBOOKD_CONTROL_SERVER_H

#include "connection.h"
#include "places.h"

#include <uv.h>

struct control_server {
    struct connections *connections; /* not owned; we use its loop and its owners */
    struct places places;            /* of clients that have not sent their line yet */
};

void control_server_init(struct control_server *server, struct connections *connections);
/* Takes over an accepted non-blocking socket. */
void control_server_add(struct control_server *server, int fd);
/* Ends clients that have not sent their line yet; the memory is freed with the close callbacks. */
void control_server_close(struct control_server *server);

#endif
