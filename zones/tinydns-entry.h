/* Builds an entry of a tinydns-data line: tinydns_begin() writes everything before the data,
 * tinydns_put*() add the data, tinydns_end() completes it. Pure.
 *
 * If memory runs out, entries->failed is set, and data that is put is dropped. */
#ifndef ZONES_TINYDNS_ENTRY_H
#define ZONES_TINYDNS_ENTRY_H

#include "../common/octets.h"
#include "cdb.h"
#include "tinydns-fields.h"

#include <string.h>

/* The parts that all lines except "%" lines have. */
struct tinydns_line {
    struct cdb_entries *entries;
    struct tinydns_field fields[TINYDNS_FIELDS_MAX];
    struct tinydns_wire owner;
    uint64_t ttl; /* only the lower 32 bits are stored, which are 0 for some large numbers */
    uint8_t stamp[8];
    char location[2]; /* two NUL: for every location */
};

struct tinydns_entry {
    struct cdb_entries *entries;
    uint8_t *key, *value;
    uint8_t *to; /* where the next data goes; NULL if memory ran out */
};

/* Writes everything before the data, and makes room for `room` octets of data. `owner` may be
 * another than the line's. Owners are folded to lower case; names in the data are not. */
struct tinydns_entry tinydns_begin(const struct tinydns_line *line,
                                   const struct tinydns_wire *owner, unsigned type, uint64_t ttl,
                                   size_t room);

static inline void tinydns_put(struct tinydns_entry *entry, const void *from, size_t length)
{
    if (!entry->to)
        return;
    memcpy(entry->to, from, length);
    entry->to += length;
}

static inline void tinydns_put_wire(struct tinydns_entry *entry, const struct tinydns_wire *wire)
{
    tinydns_put(entry, wire->octets, wire->length);
}

/* Stores the lower 16 bits of the number. */
static inline void tinydns_put_u16(struct tinydns_entry *entry, uint64_t number)
{
    if (entry->to)
        entry->to = put_be16(entry->to, (uint16_t)number);
}

static inline void tinydns_put_u32(struct tinydns_entry *entry, uint64_t number)
{
    if (entry->to)
        entry->to = put_be32(entry->to, (uint32_t)number);
}

void tinydns_end(const struct tinydns_entry *entry);

#endif
