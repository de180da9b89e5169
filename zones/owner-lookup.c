#include "owner-lookup.h"

#include "owner-key.h"

#include <string.h>

static struct cdb_entry entry_number(const struct cdb_entries *entries, size_t i)
{
    return cdb_entry_at(entries, entries->places[i].at);
}

static int compare(const struct cdb_entries *entries, size_t i, const uint8_t *key, size_t length)
{
    struct cdb_entry entry = entry_number(entries, i);
    struct owner_key owner;

    owner_key_of_entry(&owner, &entry);
    return owner_key_compare(owner.octets, owner.length, key, length);
}

size_t owner_lower_bound(const struct cdb_entries *entries, size_t n, size_t from,
                         const uint8_t *key, size_t length)
{
    size_t low = from, high, step = 1;

    while (low + step <= n && compare(entries, low + step - 1, key, length) < 0) {
        low += step;
        step *= 2;
    }
    high = low + step - 1 < n ? low + step - 1 : n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(entries, middle, key, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The "*" of a wildcard is in its mark, not in its key. */
static bool same_owner(const struct cdb_entry *a, const struct cdb_entry *b)
{
    return a->key_length == b->key_length && a->value[2] == b->value[2] &&
           memcmp(a->key, b->key, a->key_length) == 0;
}

size_t owner_end(const struct cdb_entries *entries, size_t n, size_t first, const uint8_t *key,
                 size_t length)
{
    struct cdb_entry entry;
    size_t end = first + 1;

    if (first == n || compare(entries, first, key, length) != 0)
        return first;
    entry = entry_number(entries, first);
    for (; end < n; end++) {
        struct cdb_entry next = entry_number(entries, end);

        if (!same_owner(&next, &entry))
            break;
    }
    return end;
}
