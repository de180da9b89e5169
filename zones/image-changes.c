#include "image-changes.h"

#include "../common/array.h"
#include "owner-key.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_MIN = 16,
    KEPT_MAX = 1 << 20, /* octets of memory that an empty set keeps */
};

void image_changes_init(struct image_changes *changes)
{
    memset(changes, 0, sizeof *changes);
    cdb_entries_init(&changes->scratch);
}

void image_changes_fini(struct image_changes *changes)
{
    free(changes->changes);
    free(changes->octets);
    free(changes->slots);
    cdb_entries_fini(&changes->scratch);
    image_changes_init(changes);
}

void image_changes_clear(struct image_changes *changes)
{
    if (changes->octets_room > KEPT_MAX)
        image_changes_fini(changes);
    if (changes->n_slots > 0)
        memset(changes->slots, 0, changes->n_slots * sizeof *changes->slots);
    changes->n = changes->n_taken_back = changes->length = 0;
}

/* ---- by owner ---- */

/* Clients choose names. The hash includes an address of this program's memory, which clients do not
 * know, so they cannot choose many names with the same hash. */
static uint32_t hash_of(const struct owner_key *key)
{
    static const char seed;
    uint64_t hash = (uintptr_t)&seed;
    for (size_t i = 0; i < key->length; i += sizeof hash) {
        size_t left = key->length - i;
        uint64_t octets = 0;
        memcpy(&octets, key->octets + i, left < sizeof octets ? left : sizeof octets);
        hash = (hash ^ octets) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

/* The slot of the owner's change, or the free one where it would be. */
static uint32_t *slot_of(const struct image_changes *changes, uint32_t hash, const uint8_t *key,
                         size_t length)
{
    for (size_t i = hash;; i++) {
        uint32_t *slot = &changes->slots[i & (changes->n_slots - 1)];
        if (*slot == 0)
            return slot;
        const struct image_change *change = &changes->changes[*slot - 1];
        if (change->hash == hash && change->key_length == length &&
            memcmp(changes->octets + change->key, key, length) == 0)
            return slot;
    }
}

/* NULL if there is none. */
static struct image_change *find(const struct image_changes *changes, const char *owner)
{
    if (changes->n == 0)
        return NULL;
    struct owner_key key;
    owner_key_of(&key, owner);
    uint32_t number = *slot_of(changes, hash_of(&key), key.octets, key.length);
    return number ? &changes->changes[number - 1] : NULL;
}

/* Makes room for one more change. */
static bool grow_slots(struct image_changes *changes)
{
    size_t n = changes->n_slots ? 2 * changes->n_slots : SLOTS_MIN;
    if (2 * (changes->n + 1) <= changes->n_slots)
        return true;
    uint32_t *slots = calloc(n, sizeof *slots);
    if (!slots)
        return false;
    free(changes->slots);
    changes->slots = slots;
    changes->n_slots = n;
    for (uint32_t i = 0; i < changes->n; i++) {
        const struct image_change *change = &changes->changes[i];
        *slot_of(changes, change->hash, changes->octets + change->key, change->key_length) = i + 1;
    }
    return true;
}

static bool make_room(struct image_changes *changes, size_t octets)
{
    return changes->length + octets <= UINT32_MAX &&
           array_grow(&changes->octets, &changes->octets_room, changes->length + octets, 1);
}

/* The owner's change; if there is none, a new one. NULL if memory ran out. */
static struct image_change *get(struct image_changes *changes, const char *owner)
{
    if (!grow_slots(changes) || !make_room(changes, OWNER_KEY_MAX) ||
        !array_grow(&changes->changes, &changes->room, changes->n + 1, sizeof *changes->changes))
        return NULL;
    struct owner_key key;
    owner_key_of(&key, owner);
    uint32_t hash = hash_of(&key);
    uint32_t *slot = slot_of(changes, hash, key.octets, key.length);
    if (*slot == 0) {
        changes->changes[changes->n++] = (struct image_change){.hash = hash,
                                                               .key = (uint32_t)changes->length,
                                                               .key_length = (uint32_t)key.length,
                                                               .taken_back = true};
        memcpy(changes->octets + changes->length, key.octets, key.length);
        changes->length += key.length;
        changes->n_taken_back++;
        *slot = (uint32_t)changes->n;
    }
    return &changes->changes[*slot - 1];
}

/* ---- what they are to have ---- */

/* Gives the change room for its entries. If it has too little, it moves, and gets at least twice as
 * much room: so the memory that an owner's former changes occupied is at most as large as its
 * present room. */
static bool give_room(struct image_changes *changes, struct image_change *change, size_t length)
{
    size_t room = 2 * (size_t)change->room;
    if (length <= change->room)
        return true;
    room = room < length ? length : room;
    if (!make_room(changes, room))
        return false;
    change->at = (uint32_t)changes->length;
    change->room = (uint32_t)room;
    changes->length += room;
    return true;
}

/* If there are no records, renders one that is not counted. */
static bool render(struct cdb_entries *entries, const char *owner, const struct records *records,
                   struct image_change *change)
{
    const struct record nothing = {.type = RECORD_PLACEHOLDER, .owner = owner};
    cdb_entries_clear(entries);
    struct record record;
    for (size_t cursor = 0; records_next(records, &cursor, &record);) {
        cdb_add_record(entries, &record, 0, entries->n > 0);
        change->n_soas += record.type == RECORD_SOA;
    }
    change->n = (uint32_t)entries->n;
    change->length = (uint32_t)entries->length;
    if (change->n == 0)
        cdb_add_record(entries, &nothing, 0, false);
    if (!entries->failed)
        change->entry_hash = entries->places[0].hash;
    return !entries->failed;
}

bool image_changes_set(struct image_changes *changes, const char *owner,
                       const struct records *records)
{
    struct cdb_entries *entries = &changes->scratch;
    struct image_change next = {.n = 0};
    if (records->failed || !render(entries, owner, records, &next))
        return false;
    struct image_change *change = get(changes, owner);
    if (!change || !give_room(changes, change, entries->length))
        return false;
    memcpy(changes->octets + change->at, entries->octets, entries->length);
    changes->n_taken_back -= change->taken_back;
    change->length = next.length;
    change->n = next.n;
    change->n_soas = next.n_soas;
    change->entry_hash = next.entry_hash;
    change->taken_back = false;
    return true;
}

void image_changes_unset(struct image_changes *changes, const char *owner)
{
    struct image_change *change = find(changes, owner);
    if (!change || change->taken_back)
        return;
    change->taken_back = true;
    changes->n_taken_back++;
}

size_t image_changes_count(const struct image_changes *changes)
{
    return changes->n - changes->n_taken_back;
}

bool image_changes_find(const struct image_changes *changes, const char *owner,
                        struct records *records)
{
    const struct image_change *change = find(changes, owner);
    if (!change || change->taken_back)
        return false;
    size_t at, end;
    for (at = change->at, end = at + change->length; at < end;) {
        struct cdb_entry entry = cdb_entry_of(changes->octets + at);
        struct cdb_names names;
        struct record record;
        cdb_entry_record(&entry, &names, &record);
        records_add(records, &record);
        at += cdb_entry_size(&entry);
    }
    return true;
}
