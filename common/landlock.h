/* Which files this process may change (landlock(7)): a right that is handled is refused everywhere
 * except where a rule gives it. */
#ifndef COMMON_LANDLOCK_H
#define COMMON_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct landlock {
    int fd; /* -1: not begun */
    uint64_t handled;
};

/* Sets of rights. LANDLOCK_CHANGES: to write, truncate, make, rename and remove files, and to
 * execute them. LANDLOCK_KEEPS_FILES: what a directory takes whose files and sockets are ours. */
enum landlock_rights {
    LANDLOCK_CHANGES = 1 << 0,
    LANDLOCK_READS = 1 << 1, /* to open files and directories for reading */
    LANDLOCK_KEEPS_FILES = 1 << 2,
    LANDLOCK_REMOVES_FILES = 1 << 3,
    LANDLOCK_WRITES_FILE = 1 << 4, /* one that is there already, and reads it */
};

/* Signals to processes that have not got our rules, and abstract sockets of such, are refused as
 * well. */
enum landlock_scopes { LANDLOCK_SIGNALS = 1 << 0, LANDLOCK_ABSTRACT_SOCKETS = 1 << 1 };

/* Handles these rights and scopes, as far as the kernel knows them. 0 or -errno; -ENOSYS or
 * -EOPNOTSUPP: the kernel lacks Landlock. */
int landlock_begin(struct landlock *landlock, unsigned rights, unsigned scopes);
/* Gives rights below a directory, or to a file. 0 or -errno, where there is none. */
int landlock_allow(struct landlock *landlock, const char *path, unsigned rights);
/* From here on, for this thread and those that it begins, after no_new_privs was set; closes. 0 or
 * -errno. */
int landlock_enter(struct landlock *landlock);

#endif
