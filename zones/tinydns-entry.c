#include "tinydns-entry.h"

#include "../common/octets.h"

static uint8_t *put_key(uint8_t *to, const uint8_t *owner, size_t length)
{
    /* also covers the lengths of labels, which are less than any letter */
    for (size_t i = 0; i < length; i++) {
        uint8_t octet = owner[i];
        *to++ = octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
    }
    return to;
}

struct tinydns_entry tinydns_begin(const struct tinydns_line *line,
                                   const struct tinydns_wire *owner, unsigned type, uint64_t ttl,
                                   size_t room)
{
    bool wildcard = owner->octets[0] == 1 && owner->octets[1] == '*';
    bool located = line->location[0] || line->location[1];
    size_t skipped = wildcard ? 2 : 0;
    struct tinydns_entry entry = {.entries = line->entries};
    entry.key = cdb_reserve(line->entries, owner->length + CDB_ENTRY_HEAD_MAX + room);
    if (!entry.key)
        return entry;
    uint8_t *to = entry.value =
        put_key(entry.key, owner->octets + skipped, owner->length - skipped);
    to = put_be16(to, (uint16_t)type);
    *to++ = wildcard  ? located ? CDB_WILDCARD_IN_LOCATION : CDB_WILDCARD
            : located ? CDB_EXACT_IN_LOCATION
                      : CDB_EXACT;
    if (located) {
        memcpy(to, line->location, sizeof line->location);
        to += sizeof line->location;
    }
    to = put_be32(to, (uint32_t)ttl);
    memcpy(to, line->stamp, sizeof line->stamp);
    entry.to = to + sizeof line->stamp;
    return entry;
}

void tinydns_end(const struct tinydns_entry *entry)
{
    if (entry->to)
        cdb_commit(entry->entries, (size_t)(entry->value - entry->key),
                   (size_t)(entry->to - entry->value));
}
