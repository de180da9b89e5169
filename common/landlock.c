#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Constants that headers before Linux 6.2, 6.10 and 6.12 lack. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
enum { SCOPE_ABSTRACT_SOCKETS = 1 << 0, SCOPE_SIGNALS = 1 << 1 };

struct ruleset { /* struct landlock_ruleset_attr of Linux 6.12 */
    uint64_t files, network, scopes;
};

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define KEEPS_FILES                                                                                \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |                                 \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                              \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define CHANGES                                                                                    \
    (KEEPS_FILES | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                     \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |  \
     LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_IOCTL_DEV)

static uint64_t rights_of(unsigned rights)
{
    return (rights & LANDLOCK_CHANGES ? CHANGES : 0) | (rights & LANDLOCK_READS ? READS : 0) |
           (rights & LANDLOCK_KEEPS_FILES ? KEEPS_FILES | READS : 0) |
           (rights & LANDLOCK_REMOVES_FILES ? LANDLOCK_ACCESS_FS_REMOVE_FILE : 0) |
           (rights & LANDLOCK_WRITES_FILE
                ? LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE
                : 0);
}

/* The rights that this version of the kernel's interface knows (landlock(7), "Compatibility"). */
static uint64_t known_to(long version)
{
    uint64_t known = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1; /* and all lower bits */
    if (version >= 2)
        known |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        known |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5)
        known |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return known;
}

int landlock_begin(struct landlock *landlock, unsigned rights, unsigned scopes)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset ruleset = {.files = rights_of(rights) & known_to(version)};
    landlock->fd = -1;
    landlock->handled = ruleset.files;
    if (version < 0)
        return -errno;
    if (scopes & LANDLOCK_SIGNALS)
        ruleset.scopes |= SCOPE_SIGNALS;
    if (scopes & LANDLOCK_ABSTRACT_SOCKETS)
        ruleset.scopes |= SCOPE_ABSTRACT_SOCKETS;
    landlock->fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
                                version >= 6 ? sizeof ruleset : sizeof ruleset.files, 0);
    return landlock->fd < 0 ? -errno : 0;
}

int landlock_allow(struct landlock *landlock, const char *path, unsigned rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access =
                                                  rights_of(rights) & landlock->handled,
                                              .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0)
        return -errno;
    int error = 0;
    if (rule.allowed_access &&
        syscall(SYS_landlock_add_rule, landlock->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        error = -errno;
    close(rule.parent_fd);
    return error;
}

int landlock_enter(struct landlock *landlock)
{
    int error = syscall(SYS_landlock_restrict_self, landlock->fd, 0) < 0 ? -errno : 0;
    close(landlock->fd);
    landlock->fd = -1;
    return error;
}
