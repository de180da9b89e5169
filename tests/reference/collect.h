/* The records that a database should have, from what is registered and which addresses there are,
 * made by walking all of it: what phonebookd keeps (keeping.h) must be equal to it. Pure.
 *
 * Of a listing as many addresses are looked at as publishing has allowed it. */
#ifndef TESTS_REFERENCE_COLLECT_H
#define TESTS_REFERENCE_COLLECT_H

#include "../../phonebookd/publishing/look.h"
#include "../../zones/image.h"

/* Zone after zone in the order of their names, in each its SOA and NS, its names in the registry's
 * order, and placeholders; reverse zones, which hold what the others show, come last. A zone whose
 * SOA is in a static image gets none; nor NS records then, if those are there too. False where
 * memory ran out. */
bool collect(struct records *records, struct fit_cuts *cuts, struct registry *registry,
             const char *database, const struct kept_images *images);

/* An image of these records. */
bool collect_image(struct image *image, const struct records *records);

#endif
