/* Answers on the `list` socket: whoever connects is sent the list as it is at that moment, then end
 * of file. Failure modes: one that does not read is dropped after LIST_TIMEOUT_S; beyond
 * LIST_CLIENTS_MAX at one time, or without memory, a connection is closed at once. Each of these is
 * left with a last line that no LF ends, so that it can tell. */
#ifndef PHONEBOOKD_LIST_SERVER_H
#define PHONEBOOKD_LIST_SERVER_H

#include "publisher.h"

#include <sys/queue.h>

struct list_client;

struct list_server {
    uv_loop_t *loop;
    const struct registry *registry;
    const struct publisher *publisher;
    unsigned n_clients;
    TAILQ_HEAD(list_client_list, list_client) clients;
};

void list_server_init(struct list_server *server, uv_loop_t *loop, const struct registry *registry,
                      const struct publisher *publisher);

/* Takes an accepted socket. */
void list_server_add(struct list_server *server, int fd);

/* Ends those who still read; memory goes with the close callbacks. */
void list_server_close(struct list_server *server);

#endif
