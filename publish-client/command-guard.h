/* Ends PROG if this process is killed. The kernel does this only for a PROG that never changes its
 * credentials (PR_SET_PDEATHSIG, prctl(2)).
 *
 * Happy path: a small guard process waits until this process ends, then sends PROG a SIGTERM, and
 * ends; if PROG has ended already, the signal reaches nobody. Failure modes: if only the guard is
 * killed, this process notices and starts another. If both are killed together, PROG survives. If
 * PROG has changed its user, the guard may not be allowed to signal it. */
#ifndef PUBLISH_CLIENT_COMMAND_GUARD_H
#define PUBLISH_CLIENT_COMMAND_GUARD_H

#include <sys/types.h>

struct guard {
    pid_t pid;
    int parent, program; /* pidfds of this process and of PROG */
};

/* For a child that does not run yet. 0 or -errno. */
int guard_start(struct guard *guard, pid_t program);

/* Starts another guard after one has ended. */
int guard_restart(struct guard *guard);

#endif
