/* "At most once per interval, the first at once": when may the next one start? Pure.
 *
 * Times are milliseconds on any clock that does not go back (uv_now()). */
#ifndef PHONEBOOKD_PACE_H
#define PHONEBOOKD_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t interval;
    uint64_t next; /* not before */
};

void pace_init(struct pace *pace, uint64_t interval);

/* Milliseconds from now until the next start is allowed; 0 where it is allowed now. */
uint64_t pace_delay(const struct pace *pace, uint64_t now);

/* One starts now. */
void pace_start(struct pace *pace, uint64_t now);

/* The next one starts `delay` from now at the earliest: for a retry after a failure, and a rest
 * after work that came to nothing. */
void pace_hold(struct pace *pace, uint64_t now, uint64_t delay);

#endif
