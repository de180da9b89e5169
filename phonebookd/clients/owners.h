/* Whom a client is charged to (state/accounts.h): its uid, or the user to whom /etc/subuid gives a
 * range that contains the uid. Otherwise a user with a range would count as many users.
 *
 * The file is read when it is first needed, and again after a change, which is checked at most once
 * per second. The name of a user is looked up when a uid in his range is first asked for. Failure
 * modes: a file that cannot be read counts as empty, and is tried again. If the system does not
 * know the user of a range, each uid in it is charged to itself. A range of root, for example for a
 * container manager, counts as one user, its first uid, because root is exempt from all limits, and
 * his containers must not be. */
#ifndef PHONEBOOKD_OWNERS_H
#define PHONEBOOKD_OWNERS_H

#include "../state/subuids.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct owners {
    const char *path; /* not owned */
    struct subuids subuids;
    struct stat read;    /* the file's status when it was read; zero: it was not read */
    bool failed;         /* it could not be read; this was logged */
    uint64_t look_again; /* ms on the caller's clock */
    bool has_nobody;
    uint32_t nobody;
};

/* `path` is /etc/subuid. */
void owners_init(struct owners *owners, const char *path);
void owners_fini(struct owners *owners);

/* `now` is in ms on a clock that never goes back. With `owners` NULL each uid is its own owner. */
uint32_t owners_find(struct owners *owners, uint32_t uid, uint64_t now);

/* Is it the overflow uid (user_namespaces(7)), in a user namespace that not all users are in? Then
 * several users may be behind it. */
bool owners_is_nobody(const struct owners *owners, uint32_t uid);

#endif
