/* A data.cdb in memory: the entries of our records in the order of their owners (owner-key.h),
 * static files' entries behind them, then the hash tables. It is the only copy of the entries.
 * Pure.
 *
 * Octet for octet it is what Debian's tinydns-data makes of the same records in the same order; and
 * equal records make equal images, whatever was changed in between. Only the ends of records
 * (`end`) are not in it: they are put into the file while it is written (image-file.h), so that an
 * image has the TTLs as they were given.
 *
 * An image is made of another one and of changes in one pass, which copies, or moves, what lies
 * between changes as a whole. Nobody may read an image that a thread is making. */
#ifndef ZONES_IMAGE_H
#define ZONES_IMAGE_H

#include "cdb-tables.h"
#include "cdb.h"
#include "image-changes.h"
#include "record.h"
#include "static-image.h"

struct image {
    struct cdb_entries entries; /* behind the header, of CDB_HEADER octets; ours come first */
    size_t n_ours;
    struct cdb_slot *slots; /* owned; two for each entry */
    size_t slots_room;
    struct cdb_place *scratch; /* owned; between calls only memory */
    size_t scratch_room;
    uint32_t serial;
    int64_t end; /* of its addresses and PTRs, seconds since 1970; 0: none */
};

void image_init(struct image *image); /* of no records; a file only after image_make() */
void image_fini(struct image *image);

/* What an image has beside our records. */
struct image_frame {
    const struct static_image *const *images; /* not owned */
    size_t n_images;
    uint32_t serial; /* of our SOAs, and of static ones that name none */
    int64_t end;     /* of addresses and PTRs, seconds since 1970; 0: none */
};

/* Makes *next of *last (NULL: of no records), with the changes and in this frame. *next is any
 * image, whose memory is used again; where it is *last itself, that is changed in place, which
 * takes the least time. The changes stay. 0, -ENOMEM, or -EFBIG where positions would not fit 32
 * bits: then both are as they were. */
int image_make(struct image *next, const struct image *last, const struct image_changes *changes,
               const struct image_frame *frame);

/* Octets of the file; 0 where it is none yet. */
size_t image_length(const struct image *image);
/* No file that is made of this image and these changes has more. */
size_t image_length_max(const struct image *image, const struct image_changes *changes,
                        const struct image_frame *frame);

/* Does the owner have exactly these records, in this order? Ends are not compared. */
bool image_same(const struct image *image, const char *owner, const struct records *records);
/* Adds the owner's records to the set, if there are any. */
void image_find(const struct image *image, const char *owner, struct records *records);
/* Record number `i`, less than n_ours, as it was given; its names are in `names`. */
void image_record(const struct image *image, size_t i, struct cdb_names *names,
                  struct record *record);

/* Are our records the same? Serials, ends and static files are not compared. */
bool image_equal(const struct image *a, const struct image *b);

/* ---- for the other files of this module ---- */

/* Whose an entry is: that of `entry`, whose key has this hash. */
struct image_owner {
    struct cdb_entry entry;
    uint32_t hash;
};
/* The number of the owner's first entry, from number `from` on, and in *end that behind its last
 * one; where it has none, both are where they would be. What is near is found soonest. */
size_t image_locate(const struct image *image, const struct image_owner *owner, size_t from,
                    size_t *end);
/* The same by name; where it has no entry both are n_ours. */
size_t image_of(const struct image *image, const char *owner, size_t *end);

static inline struct cdb_entry image_entry(const struct image *image, size_t i)
{
    return cdb_entry_at(&image->entries, image->entries.places[i].at);
}

/* The position of what is behind our entries. */
static inline size_t image_end_of_ours(const struct image *image)
{
    return image->n_ours < image->entries.n ? image->entries.places[image->n_ours].at
                                            : image->entries.length;
}

#endif
