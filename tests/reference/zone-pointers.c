#include "zone-records.h"

#include "../../zones/reverse.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct pointer {
    struct address address;
    size_t target; /* where the name is in records::bytes, which may move */
};

/* Another reverse zone of the database has it, which is deeper. */
static bool is_elsewhere(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                         const struct address *address)
{
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i]->reverse && zones[i]->prefix.bits > zone->prefix.bits &&
            address_within(address, &zones[i]->prefix) &&
            strcmp(zones[i]->database, zone->database) == 0)
            return true;
    return false;
}

/* The next address record inside the prefix, before `end`. A wildcard is nobody's name. */
static bool next_inside(const struct zone *zone, const struct records *records, size_t *cursor,
                        size_t end, struct record *record)
{
    while (*cursor < end && records_next(records, cursor, record))
        if ((record->type == RECORD_A || record->type == RECORD_AAAA) &&
            !name_is_wildcard(record->owner) && address_within(&record->address, &zone->prefix))
            return true;
    return false;
}

static size_t list(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                   const struct records *records, size_t end, struct pointer **pointers)
{
    struct record record;
    size_t n = 0, cursor = 0;

    while (next_inside(zone, records, &cursor, end, &record))
        n++;
    *pointers = calloc(n + 1, sizeof **pointers);
    if (!*pointers)
        return 0;
    n = cursor = 0;
    while (next_inside(zone, records, &cursor, end, &record))
        if (!is_elsewhere(zone, zones, n_zones, &record.address))
            (*pointers)[n++] = (struct pointer){
                .address = record.address,
                .target = (size_t)((const uint8_t *)record.owner - records->bytes),
            };
    return n;
}

static const char *target_of(const struct records *records, const struct pointer *pointer)
{
    return (const char *)records->bytes + pointer->target;
}

static int compare(const void *a, const void *b, void *records)
{
    const struct pointer *left = a, *right = b;
    int order = address_compare(&left->address, &right->address);

    return order ? order : strcmp(target_of(records, left), target_of(records, right));
}

/* The pointers of one address, as many as fit. */
static void add_set(const struct zone *zone, struct records *records,
                    const struct pointer *pointers, size_t n, struct fit_cuts *cuts)
{
    char owner[NAME_TEXT_MAX + 1], target[NAME_TEXT_MAX + 1];
    uint8_t wire[NAME_WIRE_MAX];
    struct fit fit;

    reverse_name(owner, &pointers->address, (unsigned)address_length(&pointers->address) * 8);
    fit_begin(&fit, owner);
    for (size_t i = 0; i < n; i++) {
        strcpy(target, target_of(records, &pointers[i])); /* adding moves the set */
        if (i > 0 && compare(&pointers[i - 1], &pointers[i], records) == 0)
            continue;
        if (fit_take(&fit, name_to_wire(wire, target)))
            records_add_ptr(records, owner, target, zone->ttl);
    }
    fit_end(&fit, owner, RECORD_PTR, cuts);
}

void zone_add_pointers(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                       struct records *records, size_t end, struct fit_cuts *cuts)
{
    struct pointer *pointers;
    size_t n = list(zone, zones, n_zones, records, end, &pointers);

    if (!pointers) {
        records->failed = true;
        return;
    }
    if (n > 0)
        qsort_r(pointers, n, sizeof *pointers, compare, records);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n; next++)
            if (address_compare(&pointers[i].address, &pointers[next].address) != 0)
                break;
        add_set(zone, records, pointers + i, next - i, cuts);
    }
    free(pointers);
}
