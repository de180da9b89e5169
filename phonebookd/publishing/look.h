/* Looking at a listing: which records it should have, put into what is kept of its database; and on
 * the listing the mark of what became of it. Pure. */
#ifndef PHONEBOOKD_LOOK_H
#define PHONEBOOKD_LOOK_H

#include "../../zones/fit.h"
#include "../../zones/image.h"
#include "../../zones/static-image.h"
#include "../limits.h"
#include "../state/listing-addresses.h"
#include "kept.h"

struct look {
    struct registry *registry;
    /* What is kept, where to put it: of the files, and anew; each NULL where it is not to be put
     * there. */
    struct kept *kept, *anew;
    const struct image *image;        /* that the files were made of */
    const struct kept_images *images; /* that the next files are made with */
    uint64_t build;                   /* number of the build that made them */

    struct records records; /* between calls only memory, as the next two */
    struct fit_cuts cuts;
    struct listing_addresses found;
};
void look_init(struct look *look);
void look_fini(struct look *look);

/* The records at the apex of each of its zones, where no listing has them too: that is touched. */
bool look_at_apexes(struct look *look, const struct kept *of); /* false: memory ran out */
enum look_outcome {
    LOOK_FAILED,  /* memory ran out: all is to be looked at again */
    LOOK_SAME,    /* the files have its records as they are */
    LOOK_CHANGED, /* the next build brings it */
};
/* What is seen for the first time, and told of. */
struct look_news {
    bool is_short;  /* not all of its addresses were looked at */
    bool is_static; /* a static file leaves no room for it: it has no records */
};
/* Looks at a listing of a zone of this database, or at one that is gone. */
enum look_outcome look_at(struct look *look, struct listing *listing, struct look_news *news);

#endif
