#include "zone-records.h"

#include "../../common/array.h"
#include "../../zones/reverse.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* That an address points back to a name. */
struct back {
    struct address address;
    const char *group; /* of which the oldest alone counts; NULL: it counts in any case */
    struct registration_age age;
    size_t target; /* where the name is in records::bytes, which may move */
};

/* What the zone is looked at with. */
struct looking {
    const struct zone *zone;
    const struct zone *const *zones;
    size_t n_zones;
    const struct pointing_ages *ages;
};

/* Another reverse zone of the database has its name, which is deeper. Zones of RFC 2317 have names
 * of their own. */
static bool is_elsewhere(const struct looking *looking, const struct address *address)
{
    const struct zone *zone = looking->zone;
    for (size_t i = 0; i < looking->n_zones && !reverse_is_classless(&zone->prefix); i++) {
        const struct zone *other = looking->zones[i];
        if (other->reverse && !reverse_is_classless(&other->prefix) &&
            other->prefix.bits > zone->prefix.bits && address_within(address, &other->prefix) &&
            strcmp(other->database, zone->database) == 0)
            return true;
    }
    return false;
}

static const struct zone *zone_with(const struct looking *looking, const char *name)
{
    const struct zone *deepest = NULL;
    for (size_t i = 0; i < looking->n_zones; i++)
        if (name_within(name, looking->zones[i]->name) &&
            (!deepest || strlen(looking->zones[i]->name) > strlen(deepest->name)))
            deepest = looking->zones[i];
    return deepest;
}

/* A wildcard is nobody's name. */
static bool is_pointed(const struct looking *looking, const struct record *record,
                       struct back *back)
{
    const struct zone *of = zone_with(looking, record->owner);
    *back = (struct back){.address = record->address};
    if (name_is_wildcard(record->owner) ||
        !address_within(&record->address, &looking->zone->prefix) ||
        is_elsewhere(looking, &record->address) || looking->zone->pointers == ZONE_POINTERS_NONE ||
        (of && of->pointers == ZONE_POINTERS_NONE))
        return false;
    if (looking->zone->pointers == ZONE_POINTERS_FIRST)
        back->group = "";
    else if (of && of->pointers == ZONE_POINTERS_FIRST)
        back->group = of->name;
    return !looking->ages ||
           looking->ages->find(looking->ages->context, record->owner, &record->address, &back->age);
}

/* False where memory ran out. */
static bool list(const struct looking *looking, const struct records *records, size_t end,
                 struct back **all, size_t *n)
{
    *all = NULL;
    *n = 0;
    size_t cursor = 0, room = 0;
    struct record record;
    while (cursor < end && records_next(records, &cursor, &record)) {
        struct back back;
        if ((record.type != RECORD_A && record.type != RECORD_AAAA) ||
            !is_pointed(looking, &record, &back))
            continue;
        if (!array_grow(all, &room, *n + 1, sizeof **all))
            return false;
        back.target = (size_t)((const uint8_t *)record.owner - records->bytes);
        (*all)[(*n)++] = back;
    }
    return true;
}

static const char *target_of(const struct records *records, const struct back *back)
{
    return (const char *)records->bytes + back->target;
}

/* The oldest of groups come first. */
static int compare_groups(const struct back *a, const struct back *b)
{
    if (!a->group || !b->group)
        return !a->group - !b->group;
    return strcmp(a->group, b->group);
}

static int compare(const void *a, const void *b, void *records)
{
    const struct back *left = a, *right = b;
    int order = address_compare(&left->address, &right->address);
    order = order ? order : compare_groups(left, right);
    order = order || !left->group ? order : registration_compare_age(left->age, right->age);
    return order ? order : strcmp(target_of(records, left), target_of(records, right));
}

static void name_of(char name[static NAME_TEXT_MAX + 1], const struct zone *zone,
                    const struct address *address)
{
    if (reverse_is_classless(&zone->prefix))
        reverse_classless_owner(name, address, zone->name);
    else
        reverse_name(name, address, (unsigned)address_length(address) * 8);
}

/* The pointers of one address, as many as fit. */
static void add_set(const struct zone *zone, struct records *records, const struct back *all,
                    size_t n, struct fit_cuts *cuts)
{
    char owner[NAME_TEXT_MAX + 1];
    name_of(owner, zone, &all->address);
    struct fit fit;
    fit_begin(&fit, owner);
    for (size_t i = 0; i < n; i++) {
        char target[NAME_TEXT_MAX + 1];
        strcpy(target, target_of(records, &all[i])); /* adding moves the set */
        if (i > 0 && (all[i].group ? compare_groups(&all[i - 1], &all[i]) == 0
                                   : compare(&all[i - 1], &all[i], records) == 0))
            continue;
        uint8_t wire[NAME_WIRE_MAX];
        if (fit_take(&fit, name_to_wire(wire, target)))
            records_add_ptr(records, owner, target, zone->ttl);
    }
    fit_end(&fit, owner, RECORD_PTR, cuts);
}

void zone_add_pointers(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                       struct records *records, size_t end, const struct pointing_ages *ages,
                       struct fit_cuts *cuts)
{
    const struct looking looking = {zone, zones, n_zones, ages};
    struct back *all;
    size_t n;
    if (!list(&looking, records, end, &all, &n))
        records->failed = true;
    if (n > 0)
        qsort_r(all, n, sizeof *all, compare, records);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n; next++)
            if (address_compare(&all[i].address, &all[next].address) != 0)
                break;
        add_set(zone, records, all + i, next - i, cuts);
    }
    free(all);
}
