/* What phonebookd takes from itself the power to do, once it has begun what takes more:
 * phonebookd(8), SECURITY, says what is left. */
#ifndef PHONEBOOKD_SANDBOX_H
#define PHONEBOOKD_SANDBOX_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

/* What root needs for files and directories of others, and for a socket's group; nobody else has
 * these. */
extern const uint64_t sandbox_file_capabilities;

/* From here on, for all threads that are still to begin. To be called while there is one, when the
 * event socket (network/netwatch.h) is open. False, as is logged, where the kernel refuses what
 * every kernel has. */
bool sandbox_enter(const struct config *config);

#endif
