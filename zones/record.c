#include "record.h"

#include "../common/array.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* A record in the buffer is this head, the octets of its address if it has one, then owner, target
 * and contact, each with a NUL. Nothing is aligned, so heads are copied in and out. Heads have no
 * padding, so that equal sets are equal octets. */
struct head {
    uint32_t ttl;
    uint32_t minimum;
    uint8_t type; /* PLACEHOLDER_CODE for the only type that does not fit */
    uint8_t owner_size, target_size, contact_size; /* with the NUL: at most NAME_TEXT_MAX + 1 */
};
_Static_assert(sizeof(struct head) == 12, "a record's head has padding");
_Static_assert(NAME_TEXT_MAX + 1 <= UINT8_MAX, "a name's size does not fit a head");

enum { PLACEHOLDER_CODE = 0 };

void records_init(struct records *records)
{
    memset(records, 0, sizeof *records);
}

void records_fini(struct records *records)
{
    free(records->bytes);
    records_init(records);
}

void records_clear(struct records *records)
{
    records->length = 0;
    records->count = 0;
    records->failed = false;
}

static bool make_room(struct records *records, size_t size)
{
    return array_grow(&records->bytes, &records->room, records->length + size, 1);
}

static uint8_t *put(uint8_t *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

static uint8_t size_of(const char *name)
{
    return name ? (uint8_t)(strlen(name) + 1) : 0;
}

static size_t octets_of(uint8_t type)
{
    if (type == RECORD_A)
        return 4;
    return type == RECORD_AAAA ? 16 : 0;
}

static size_t size_in_set(const struct head *head)
{
    return sizeof *head + octets_of(head->type) + head->owner_size + head->target_size +
           head->contact_size;
}

void records_add(struct records *records, const struct record *record)
{
    struct head head = {
        .ttl = record->ttl,
        .minimum = record->minimum,
        .type = record->type == RECORD_PLACEHOLDER ? PLACEHOLDER_CODE : (uint8_t)record->type,
        .owner_size = size_of(record->owner),
        .target_size = size_of(record->target),
        .contact_size = size_of(record->contact),
    };
    size_t size = size_in_set(&head);
    if (records->failed || !make_room(records, size)) {
        records->failed = true;
        return;
    }
    uint8_t *to = put(records->bytes + records->length, &head, sizeof head);
    to = put(to, record->address.octets, octets_of(head.type));
    to = put(to, record->owner, head.owner_size);
    if (record->target)
        to = put(to, record->target, head.target_size);
    if (record->contact)
        put(to, record->contact, head.contact_size);
    records->length += size;
    records->count++;
}

void records_add_soa(struct records *records, const char *zone, const char *primary,
                     const char *contact, uint32_t minimum, uint32_t ttl)
{
    struct record record = {
        .type = RECORD_SOA,
        .ttl = ttl,
        .owner = zone,
        .target = primary,
        .contact = contact,
        .minimum = minimum,
    };
    records_add(records, &record);
}

void records_add_ns(struct records *records, const char *zone, const char *server, uint32_t ttl)
{
    struct record record = {.type = RECORD_NS, .ttl = ttl, .owner = zone, .target = server};
    records_add(records, &record);
}

void records_add_ptr(struct records *records, const char *owner, const char *target, uint32_t ttl)
{
    struct record record = {.type = RECORD_PTR, .ttl = ttl, .owner = owner, .target = target};
    records_add(records, &record);
}

/* Computes what all records have in common once: this is most of the work of a large build. */
void records_add_addresses(struct records *records, const char *owner,
                           const struct address *addresses, size_t n, uint32_t ttl)
{
    struct head head = {.ttl = ttl, .owner_size = size_of(owner)};
    if (n == 0)
        return;
    head.type = addresses->family == AF_INET ? RECORD_A : RECORD_AAAA;
    size_t octets = octets_of(head.type);
    size_t size = size_in_set(&head);
    if (records->failed || !make_room(records, n * size)) {
        records->failed = true;
        return;
    }
    uint8_t *to = records->bytes + records->length;
    for (size_t i = 0; i < n; i++) {
        to = put(to, &head, sizeof head);
        to = put(to, addresses[i].octets, octets);
        to = put(to, owner, head.owner_size);
    }
    records->length += n * size;
    records->count += n;
}

void records_add_placeholder(struct records *records, const char *owner, uint32_t ttl)
{
    struct record record = {.type = RECORD_PLACEHOLDER, .ttl = ttl, .owner = owner};
    records_add(records, &record);
}

bool records_equal(const struct records *a, const struct records *b)
{
    if (a->failed || b->failed || a->length != b->length)
        return false;
    return a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0;
}

enum { TAI_AHEAD = 37 }; /* leap seconds until 2026, and the ten of 1972 */

uint64_t record_end_label(int64_t end)
{
    return (UINT64_C(1) << 62) + TAI_AHEAD + (uint64_t)end;
}

bool record_can_end(enum record_type type)
{
    return type == RECORD_A || type == RECORD_AAAA || type == RECORD_PTR;
}

void record_set_end(struct record *record, uint64_t label)
{
    if (!record_can_end(record->type))
        return;
    record->ttl = 0;
    record->die = label;
}

bool records_next(const struct records *records, size_t *cursor, struct record *record)
{
    if (*cursor >= records->length)
        return false;
    const uint8_t *from = records->bytes + *cursor;
    struct head head;
    memcpy(&head, from, sizeof head);
    size_t octets = octets_of(head.type);
    memset(record, 0, sizeof *record);
    record->type = head.type == PLACEHOLDER_CODE ? RECORD_PLACEHOLDER : (enum record_type)head.type;
    record->ttl = head.ttl;
    record->minimum = head.minimum;
    if (octets) {
        record->address.family = head.type == RECORD_A ? AF_INET : AF_INET6;
        memcpy(record->address.octets, from + sizeof head, octets);
    }
    const char *name = (const char *)from + sizeof head + octets;
    record->owner = name;
    name += head.owner_size;
    if (head.target_size)
        record->target = name;
    name += head.target_size;
    if (head.contact_size)
        record->contact = name;
    *cursor += size_in_set(&head);
    return true;
}
