/* Restores what the keeper gives back: at the start, everything that a former phonebookd had. After
 * a reconnect, texts from the keeper may be older than our own state. Ours wins and is stored
 * again.
 *
 * The first four functions are keeper_ops of the same names. */
#ifndef PHONEBOOKD_CONNECTION_TAKEOVER_H
#define PHONEBOOKD_CONNECTION_TAKEOVER_H

#include "connection.h"

/* False if there is no room for the connection: then our copy is closed, and the keeper's stays. */
bool connections_taken_socket(struct connections *set, int fd, uint64_t key);
/* Registers what a former phonebookd had accepted, or logs why that is impossible now. */
void connections_taken_request(struct connections *set, uint64_t key, const char *text,
                               size_t length);
/* Restores what lingered for a former phonebookd. Called after all sockets. */
void connections_taken_note(struct connections *set, uint64_t key, const char *text, size_t length);
void connections_taken_all(struct connections *set, size_t n);

/* As connections_taken_request(). False, with `why` set, if the registration gets no name now: it
 * is kept for other zones, or until its namespace can be entered. */
bool connection_take_text(struct connection *connection, const char *text, size_t length,
                          char why[static REGISTRY_WHY_MAX]);
/* Tries again to enter the namespaces of connections in `unentered` whose time has come. */
void connections_enter_again(struct connections *set, uint64_t now);

#endif
