/* What a database is made of, kept: records of owners, of which those that changed are put anew,
 * and what follows from them. Pure.
 *
 * The records themselves are in the image that the files were made of, and in the changes that the
 * next one will be made with. Beside them is counted what follows: names that need a placeholder,
 * since a name is below them, a static one too, and they have no record (tinydns and shibari would
 * answer NXDOMAIN);
 * PTR records of the addresses that a reverse zone of the database covers; and what on-change
 * programs are told. A placeholder and a PTR record are made of these counts after all owners were
 * put: kept_settle(). So equal records make equal files, whatever came before. */
#ifndef PHONEBOOKD_KEPT_H
#define PHONEBOOKD_KEPT_H

#include "../../zones/fit.h"
#include "../../zones/image-changes.h"
#include "../../zones/image.h"
#include "../../zones/record.h"
#include "../../zones/static-image.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "derived.h"

/* Static files' lines, which stand beside the records. */
struct kept_images {
    struct static_image *images[STATIC_FILES_MAX];
    size_t n;
};
/* What they have for a canonical name: a set of static_records. */
unsigned kept_images_have(const struct kept_images *images, const char *name);
/* Does one of them leave no room for this name of the zone with this apex
 * (static_image_clash())? */
bool kept_images_clash(const struct kept_images *images, const char *name, const char *apex);

struct kept_zone {
    const struct zone *zone; /* not owned */
    uint64_t digest;         /* of its records; the same for equal ones, in whichever order */
    void *prefixes;          /* a tsearch(3) tree: see kept_prefixes() */
};

struct kept {
    const struct image *image;        /* not owned; that of the files */
    const struct kept_images *images; /* not owned; that the next ones are made with */
    struct image_changes changes;
    struct kept_zone *zones; /* owned; those of the database, by name */
    size_t n_zones;
    bool reverses; /* one of them is a reverse zone */
    struct derived_set derived;
    void *cut;             /* a tsearch(3) tree of RRsets that did not fit: kept_is_cut() */
    struct fit_cuts fresh; /* those that did before, for the owner to tell of and to empty */
    bool failed;           /* memory ran out: it is to be made anew */

    struct records before, now; /* between calls only memory */
    struct fit_cuts cuts;
};

/* For those of the zones that are the database's; they outlive it, as do the static images. The
 * image is of what was put before; an empty one for a new `kept`. False where memory ran out;
 * kept_fini() follows in any case. */
bool kept_init(struct kept *kept, const char *database, const struct zone *const *zones,
               size_t n_zones, const struct image *image, const struct kept_images *images);
void kept_fini(struct kept *kept);
/* *to becomes what *from is, which is empty then. */
void kept_move(struct kept *to, struct kept *from);
/* The files have the changes now, and were made of this image. */
void kept_in_place(struct kept *kept, const struct image *image);

/* The static images are others than these before. */
void kept_set_images(struct kept *kept, const struct kept_images *before);

/* The owner, which is in a zone of the database, has these records of its own; `cuts` are those
 * of its RRsets that did not fit. True where the files have others, whatever was put before. */
bool kept_put(struct kept *kept, const char *owner, const struct records *records,
              const struct fit_cuts *cuts);
/* Makes up to n owners' records that follow from others; true where there are more. */
bool kept_settle(struct kept *kept, size_t n);

/* The zone of the database that a name's records are in, or NULL. */
struct kept_zone *kept_zone_of(const struct kept *kept, const char *name);
bool kept_is_cut(const struct kept *kept, const char *owner, enum record_type type);

/* The /64 networks of the IPv6 addresses that the zone shows, in order: calls for each, the first
 * `max`, with its first 8 octets. Known of zones that have an on-change program. */
enum { KEPT_PREFIX_OCTETS = 8 };
void kept_prefixes(const struct kept_zone *zone, size_t max,
                   void (*visit)(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context),
                   void *context);

#endif
