/* The times in a database's files that depend on the wall clock, and whether the clock was set
 * since. Pure.
 *
 * A machine whose clock has no battery starts in 1970, or at the time of its last shutdown. A
 * minute later the network sets its clock. The first serials are then lower than those that a
 * secondary has from before the start, so the secondary would ignore the zone (RFC 1982); and
 * records would end at wrong times. */
#ifndef PHONEBOOKD_STAMPS_H
#define PHONEBOOKD_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: no files yet. */
struct stamps {
    uint32_t serial;
    bool ends;     /* the files have records that end (`expire`) */
    int64_t wall;  /* when they were made, in seconds since 1970 */
    int64_t epoch; /* boot_epoch() at that time */
};

/* Must the files be written again because the clock was set? A serial that is too high stays,
 * because serials must never go back. */
bool stamps_outdated(const struct stamps *stamps, int64_t epoch);

#endif
