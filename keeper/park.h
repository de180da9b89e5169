/* What is held goes to the next keeper, where the supervisor has a descriptor store (systemd: "File
 * Descriptor Store"; FileDescriptorStoreMax=2).
 *
 * Happy path: at the start both ends of a socketpair are given to the supervisor, and back by it at
 * the next start; so what lies in the queue between them lives while no keeper does. At SIGTERM the
 * sockets are sent into the end PARK_IN, PARK_FDS_MAX a message, and before them a memfd with the
 * texts: they would be too many for the queue. The next keeper takes all of it out of PARK_OUT, and
 * drops what has hung up, before it is ready. A descriptor each for thousands of sockets would be
 * slow, and too much for the environment of the next keeper.
 * Failure modes: there is no store, or it has no room for us: nobody but us holds the ends, and
 * park_has_store() says so. What does not fit into the queue is lost, and told. A keeper that is
 * killed parks nothing. */
#ifndef KEEPER_PARK_H
#define KEEPER_PARK_H

#include "holdings.h"
#include "transport.h"

#include <stdbool.h>

#define PARK_IN "park-in" /* their names in the store: two of one name come back in any order */
#define PARK_OUT "park-out"

enum { PARK_FDS_MAX = MESSAGE_DESCRIPTORS_MAX };

/* Takes the ends that the supervisor has given back, -1 where it has not, empties the queue into
 * `holdings`, and makes sure that the supervisor has both. The end to park in, or -1. */
int park_open(struct holdings *holdings, int in, int out, uint32_t now);
/* Does anybody but us hold the other end? */
bool park_has_store(int in);
/* Everything that is held; the caller ends after it. False where the texts could not be written,
 * and nothing was parked; it was logged, as what does not fit is. */
bool park_all(int in, const struct holdings *holdings);

/* Stores the messages that a memfd consists of, in the order of giving_message(), but for SOCKET.
 * `fds` are listening sockets that they may mean; each that is kept becomes -1. */
void park_read_texts(struct holdings *holdings, const uint8_t *bytes, size_t length, int *fds,
                     size_t n_fds, uint32_t now);

#endif
