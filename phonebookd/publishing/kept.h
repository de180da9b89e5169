/* The records of a database: each owner's, and the derived ones that follow from them. Pure.
 *
 * The records are stored in two places: the image that the files were made of, and the changes with
 * which the next image will be made. In addition this module counts the causes of derived data:
 *
 * - names that need a placeholder: they have no records, but names below them have some, static
 *   ones included. Without the placeholder, tinydns and shibari would answer NXDOMAIN for them;
 * - PTR records for addresses in the database's reverse zones;
 * - the data for on-change programs.
 *
 * kept_settle() makes placeholders and PTR records from these counts when all owners are put. So
 * equal records make equal files, after any history. */
#ifndef PHONEBOOKD_KEPT_H
#define PHONEBOOKD_KEPT_H

#include "../../zones/fit.h"
#include "../../zones/image-changes.h"
#include "../../zones/image.h"
#include "../../zones/record.h"
#include "../../zones/static-image.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../state/pointing.h"
#include "derived.h"

/* The compiled static files of the database. */
struct kept_images {
    struct static_image *images[STATIC_FILES_MAX];
    size_t n;
};
/* The records that they have for a canonical name, as a set of static_records. */
unsigned kept_images_have(const struct kept_images *images, const char *name);
/* Does one of them exclude this name, in the zone with this apex (static_image_clash())? */
bool kept_images_clash(const struct kept_images *images, const char *name, const char *apex);

struct kept_zone {
    const struct zone *zone; /* not owned */
    uint64_t digest;         /* a sum of its records, independent of their order */
    void *prefixes;          /* a tsearch(3) tree: see kept_prefixes() */
};

struct kept {
    const struct image *image;        /* not owned; the image that the files were made of */
    const struct kept_images *images; /* not owned; for the next files */
    struct image_changes changes;
    struct kept_zone *zones; /* owned; the database's zones, sorted by name */
    size_t n_zones;
    bool reverses;      /* one of the zones is a reverse zone */
    size_t n_classless; /* reverse zones that are a part of a network (RFC 2317, reverse.h) */
    struct derived_set derived;
    void *cut; /* a tsearch(3) tree of RRsets from which records were left out: kept_is_cut() */
    struct fit_cuts fresh; /* new ones among these; the owner logs them and empties the set */
    bool failed;           /* memory ran out: everything must be made anew */

    struct records before, now; /* their content is not kept between calls */
    struct fit_cuts cuts;
};

/* Selects the database's zones from `zones`; they and the static images must outlive it. `image`
 * has the records that were put before; a new `kept` needs an empty one. False if memory ran out;
 * kept_fini() must follow in any case. */
bool kept_init(struct kept *kept, const char *database, const struct zone *const *zones,
               size_t n_zones, const struct image *image, const struct kept_images *images);
void kept_fini(struct kept *kept);
/* Moves *from to *to; *from is empty afterwards. */
void kept_move(struct kept *to, struct kept *from);
/* The files now have the changes, and were made of this image. */
void kept_in_place(struct kept *kept, const struct image *image);

/* Some of the zones are other objects of the same names now; `zones` are all zones, as for
 * kept_init(). The listings of changed zones, and the apexes, are to be put afterwards. False, with
 * nothing changed, if more than the names in these zones would have to be put again. */
bool kept_set_zones(struct kept *kept, const struct zone *const *zones, size_t n_zones,
                    const char *database);

/* The static images have changed from `before`. */
void kept_set_images(struct kept *kept, const struct kept_images *before);

/* Sets the owner's own records. The owner is in a zone of the database; `cuts` are its RRsets from
 * which records were left out; `pointing` has those of its addresses that may point back to it
 * (NULL: none). True if the files have other records. */
bool kept_put(struct kept *kept, const char *owner, const struct records *records,
              const struct fit_cuts *cuts, const struct pointing *pointing);
/* Makes the derived records of up to n owners. True if there are more. */
bool kept_settle(struct kept *kept, size_t n);

/* The zone of the database that contains the name, or NULL. */
struct kept_zone *kept_zone_of(const struct kept *kept, const char *name);
bool kept_is_cut(const struct kept *kept, const char *owner, enum record_type type);

/* Calls `visit` for the first `max` /64 networks of the IPv6 addresses that the zone shows, in
 * order, with the first 8 octets of each. Works for zones with an on-change program only. */
enum { KEPT_PREFIX_OCTETS = 8 };
void kept_prefixes(const struct kept_zone *zone, size_t max,
                   void (*visit)(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context),
                   void *context);

#endif
