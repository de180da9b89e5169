/* What phonebookd takes from itself the power to do, once it has begun what takes more:
 * phonebookd(8), SECURITY, says what is left.
 *
 * All capabilities go, except CAP_KILL if a server is signalled, and for root sandbox_file_capabilities. Landlock: files are
 * written, made and removed in the runtime directory and in the databases' directories only, and
 * nothing is executed. seccomp: a list of system calls. Failure modes: if the kernel lacks Landlock
 * or seccomp, or refuses it, one line says so, and phonebookd goes on without. */
#ifndef PHONEBOOKD_SANDBOX_H
#define PHONEBOOKD_SANDBOX_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What root needs for files and directories of others, and for a socket's group; nobody else has
 * these. */
extern const uint64_t sandbox_file_capabilities;

struct sandbox {
    char **directories; /* owned, each too: where files can be written */
    size_t n, room;
    bool files;   /* they can be written there only */
    bool calls;   /* only calls of the list can be made */
    bool signals; /* the list has those with which a server is signalled */
    int unhidden; /* -errno: io_uring could not be hidden, so calls are not filtered; else 0 */
};

/* To be called before the loop is made, and after the launcher was started. libuv from 1.45 on makes
 * an io_uring with a loop, no setting prevents it, and it ends the process if a call of the ring
 * fails later; the list has none of these calls. From here on the kernel seems to lack io_uring.
 * False, as is logged, if the kernel refuses no_new_privs, which every kernel has. */
bool sandbox_prepare(struct sandbox *sandbox);

/* From here on, for all threads that are still to begin. To be called while there is one, when the
 * event socket (network/netwatch.h) is open and the runtime directory is there. False, as is logged,
 * if the kernel refuses what every kernel has. */
bool sandbox_enter(struct sandbox *sandbox, const struct config *config);
void sandbox_fini(struct sandbox *sandbox);

/* Complains of what the configuration, read from `path`, needs and phonebookd has given up. */
void sandbox_check(const struct sandbox *sandbox, const struct config *config, const char *path,
                   struct complaints *complaints);

#endif
