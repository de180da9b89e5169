/* Passes everything that the keeper holds to the next keeper, through the supervisor's descriptor
 * store (systemd: "File Descriptor Store"; FileDescriptorStoreMax=2).
 *
 * Happy path: at the start the keeper stores both ends of a socketpair with the supervisor, which
 * gives them to the next keeper. So messages queued between the two ends survive while no keeper
 * runs. At SIGTERM the keeper sends into the end PARK_IN: first a memfd with all texts, which are
 * too many for the queue; then the sockets, PARK_FDS_MAX to a message. The next keeper reads all of
 * it from PARK_OUT, and drops the sockets that hung up meanwhile, before it is ready. Storing
 * thousands of sockets with the supervisor one by one would be slow, and their names would be too
 * long for the environment. Failure modes: if the supervisor has no store, or no room in it, only
 * the keeper itself has the two ends, and park_has_store() returns false. Sockets that do not fit
 * into the queue are lost; this is logged. A killed keeper parks nothing. */
#ifndef KEEPER_PARK_H
#define KEEPER_PARK_H

#include "holdings.h"
#include "transport.h"

#include <stdbool.h>

/* names in the store; two descriptors of one name would come back in any order */
#define PARK_IN "park-in"
#define PARK_OUT "park-out"

enum { PARK_FDS_MAX = MESSAGE_DESCRIPTORS_MAX };

/* Takes the ends that the supervisor gave back (-1: it gave none), reads the queue into `holdings`,
 * and stores both ends with the supervisor again. Returns the end to park in, or -1. */
int park_open(struct holdings *holdings, int in, int out, uint32_t now);
/* Does another process, the supervisor, have the other end? */
bool park_has_store(int in);
/* Parks everything; the caller then exits. False if the texts could not be written, so that nothing
 * was parked. This and sockets that did not fit are logged. */
bool park_all(int in, const struct holdings *holdings);

/* Stores the messages of a memfd, in the order of giving_message() but without SOCKET messages.
 * `fds` are the sockets that may belong to LISTENER messages; each one that is stored becomes
 * -1. */
void park_read_texts(struct holdings *holdings, const uint8_t *bytes, size_t length, int *fds,
                     size_t n_fds, uint32_t now);

#endif
