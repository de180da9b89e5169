/* Ends PROG should this process be killed, which the kernel would do for a PROG that never changes
 * its credentials only (PR_SET_PDEATHSIG, prctl(2)).
 *
 * Happy path: a small process beside PROG waits for this one to end, then sends PROG a SIGTERM, and
 * ends; where PROG has ended before, that reaches nobody. Failure modes: it is killed itself, which
 * its parent sees and makes another; it is killed together with its parent, and PROG lives on; PROG
 * has taken another user, and this one may not signal it. */
#ifndef PUBLISH_CLIENT_COMMAND_GUARD_H
#define PUBLISH_CLIENT_COMMAND_GUARD_H

#include <sys/types.h>

struct guard {
    pid_t pid;
    int parent, program; /* pidfds: of this process, of PROG */
};

/* For a child that does not run yet. 0 or -errno. */
int guard_start(struct guard *guard, pid_t program);

/* The same again, after its end. */
int guard_restart(struct guard *guard);

#endif
