/* The capabilities of this process (capabilities(7)), as sets of CAPABILITY(CAP_...). They are each
 * thread's own: to be called while there is one thread, whose capabilities every further one gets.
 */
#ifndef COMMON_CAPABILITIES_H
#define COMMON_CAPABILITIES_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* Those that we have (permitted). */
uint64_t capabilities_had(void);

/* Keeps those of the set that we have. No other is left, none is passed on by execve(2)
 * (inheritable, ambient), and the bounding set is emptied but for `bound` where we may change it
 * (CAP_SETPCAP): so a program of root's or with capabilities of its file gets none. False, with
 * errno, where the kernel refuses. */
bool capabilities_keep(uint64_t set, uint64_t bound);

/* The same for a program that execve(2) begins next: it has those of the set that we have, without
 * help of its file (ambient). */
bool capabilities_give(uint64_t set);

#endif
