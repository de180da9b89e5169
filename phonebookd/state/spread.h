/* Touches, in slices, the listings whose records may change because of changes of interfaces, or of
 * names that zones use in `addresses = like NAME`. Pure. */
#ifndef PHONEBOOKD_SPREAD_H
#define PHONEBOOKD_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

struct registry;

/* Updates the prefixes of likes.h, and touches up to n listings or registrations. True if there are
 * more. To be called before a listing is looked at. */
bool spread_changes(struct registry *registry, size_t n);
/* Would that function have something to do? */
bool spread_is_due(const struct registry *registry);

#endif
