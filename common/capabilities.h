/* The capabilities of this process (capabilities(7)), as sets of CAPABILITY(CAP_...). Each thread
 * has its own, and a new thread gets those of its creator: so call these functions while there is
 * only one thread. */
#ifndef COMMON_CAPABILITIES_H
#define COMMON_CAPABILITIES_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* Keeps those capabilities of the set that we have, and drops all others. None is passed on by
 * execve(2) (inheritable, ambient), and the bounding set is reduced to `bound` if we may change it
 * (CAP_SETPCAP): so programs of root, or with file capabilities, get no others. False, with errno,
 * if the kernel refuses. */
bool capabilities_keep(uint64_t set, uint64_t bound);

/* For a process that calls execve(2) next: the program gets those capabilities of the set that we
 * have, even if its file has none (ambient). */
bool capabilities_give(uint64_t set);

#endif
