/* What a keeper gives back: at a start all that a former phonebookd had; later, when the keeper's
 * channel is another one, what we know better.
 *
 * The first four are called as the keeper_ops of that name. */
#ifndef PHONEBOOKD_CONNECTION_TAKEOVER_H
#define PHONEBOOKD_CONNECTION_TAKEOVER_H

#include "connection.h"

/* False where there is no room for it: our copy is closed, the keeper's stays. */
bool connections_taken_socket(struct connections *set, int fd, uint64_t key);
/* Registers what a former phonebookd had accepted, or logs why it has no place now. */
void connections_taken_request(struct connections *set, uint64_t key, const char *text,
                               size_t length);
/* What lingered for a former phonebookd, after all sockets. */
void connections_taken_note(struct connections *set, uint64_t key, const char *text, size_t length);
void connections_taken_all(struct connections *set, size_t n);

/* As connections_taken_request(). False, with `why` set, where it has no place now: it is kept for
 * other zones, or until its namespace can be entered. */
bool connection_take_text(struct connection *connection, const char *text, size_t length,
                          char why[static REGISTRY_WHY_MAX]);
/* Tries to enter the namespaces of those in `unentered` whose time it is. */
void connections_enter_again(struct connections *set, uint64_t now);

#endif
