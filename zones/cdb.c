#include "cdb.h"

#include "../common/array.h"
#include "../common/octets.h"
#include "name.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_START = 5381 }; /* https://cr.yp.to/cdb/cdb.txt */

void cdb_entries_init(struct cdb_entries *entries)
{
    memset(entries, 0, sizeof *entries);
}

void cdb_entries_fini(struct cdb_entries *entries)
{
    free(entries->octets);
    free(entries->places);
    free(entries->serials);
    cdb_entries_init(entries);
}

void cdb_entries_clear(struct cdb_entries *entries)
{
    entries->length = entries->n = entries->n_serials = 0;
    entries->failed = false;
}

/* Makes room for another entry of this size. False beyond 4 GB, because positions in the file have
 * 32 bits. */
static bool make_room(struct cdb_entries *entries, size_t size)
{
    return size <= UINT32_MAX - entries->length &&
           array_grow(&entries->octets, &entries->room, entries->length + size, 1) &&
           array_grow(&entries->places, &entries->n_room, entries->n + 1, sizeof *entries->places);
}

uint8_t *cdb_reserve(struct cdb_entries *entries, size_t size)
{
    if (entries->failed || !make_room(entries, CDB_LENGTHS + size)) {
        entries->failed = true;
        return NULL;
    }
    return entries->octets + entries->length + CDB_LENGTHS;
}

uint32_t cdb_hash_of(const uint8_t *key, size_t length)
{
    uint32_t hash = HASH_START;
    for (size_t i = 0; i < length; i++)
        hash = (hash + (hash << 5)) ^ key[i];
    return hash;
}

static void commit(struct cdb_entries *entries, size_t key_length, size_t value_length,
                   uint32_t hash)
{
    uint8_t *entry = entries->octets + entries->length;
    put_le32(entry, (uint32_t)key_length);
    put_le32(entry + 4, (uint32_t)value_length);
    entries->places[entries->n++] = (struct cdb_place){hash, (uint32_t)entries->length};
    entries->length += CDB_LENGTHS + key_length + value_length;
}

void cdb_commit(struct cdb_entries *entries, size_t key_length, size_t value_length)
{
    const uint8_t *key = entries->octets + entries->length + CDB_LENGTHS;
    commit(entries, key_length, value_length, cdb_hash_of(key, key_length));
}

void cdb_note_serial(struct cdb_entries *entries, size_t at)
{
    struct cdb_entry last = cdb_entry_at(entries, entries->places[entries->n - 1].at);
    if (array_grow(&entries->serials, &entries->serials_room, entries->n_serials + 1,
                   sizeof *entries->serials))
        entries->serials[entries->n_serials++] = (uint32_t)(last.value + at - entries->octets);
    else
        entries->failed = true;
}

/* ---- records ---- */

static uint8_t *put_head(uint8_t *to, const struct record *record)
{
    to = put_be16(to, (uint16_t)record->type);
    *to++ = name_is_wildcard(record->owner) ? CDB_WILDCARD : CDB_EXACT;
    to = put_be32(to, record->ttl);
    return put_be64(to, record->die);
}

static uint8_t *put_soa(uint8_t *to, const struct record *record, uint32_t serial)
{
    to += name_to_wire(to, record->target);
    to += name_to_wire(to, record->contact);
    to = put_be32(to, serial);
    to = put_be32(to, RECORD_SOA_REFRESH);
    to = put_be32(to, RECORD_SOA_RETRY);
    to = put_be32(to, RECORD_SOA_EXPIRE);
    return put_be32(to, record->minimum);
}

size_t cdb_record_value(uint8_t value[static CDB_ENTRY_VALUE_MAX], const struct record *record,
                        uint32_t serial)
{
    uint8_t *to = put_head(value, record);
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
    return (size_t)(to - value);
}

void cdb_add_record(struct cdb_entries *entries, const struct record *record, uint32_t serial,
                    bool same_owner)
{
    uint8_t *key = cdb_reserve(entries, NAME_WIRE_MAX + CDB_ENTRY_VALUE_MAX);
    const char *owner = record->owner + (name_is_wildcard(record->owner) ? 2 : 0);
    if (!key)
        return;
    size_t key_length;
    uint32_t hash;
    if (same_owner) {
        const struct cdb_place *last = &entries->places[entries->n - 1];
        struct cdb_entry entry = cdb_entry_at(entries, last->at);
        key_length = entry.key_length;
        hash = last->hash;
        memcpy(key, entry.key, key_length);
    } else {
        key_length = name_to_wire(key, owner);
        hash = cdb_hash_of(key, key_length);
    }
    commit(entries, key_length, cdb_record_value(key + key_length, record, serial), hash);
}

static void get_owner(char *owner, const struct cdb_entry *entry)
{
    if (entry->value[2] == CDB_WILDCARD)
        owner = stpcpy(owner, "*.");
    name_from_wire(owner, entry->key);
}

static enum record_type type_of(const struct cdb_entry *entry)
{
    return (enum record_type)(entry->value[0] << 8 | entry->value[1]);
}

void cdb_entry_record(const struct cdb_entry *entry, struct cdb_names *names, struct record *record)
{
    const uint8_t *data = entry->value + CDB_ENTRY_HEAD;
    get_owner(names->owner, entry);
    *record = (struct record){.type = type_of(entry),
                              .ttl = get_be32(entry->value + CDB_ENTRY_TTL),
                              .owner = names->owner};
    switch (record->type) {
    case RECORD_A:
        record->address.family = AF_INET;
        memcpy(record->address.octets, data, 4);
        break;
    case RECORD_AAAA:
        record->address.family = AF_INET6;
        memcpy(record->address.octets, data, 16);
        break;
    case RECORD_SOA:
        name_from_wire(names->contact, data + name_from_wire(names->target, data));
        record->target = names->target;
        record->contact = names->contact;
        record->minimum = get_be32(entry->value + entry->value_length - 4);
        break;
    case RECORD_NS:
    case RECORD_PTR:
        name_from_wire(names->target, data);
        record->target = names->target;
        break;
    case RECORD_PLACEHOLDER:
        break;
    }
}

void cdb_entry_set_end(uint8_t *octets, uint64_t label)
{
    struct cdb_entry entry = cdb_entry_of(octets);
    uint8_t *ttl = octets + (entry.value - octets) + CDB_ENTRY_TTL;
    if (record_can_end(type_of(&entry)))
        put_be64(put_be32(ttl, 0), label);
}

/* ---- what was read ---- */

/* Moves *from over `count` names in wire form. False if they do not end before `end`. */
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
    const uint8_t *end = value + length;
    size_t head = CDB_ENTRY_HEAD;
    if (length < head || value[0] != 0 || value[1] != RECORD_SOA)
        return false;
    if (value[2] == CDB_EXACT_IN_LOCATION || value[2] == CDB_WILDCARD_IN_LOCATION)
        head += 2;
    if (length < head)
        return false;
    const uint8_t *from = value + head;
    if (!skip_names(&from, end, 2))
        return false;
    if (end - from != CDB_SOA_NUMBERS)
        return false;
    *serial = get_be32(from);
    return true;
}
