/* What is to be changed in an image of data.cdb (image.h): for each owner all the records that it
 * has from now on. Pure. */
#ifndef ZONES_IMAGE_CHANGES_H
#define ZONES_IMAGE_CHANGES_H

#include "cdb.h"
#include "record.h"

struct image_change {
    uint32_t key, key_length;  /* the owner's (owner-key.h), in image_changes::octets */
    uint32_t at, length, room; /* there too the entries that it is to have, serials 0 */
    uint32_t n, n_soas;        /* of them; where n is 0, one that only says whose it is */
    uint32_t hash, entry_hash; /* of the key, and of an entry's */
    bool taken_back;
};

struct image_changes {
    struct image_change *changes; /* owned; one of an owner */
    size_t n, room;
    size_t n_taken_back;
    uint8_t *octets; /* owned */
    size_t length, octets_room;
    uint32_t *slots; /* owned; a hash table of the changes, each by its number and 1 more */
    size_t n_slots;  /* 0 or a power of two */
    struct cdb_entries scratch; /* between calls only memory */
};

void image_changes_init(struct image_changes *changes);
void image_changes_fini(struct image_changes *changes);
/* No changes; of the memory a little is kept. */
void image_changes_clear(struct image_changes *changes);

/* The owner is to have exactly these records, which may be none; a change that was noted for it
 * before is replaced. The records have this owner, are in the order in which they are to be
 * written, and have no end. False where memory ran out: then nothing has changed. */
bool image_changes_set(struct image_changes *changes, const char *owner,
                       const struct records *records);
/* Nothing is to be changed for the owner. */
void image_changes_unset(struct image_changes *changes, const char *owner);

/* For how many owners something is to be changed. */
size_t image_changes_count(const struct image_changes *changes);
/* Is something to be changed for the owner? Then what it is to have is added to the records. */
bool image_changes_find(const struct image_changes *changes, const char *owner,
                        struct records *records);

#endif
