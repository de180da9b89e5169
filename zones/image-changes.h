/* Changes to be made to an image of data.cdb (image.h): for each changed owner, all records that it
 * has afterwards. Pure. */
#ifndef ZONES_IMAGE_CHANGES_H
#define ZONES_IMAGE_CHANGES_H

#include "cdb.h"
#include "record.h"

struct image_change {
    uint32_t key, key_length;  /* the owner's key (owner-key.h), in image_changes::octets */
    uint32_t at, length, room; /* also there: the entries that it has afterwards, with serial 0 */
    uint32_t n, n_soas;        /* number of entries; if 0, there is one entry with the owner only */
    uint32_t hash, entry_hash; /* hashes of the key, and of an entry's key */
    bool taken_back;
};

struct image_changes {
    struct image_change *changes; /* owned; one per owner */
    size_t n, room;
    size_t n_taken_back;
    uint8_t *octets; /* owned */
    size_t length, octets_room;
    uint32_t *slots; /* owned; a hash table; each slot is the number of a change plus one */
    size_t n_slots;  /* 0 or a power of two */
    struct cdb_entries scratch; /* its content is not kept between calls */
};

void image_changes_init(struct image_changes *changes);
void image_changes_fini(struct image_changes *changes);
/* Removes all changes, and keeps a little of the memory. */
void image_changes_clear(struct image_changes *changes);

/* Notes that the owner has exactly these records afterwards; there may be none. This replaces an
 * earlier change of the same owner. All records must belong to this owner, be in the order in which
 * they are to be written, and have no end. False if memory ran out; nothing has changed then. */
bool image_changes_set(struct image_changes *changes, const char *owner,
                       const struct records *records);
/* Removes the change of this owner. */
void image_changes_unset(struct image_changes *changes, const char *owner);

/* The number of owners with changes. */
size_t image_changes_count(const struct image_changes *changes);
/* Is there a change of this owner? Then the records that it has afterwards are added to
 * `records`. */
bool image_changes_find(const struct image_changes *changes, const char *owner,
                        struct records *records);

#endif
