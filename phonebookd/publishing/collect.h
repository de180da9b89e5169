/* The records that a database should have, from what is registered and which addresses there are;
 * and on each listing the mark of what becomes of it. Pure: no I/O.
 *
 * Equal states of the registry give equal sets. Zone after zone in the order of their names, in
 * each its SOA and NS, its names in the registry's order, and placeholders; reverse zones, which
 * hold what the others show, come last. */
#ifndef PHONEBOOKD_COLLECT_H
#define PHONEBOOKD_COLLECT_H

#include "../../zones/name.h"
#include "../../zones/static-image.h"
#include "../limits.h"
#include "../state/listing-addresses.h"

/* Where a zone's records are in the set, by name: the zone itself may be read again meanwhile. */
struct collect_span {
    char zone[NAME_TEXT_MAX + 1];
    size_t start, end; /* octets of records::bytes */
};

struct collection {
    struct records records;
    struct collect_span *spans; /* owned */
    size_t n_spans, room;
    struct fit_cuts cuts; /* RRsets that had to be cut; sorted */
    /* Those of which it is the first time that not all addresses were looked at. For as long as the
     * registry does not change. */
    const struct listing **short_ones; /* owned */
    size_t n_short, short_room;
    struct listing_addresses found; /* between calls only memory */
};
void collection_init(struct collection *collection);
void collection_fini(struct collection *collection);

/* Static files' lines, which stand beside the records. */
struct collect_images {
    struct static_image *images[STATIC_FILES_MAX];
    size_t n;
};

/* Makes the collection anew for the zones of this database. A zone whose SOA is in an image gets
 * none; nor NS records then, if those are there too. False where memory ran out: not to be used
 * then.
 *
 * In the registry it writes the part of each of their listings that is publishing's own: hidden,
 * lingering, or shown since build number `build`, unless it was shown before, and how many
 * addresses were looked at, which are within the limits (budgets.h). The remnants of what is shown
 * become overtaken, for registry_drop_overtaken(). What else changes are counts (registry.h,
 * budgets.h). */
bool collect(struct collection *collection, struct registry *registry, const char *database,
             const struct collect_images *images, uint64_t build);

/* Are the zone's records (spans[i] of `now`) other than those it had in `before`? */
bool collect_differs(const struct collection *now, size_t i, const struct collection *before);

#endif
