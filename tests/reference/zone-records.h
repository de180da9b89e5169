/* What follows from a zone's other records, made by looking at all of them: slow, and plain. Pure.
 *
 * Both look at the records before theirs. `zones` are all there are, pointers to each. */
#ifndef TESTS_REFERENCE_ZONE_RECORDS_H
#define TESTS_REFERENCE_ZONE_RECORDS_H

#include "../../phonebookd/publishing/kept.h"
#include "../../zones/zone.h"

/* Empty non-terminals (zone-gaps.c): a placeholder for each name between the apex and an owner in
 * records[start...], or the apex of a zone below, of the same database, or a static owner (NULL:
 * there are none), that has no record. */
void zone_add_gaps(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                   struct records *records, size_t start, const struct kept_images *images);

/* Since when an address has been the name's, as state/pointing.h has it; false where it does not
 * point back. */
struct pointing_ages {
    bool (*find)(void *context, const char *name, const struct address *address,
                 struct registration_age *age);
    void *context;
};

/* A reverse zone (zone-pointers.c): a PTR record for each address inside its prefix, and no deeper
 * reverse zone's of the same database, and each name that has it in records[0...end) and that the
 * zones' `pointers` let it have. `ages` NULL: all are of one age. */
void zone_add_pointers(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                       struct records *records, size_t end, const struct pointing_ages *ages,
                       struct fit_cuts *cuts);

#endif
