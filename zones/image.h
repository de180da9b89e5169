/* A data.cdb in memory: the entries of our records, sorted by owner (owner-key.h); then those of
 * static files; then the hash tables. It is the only copy of the entries. Pure.
 *
 * Every octet is as Debian's tinydns-data writes it for the same records in the same order, and
 * equal records make equal images, after any changes. The ends of records (`end`) are an exception:
 * the image has the original TTLs, and the ends are inserted when the file is written
 * (image-file.h).
 *
 * An image is made from another image and changes in one pass, which copies or moves everything
 * between two changes as a whole. While a thread makes an image, nobody may read it. */
#ifndef ZONES_IMAGE_H
#define ZONES_IMAGE_H

#include "cdb-tables.h"
#include "cdb.h"
#include "image-changes.h"
#include "record.h"
#include "static-image.h"

struct image {
    struct cdb_entries entries; /* they follow the header of CDB_HEADER octets; ours come first */
    size_t n_ours;
    struct cdb_slot *slots; /* owned; two per entry */
    size_t slots_room;
    struct cdb_place *scratch; /* owned; its content is not kept between calls */
    size_t scratch_room;
    uint32_t serial;
    int64_t end; /* when our addresses and PTR records end, in seconds since 1970; 0: never */
};

void image_init(struct image *image); /* an image without records; image_make() makes it a file */
void image_fini(struct image *image);

/* The parts of an image besides our records. */
struct image_frame {
    const struct static_image *const *images; /* not owned */
    size_t n_images;
    uint32_t serial; /* of our SOAs, and of static SOAs that give none */
    int64_t end;     /* when our addresses and PTR records end, in seconds since 1970; 0: never */
};

/* Makes *next from *last (NULL: no records), the changes and the frame. *next is any initialized
 * image, whose memory is used again. If it is *last itself, it is changed in place, which is
 * fastest. `changes` stays as it is. 0; -ENOMEM; or -EFBIG if positions would not fit 32 bits.
 * After an error both images are unchanged. */
int image_make(struct image *next, const struct image *last, const struct image_changes *changes,
               const struct image_frame *frame);

/* Octets of the file; 0 before image_make(). */
size_t image_length(const struct image *image);
/* The file made from this image and these changes has at most this many octets. */
size_t image_length_max(const struct image *image, const struct image_changes *changes,
                        const struct image_frame *frame);

/* Does the owner have exactly these records, in this order? Ends are not compared. */
bool image_same(const struct image *image, const char *owner, const struct records *records);
/* Adds the owner's records to `records`, if it has any. */
void image_find(const struct image *image, const char *owner, struct records *records);
/* Our record number `i`, less than n_ours. Its names are stored in `names`. */
void image_record(const struct image *image, size_t i, struct cdb_names *names,
                  struct record *record);

/* Do both have the same records of ours? Serials, ends and static files are not compared. */
bool image_equal(const struct image *a, const struct image *b);

/* ---- for the other files of this module ---- */

/* An owner, given by one of its entries and the hash of that entry's key. */
struct image_owner {
    struct cdb_entry entry;
    uint32_t hash;
};
/* The number of the owner's first entry; *end becomes the number after its last one. If it has
 * none, both are the number where its first one would be. The search starts at `from`, and finds
 * near entries fastest. */
size_t image_locate(const struct image *image, const struct image_owner *owner, size_t from,
                    size_t *end);
/* The same for a name; if it has no entry, both are n_ours. */
size_t image_of(const struct image *image, const char *owner, size_t *end);

static inline struct cdb_entry image_entry(const struct image *image, size_t i)
{
    return cdb_entry_at(&image->entries, image->entries.places[i].at);
}

/* The position after our entries. */
static inline size_t image_end_of_ours(const struct image *image)
{
    return image->n_ours < image->entries.n ? image->entries.places[image->n_ours].at
                                            : image->entries.length;
}

#endif
