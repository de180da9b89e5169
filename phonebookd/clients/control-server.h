/* The `control` socket: a client sends one line, gets one, and is hung up on (evict.h says what is
 * asked).
 *
 * Places: uid 0 has CONTROL_CLIENTS_ROOT of its own, any other owner (owners.h)
 * CONTROL_CLIENTS_PER_USER, and all others together CONTROL_CLIENTS_MAX. Failure modes: one that
 * has no place, or has sent no line within CONTROL_TIMEOUT_S, is told so. */
#ifndef PHONEBOOKD_CONTROL_SERVER_H
#define PHONEBOOKD_CONTROL_SERVER_H

#include "connection.h"

#include <uv.h>

struct control_client;
TAILQ_HEAD(control_client_list, control_client);

struct control_server {
    struct connections *connections; /* not owned; its loop and owners are ours too */
    struct control_client_list clients;
};

void control_server_init(struct control_server *server, struct connections *connections);
/* Takes an accepted socket, which does not block. */
void control_server_add(struct control_server *server, int fd);
/* Ends those who are still to say something; memory goes with the close callbacks. */
void control_server_close(struct control_server *server);

#endif
