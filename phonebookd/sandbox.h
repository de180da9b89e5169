/* Gives up the privileges that phonebookd needs only at its start; phonebookd(8), SECURITY, says
 * which ones remain. All capabilities go, except CAP_KILL if a server is signalled, and for root
 * sandbox_file_capabilities. Landlock: files can be written, made and removed in the runtime
 * directory and in the databases' directories only, and nothing can be executed. seccomp: only
 * listed system calls can be made. Failure mode: if the kernel lacks Landlock or seccomp, or
 * refuses it, this is logged, and phonebookd goes on without it. */
#ifndef PHONEBOOKD_SANDBOX_H
#define PHONEBOOKD_SANDBOX_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Root needs these for files and directories of other users, and for a socket's group; other users
 * do not have them. */
extern const uint64_t sandbox_file_capabilities;

struct sandbox {
    char **directories; /* owned, as is each text: files can be written in these */
    size_t n, room;
    bool files;   /* files can be written only in `directories` */
    bool calls;   /* only listed system calls can be made */
    bool signals; /* the calls that signal a server are listed */
    int unhidden; /* -errno: io_uring could not be hidden, so calls are not filtered; else 0 */
};

/* Call it after the launcher was started and before the loop is made: from here on the kernel seems
 * to lack io_uring. Otherwise libuv from 1.45 on makes one with each loop (no setting prevents it),
 * and ends the process when the filter refuses io_uring's calls. False, after logging, if the
 * kernel refuses no_new_privs, which every kernel has. */
bool sandbox_prepare(struct sandbox *sandbox);

/* Limits this thread and all later ones. Call it while there is only this one, when the event
 * socket (network/netwatch.h) is open and the runtime directory exists. False, after logging, if
 * the kernel refuses something that every kernel has. */
bool sandbox_enter(struct sandbox *sandbox, const struct config *config);
void sandbox_fini(struct sandbox *sandbox);

/* Complains if the configuration, read from `path`, needs something that phonebookd gave up. */
void sandbox_check(const struct sandbox *sandbox, const struct config *config, const char *path,
                   struct complaints *complaints);

#endif
