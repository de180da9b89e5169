/* Limits which files this process may change (landlock(7)): a handled right is refused everywhere
 * except where a rule grants it. */
#ifndef COMMON_LANDLOCK_H
#define COMMON_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct landlock {
    int fd; /* -1: not begun */
    uint64_t handled;
};

/* Sets of rights. LANDLOCK_CHANGES: to write, truncate, make, rename and remove files, and to
 * execute them. LANDLOCK_KEEPS_FILES: the rights for a directory with our files and sockets. */
enum landlock_rights {
    LANDLOCK_CHANGES = 1 << 0,
    LANDLOCK_READS = 1 << 1, /* to open files and directories for reading */
    LANDLOCK_KEEPS_FILES = 1 << 2,
    LANDLOCK_REMOVES_FILES = 1 << 3,
    LANDLOCK_WRITES_FILE = 1 << 4, /* to write and read an existing file */
};

/* Also refused: signals to processes outside our rules, and connections to their abstract
 * sockets. */
enum landlock_scopes { LANDLOCK_SIGNALS = 1 << 0, LANDLOCK_ABSTRACT_SOCKETS = 1 << 1 };

/* Handles these rights and scopes, as far as the kernel knows them. 0 or -errno; -ENOSYS or
 * -EOPNOTSUPP: the kernel lacks Landlock. */
int landlock_begin(struct landlock *landlock, unsigned rights, unsigned scopes);
/* Grants rights below a directory, or on a file. 0 or -errno, such as -ENOENT. */
int landlock_allow(struct landlock *landlock, const char *path, unsigned rights);
/* Limits this thread and those that it begins; no_new_privs must be set. Closes `landlock`. 0 or
 * -errno. */
int landlock_enter(struct landlock *landlock);

#endif
