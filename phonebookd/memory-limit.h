/* How much memory phonebookd may use.
 *
 * It is the least limit of its control group and of those above it: memory.max of cgroup v2, or
 * memory.limit_in_bytes of v1 (Linux: Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/memory.rst; cgroups(7) describes /proc/self/cgroup). Failure mode: a file that cannot
 * be read, for example in a container that hides it, means no limit. */
#ifndef PHONEBOOKD_MEMORY_LIMIT_H
#define PHONEBOOKD_MEMORY_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* In octets; UINT64_MAX: no limit. `groups` is /proc/self/cgroup; `root` is where the hierarchies
 * are mounted, /sys/fs/cgroup. */
uint64_t memory_limit_read(const char *groups, const char *root);

/* The number of names that fit into that limit or into a share of the machine's memory, whichever
 * is less; at most NAMES_DEFAULT_MAX. */
size_t memory_limit_names(void);

#endif
