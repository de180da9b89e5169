#include "cdb.h"

#include <string.h>

#include "tinydns.h"

enum {
    MARK_EXACT = '=',
    MARK_EXACT_IN_LOCATION = '>', /* two octets of location follow the mark */
    MARK_WILDCARD = '*',
    MARK_WILDCARD_IN_LOCATION = '+',
    SOA_NUMBERS = 20, /* serial, refresh, retry, expire, minimum */
};

static uint8_t *put_u32(uint8_t *to, uint32_t number)
{
    to[0] = (uint8_t)(number >> 24);
    to[1] = (uint8_t)(number >> 16);
    to[2] = (uint8_t)(number >> 8);
    to[3] = (uint8_t)number;
    return to + 4;
}

static uint32_t get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static uint8_t *put_head(uint8_t *to, const struct record *record)
{
    *to++ = (uint8_t)(record->type >> 8);
    *to++ = (uint8_t)record->type;
    *to++ = name_is_wildcard(record->owner) ? MARK_WILDCARD : MARK_EXACT;
    to = put_u32(to, record->ttl);
    to = put_u32(to, (uint32_t)(record->die >> 32));
    return put_u32(to, (uint32_t)record->die);
}

static uint8_t *put_soa(uint8_t *to, const struct record *record, uint32_t serial)
{
    to += name_to_wire(to, record->target);
    to += name_to_wire(to, record->contact);
    to = put_u32(to, serial);
    to = put_u32(to, TINYDNS_SOA_REFRESH);
    to = put_u32(to, TINYDNS_SOA_RETRY);
    to = put_u32(to, TINYDNS_SOA_EXPIRE);
    return put_u32(to, record->minimum);
}

void cdb_entry_key(struct cdb_entry *entry, const char *owner)
{
    if (name_is_wildcard(owner))
        owner += 2;
    entry->key_length = name_to_wire(entry->key, owner);
}

void cdb_entry_value(struct cdb_entry *entry, const struct record *record, uint32_t serial)
{
    uint8_t *to = put_head(entry->value, record);

    switch (record->type) {
    case RECORD_A:
        memcpy(to, record->address.octets, 4);
        to += 4;
        break;
    case RECORD_AAAA:
        memcpy(to, record->address.octets, 16);
        to += 16;
        break;
    case RECORD_NS:
    case RECORD_PTR:
        to += name_to_wire(to, record->target);
        break;
    case RECORD_SOA:
        to = put_soa(to, record, serial);
        break;
    case RECORD_PLACEHOLDER:
        memcpy(to, RECORD_PLACEHOLDER_DATA, sizeof RECORD_PLACEHOLDER_DATA - 1);
        to += sizeof RECORD_PLACEHOLDER_DATA - 1;
        break;
    }
    entry->value_length = (size_t)(to - entry->value);
}

/* Moves *from over `count` names in wire form; false where they do not end before `end`. */
static bool skip_names(const uint8_t **from, const uint8_t *end, int count)
{
    while (count > 0 && *from < end) {
        uint8_t length = **from;

        if (length > end - *from - 1)
            return false;
        *from += length + 1;
        count -= length == 0;
    }
    return count == 0;
}

bool cdb_value_serial(const uint8_t *value, size_t length, uint32_t *serial)
{
    const uint8_t *from, *end = value + length;
    size_t head = CDB_ENTRY_HEAD;

    if (length < head || value[0] != 0 || value[1] != RECORD_SOA)
        return false;
    if (value[2] == MARK_EXACT_IN_LOCATION || value[2] == MARK_WILDCARD_IN_LOCATION)
        head += 2;
    if (length < head)
        return false;
    from = value + head;
    if (!skip_names(&from, end, 2))
        return false;
    if (end - from != SOA_NUMBERS)
        return false;
    *serial = get_u32(from);
    return true;
}
