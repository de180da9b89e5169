/* One entry of a tinydns-data line while it is made: begun with what is in front of its data, then
 * put together, then ended. Pure.
 *
 * Where memory runs out, entries->failed has it, and whatever is put is dropped. */
#ifndef ZONES_TINYDNS_ENTRY_H
#define ZONES_TINYDNS_ENTRY_H

#include <string.h>

#include "../common/octets.h"
#include "cdb.h"
#include "tinydns-fields.h"

/* What all lines but "%" have. */
struct tinydns_line {
    struct cdb_entries *entries;
    struct tinydns_field fields[TINYDNS_FIELDS_MAX];
    struct tinydns_wire owner;
    uint64_t ttl; /* of which 32 bits are stored; none of them may be left of a large number */
    uint8_t stamp[8];
    char location[2]; /* two NUL: everywhere */
};

struct tinydns_entry {
    struct cdb_entries *entries;
    uint8_t *key, *value;
    uint8_t *to; /* where its data goes on; NULL where memory ran out */
};

/* The owner, which is the line's or another, and all else that is in front of the data, for which
 * there is `room` then. Owners are folded to lower case; the same name as data is not. */
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

/* Of a number what fits. */
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
