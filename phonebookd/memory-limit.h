/* How much memory phonebookd may use.
 *
 * The least limit of its control group and those above it: memory.max of cgroup v2, or
 * memory.limit_in_bytes of v1 (Linux: Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/memory.rst; cgroups(7) has the lines of /proc/self/cgroup). Failure modes: a file that
 * cannot be read, as in a container that does not show it, is no limit. */
#ifndef PHONEBOOKD_MEMORY_LIMIT_H
#define PHONEBOOKD_MEMORY_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* Octets; UINT64_MAX where there is no limit. `groups` is /proc/self/cgroup, `root` where the
 * hierarchies are mounted: /sys/fs/cgroup. */
uint64_t memory_limit_read(const char *groups, const char *root);

/* How many names that allows, or a share of the machine's memory, whichever is less; at most
 * NAMES_DEFAULT_MAX. */
size_t memory_limit_names(void);

#endif
