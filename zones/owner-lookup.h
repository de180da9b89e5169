/* Where an owner's entries are among entries in the order of their owners (owner-key.h). Pure. */
#ifndef ZONES_OWNER_LOOKUP_H
#define ZONES_OWNER_LOOKUP_H

#include "cdb.h"

/* Of the first `n` entries, which were made of records, from number `from` on: the first whose
 * owner is not before this key, or n. What is near is found soonest. */
size_t owner_lower_bound(const struct cdb_entries *entries, size_t n, size_t from,
                         const uint8_t *key, size_t length);
/* The end of those, from number `first` on, that have this owner. */
size_t owner_end(const struct cdb_entries *entries, size_t n, size_t first, const uint8_t *key,
                 size_t length);

#endif
