/* Whom a client is charged to (state/accounts.h): its uid, or the user to whom /etc/subuid gives
 * the range that the uid is in, since a member with a range is as many users as it has numbers.
 *
 * The file is read when somebody is asked for, and again when it has changed, which is looked at
 * once a second at most. A user's name is looked up when a uid of its range is first asked for.
 * Failure modes: a file that cannot be read is as none, and is tried again; a range of a user that
 * the system does not know is nobody's, and each uid in it is its own. A range of root's, as a
 * container manager has it, counts as one user, its first uid: root itself is exempt from all
 * limits, and his containers are not. */
#ifndef PHONEBOOKD_OWNERS_H
#define PHONEBOOKD_OWNERS_H

#include "../state/subuids.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct owners {
    const char *path; /* not owned */
    struct subuids subuids;
    struct stat read;    /* the file as it was read; zero: it was not */
    bool failed;         /* it could not be read, as was logged */
    uint64_t look_again; /* ms on the caller's clock */
    bool has_nobody;
    uint32_t nobody;
};

/* `path` is /etc/subuid. */
void owners_init(struct owners *owners, const char *path);
void owners_fini(struct owners *owners);

/* `now` in ms, of a clock that does not go back. For NULL, each uid is its own. */
uint32_t owners_find(struct owners *owners, uint32_t uid, uint64_t now);

/* Is it the overflow uid (user_namespaces(7)) of a user namespace that not all users are in? Then
 * several users can be behind it. */
bool owners_is_nobody(const struct owners *owners, uint32_t uid);

#endif
