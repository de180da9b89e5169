/* What the files of a database have from the wall clock, and whether that was set since. Pure.
 *
 * A machine without a battery for its clock starts in 1970, or when it was last shut down, and the
 * network sets the clock a minute later. Serials of before are lower than those that a secondary
 * has of the time before the start, so that it would not take the zone (RFC 1982); and the times at
 * which records end are not those that were meant. */
#ifndef PHONEBOOKD_STAMPS_H
#define PHONEBOOKD_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: there are no files yet. */
struct stamps {
    uint32_t serial;
    bool ends;     /* records end (`expire`) */
    int64_t wall;  /* when they were made, seconds since 1970 */
    int64_t epoch; /* boot_epoch() then */
};

/* Are the files to be written again, since the clock was set? A serial that is higher than the
 * right one stays: serials never go back. */
bool stamps_outdated(const struct stamps *stamps, int64_t epoch);

#endif
