/* Looks at a listing: makes its records from the present state, puts them into the kept records of
 * its database, and marks on the listing how far it is published. Pure. */
#ifndef PHONEBOOKD_LOOK_H
#define PHONEBOOKD_LOOK_H

#include "../../zones/fit.h"
#include "../../zones/image.h"
#include "../../zones/static-image.h"
#include "../limits.h"
#include "../state/listing-addresses.h"
#include "../state/pointing.h"
#include "kept.h"

struct look {
    struct registry *registry;
    /* The records are put into these: the kept records, and the records built anew. Each may be
     * NULL. */
    struct kept *kept, *anew;
    const struct image *image;        /* that the files were made of */
    const struct kept_images *images; /* that the next files are made with */
    uint64_t build;                   /* number of the build that made the files */

    struct records records; /* these four: their content is not kept between calls */
    struct fit_cuts cuts;
    struct listing_addresses found;
    struct pointing pointing;
};
void look_init(struct look *look);
void look_fini(struct look *look);

/* Puts the records at the apexes of the zones. An apex that is also a listing's name is touched
 * instead. False if memory ran out. */
bool look_at_apexes(struct look *look, const struct kept *of);
enum look_outcome {
    LOOK_FAILED,  /* memory ran out: everything must be looked at again */
    LOOK_SAME,    /* the files already have its records */
    LOOK_CHANGED, /* the next build brings its records */
};
/* Findings of this look that are new, to be logged. */
struct look_news {
    bool is_short;  /* some of its addresses were not looked at */
    bool is_static; /* a static file excludes it, so it has no records */
};
/* Looks at a listing of a zone of this database, or at one that has no claims any more. */
enum look_outcome look_at(struct look *look, struct listing *listing, struct look_news *news);

#endif
