/* What follows from changes of interfaces, and of names that zones are like, in slices: the
 * listings whose records may be others by that are touched. Pure. */
#ifndef PHONEBOOKD_SPREAD_H
#define PHONEBOOKD_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

struct registry;

/* Brings the prefixes of likes.h up to date, and touches up to n listings or registrations. True if
 * there are more. To be called before a listing is looked at. */
bool spread_changes(struct registry *registry, size_t n);
/* Would that have something to do? */
bool spread_is_due(const struct registry *registry);

#endif
