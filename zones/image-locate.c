#include "image.h"

#include "../common/octets.h"
#include "cdb-tables.h"
#include "name.h"
#include "owner-key.h"

#include <endian.h>
#include <string.h>

/* Clients can choose names that all have the same hash. After this many slots an entry is searched
 * by the order of owners instead. It is less than any position. */
enum { PROBES_MAX = 256 };
_Static_assert((int)PROBES_MAX < (int)CDB_HEADER, "a number of probes could be a position");

/* The "*" of a wildcard is in the mark and not in the key. */
static bool same_owner(const struct cdb_entry *a, const struct cdb_entry *b)
{
    return a->key_length == b->key_length && a->value[2] == b->value[2] &&
           memcmp(a->key, b->key, a->key_length) == 0;
}

static bool is_of(const struct image *image, size_t i, const struct cdb_entry *owner)
{
    if (i >= image->n_ours)
        return false;
    struct cdb_entry entry = image_entry(image, i);
    return same_owner(&entry, owner);
}

/* ---- by hash ---- */

/* The position of the owner's first entry, searched as a server does. 0: it has none; PROBES_MAX:
 * not found within the limit. */
static uint32_t look_up(const struct image *image, const struct image_owner *owner)
{
    const struct cdb_slot *slots = image->slots;
    if (image->n_ours == 0)
        return 0;
    const uint8_t *table = image->entries.octets + owner->hash % CDB_TABLES * CDB_SLOT;
    uint32_t n_slots = get_le32(table + 4);
    if (n_slots == 0)
        return 0;
    slots += (get_le32(table) - image->entries.length) / CDB_SLOT;
    uint32_t slot = (owner->hash >> 8) % n_slots;
    for (unsigned i = 0; i < PROBES_MAX; i++) {
        uint32_t at = le32toh(slots[slot].at);
        if (at == 0)
            return 0;
        if (le32toh(slots[slot].hash) == owner->hash && at < image_end_of_ours(image)) {
            struct cdb_entry entry = cdb_entry_at(&image->entries, at);
            if (same_owner(&entry, &owner->entry))
                return at;
        }
        slot = slot + 1 == n_slots ? 0 : slot + 1;
    }
    return PROBES_MAX;
}

/* ---- by order ---- */

/* The target of a search: a position, or a key. */
struct sought {
    uint32_t at; /* 0: a key */
    struct owner_key key;
};

static bool is_before(const struct image *image, size_t i, const struct sought *sought)
{
    if (sought->at)
        return image->entries.places[i].at < sought->at;
    struct cdb_entry entry = image_entry(image, i);
    struct owner_key key;
    owner_key_of_entry(&key, &entry);
    return owner_key_compare(key.octets, key.length, sought->key.octets, sought->key.length) < 0;
}

/* The first of our entries, from number `from` on, that is not before the target. */
static size_t search(const struct image *image, size_t from, const struct sought *sought)
{
    size_t low = from, n = image->n_ours, step = 1;
    while (low + step <= n && is_before(image, low + step - 1, sought)) {
        low += step;
        step *= 2;
    }
    size_t high = low + step - 1 < n ? low + step - 1 : n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(image, middle, sought))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t locate(const struct image *image, const struct image_owner *owner, uint32_t at,
                     size_t from, size_t *end)
{
    struct sought sought = {.at = at > PROBES_MAX ? at : 0};
    if (!sought.at)
        owner_key_of_entry(&sought.key, &owner->entry);
    size_t first = search(image, from, &sought);
    for (*end = first; is_of(image, *end, &owner->entry);)
        ++*end;
    return first;
}

size_t image_locate(const struct image *image, const struct image_owner *owner, size_t from,
                    size_t *end)
{
    if (from == image->n_ours)
        return *end = from;
    uint32_t at =
        is_of(image, from, &owner->entry) ? image->entries.places[from].at : look_up(image, owner);
    return locate(image, owner, at, from, end);
}

size_t image_of(const struct image *image, const char *name, size_t *end)
{
    uint8_t value[] = {0, 0, CDB_EXACT};
    bool wildcard = name_is_wildcard(name);
    uint8_t key[NAME_WIRE_MAX];
    struct image_owner owner = {.entry = {.key = key, .value = value}};
    owner.entry.key_length = name_to_wire(key, name + (wildcard ? 2 : 0));
    owner.hash = cdb_hash_of(key, owner.entry.key_length);
    if (wildcard)
        value[2] = CDB_WILDCARD;
    uint32_t at = look_up(image, &owner);
    return at ? locate(image, &owner, at, 0, end) : (*end = image->n_ours);
}
