#include "kept.h"

#include "../../common/array.h"
#include "../../common/fnv.h"
#include "../../common/words.h"
#include "../../zones/address.h"
#include "../../zones/name.h"
#include "../../zones/reverse.h"

#include <netinet/in.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct prefix {
    uint8_t octets[KEPT_PREFIX_OCTETS];
    size_t n; /* addresses in this prefix */
};

struct cut {
    enum record_type type;
    char owner[];
};

/* ---- zones ---- */

static int compare_zones(const void *name, const void *zone)
{
    return strcmp(name, ((const struct kept_zone *)zone)->zone->name);
}

struct kept_zone *kept_zone_of(const struct kept *kept, const char *name)
{
    struct kept_zone *found = NULL;
    for (; name && !found; name = name_above(name))
        found = bsearch(name, kept->zones, kept->n_zones, sizeof *kept->zones, compare_zones);
    return found;
}

/* Counts one name more or less below each name between the owner and the zone's apex. */
static void count_above(struct kept *kept, const struct kept_zone *zone, const char *owner,
                        int change)
{
    size_t apex = strlen(zone->zone->name);
    while ((owner = name_above(owner)) && strlen(owner) > apex)
        if (!derived_count(&kept->derived, owner, change))
            kept->failed = true;
}

/* A zone's apex counts as a name of the zone above. */
static void count_zones(struct kept *kept)
{
    for (size_t i = 0; i < kept->n_zones; i++) {
        const char *apex = kept->zones[i].zone->name, *parent = name_above(apex);
        const struct kept_zone *above = parent ? kept_zone_of(kept, parent) : NULL;
        if (above)
            count_above(kept, above, apex, 1);
    }
}

/* ---- static files ---- */

unsigned kept_images_have(const struct kept_images *images, const char *name)
{
    unsigned has = 0;
    for (size_t i = 0; i < images->n; i++)
        has |= static_image_has(images->images[i], name);
    return has;
}

bool kept_images_clash(const struct kept_images *images, const char *name, const char *apex)
{
    struct static_clash clash;
    for (size_t i = 0; i < images->n; i++)
        if (static_image_clash(images->images[i], name, apex, &clash))
            return true;
    return false;
}

struct count {
    struct kept *kept;
    const struct static_image *image;
    int change;
};

/* Names below a delegation belong to another server. */
static void count_static(const char *name, void *context)
{
    const struct count *count = context;
    const struct kept_zone *zone = kept_zone_of(count->kept, name);
    struct static_clash clash;
    if (zone && strlen(name) > strlen(zone->zone->name) &&
        !static_image_clash(count->image, name, zone->zone->name, &clash) &&
        !derived_count(&count->kept->derived, name, count->change))
        count->kept->failed = true;
}

static void count_images(struct kept *kept, const struct kept_images *images, int change)
{
    for (size_t i = 0; i < images->n; i++) {
        struct count count = {kept, images->images[i], change};
        static_image_each_above(images->images[i], count_static, &count);
    }
}

void kept_set_images(struct kept *kept, const struct kept_images *before)
{
    count_images(kept, kept->images, 1);
    count_images(kept, before, -1);
    derived_change_all(&kept->derived);
}

static bool is_classless(const struct zone *zone)
{
    return zone->reverse && reverse_is_classless(&zone->prefix);
}

/* ---- changed zones ---- */

/* Which zone of the database comes after this one? */
static const struct zone *next_of(const struct zone *const *zones, size_t n_zones, size_t *i,
                                  const char *database)
{
    while (*i < n_zones && strcmp(zones[*i]->database, database) != 0)
        ++*i;
    return *i < n_zones ? zones[(*i)++] : NULL;
}

/* What was counted for programs and PTR records must stay right, and another program must be run,
 * even if no record changes. A pointer's group is the name in the zone itself. */
static bool is_counted_alike(const struct zone *a, const struct zone *b)
{
    return a == b || (!a->on_change == !b->on_change && words_equal(a->on_change, b->on_change) &&
                      a->pointers == b->pointers && a->pointers != ZONE_POINTERS_FIRST);
}

static bool are_counted_alike(const struct kept *kept, const struct zone *const *zones,
                              size_t n_zones, const char *database)
{
    bool alike = true;
    for (size_t i = 0, at = 0; alike && i < kept->n_zones; i++) {
        const struct zone *before = kept->zones[i].zone,
                          *zone = next_of(zones, n_zones, &at, database);
        alike = zone && is_counted_alike(before, zone);
    }
    return alike;
}

/* Placeholders and PTR records have the TTLs of their zones. */
bool kept_set_zones(struct kept *kept, const struct zone *const *zones, size_t n_zones,
                    const char *database)
{
    if (!are_counted_alike(kept, zones, n_zones, database))
        return false;
    for (size_t i = 0, at = 0; i < kept->n_zones; i++)
        kept->zones[i].zone = next_of(zones, n_zones, &at, database);
    derived_change_all(&kept->derived);
    return true;
}

/* ---- its beginning and end ---- */

bool kept_init(struct kept *kept, const char *database, const struct zone *const *zones,
               size_t n_zones, const struct image *image, const struct kept_images *images)
{
    *kept = (struct kept){.image = image, .images = images};
    image_changes_init(&kept->changes);
    derived_set_init(&kept->derived);
    records_init(&kept->before);
    records_init(&kept->now);
    kept->zones = calloc(n_zones + 1, sizeof *kept->zones);
    if (!kept->zones)
        return false;
    for (size_t i = 0; i < n_zones; i++)
        if (strcmp(zones[i]->database, database) == 0) {
            kept->zones[kept->n_zones++].zone = zones[i];
            kept->reverses = kept->reverses || zones[i]->reverse;
            kept->n_classless += is_classless(zones[i]);
        }
    count_zones(kept);
    count_images(kept, images, 1);
    return !kept->failed;
}

void kept_fini(struct kept *kept)
{
    for (size_t i = 0; i < kept->n_zones; i++)
        tdestroy(kept->zones[i].prefixes, free);
    free(kept->zones);
    image_changes_fini(&kept->changes);
    derived_set_fini(&kept->derived);
    tdestroy(kept->cut, free);
    fit_cuts_fini(&kept->fresh);
    fit_cuts_fini(&kept->cuts);
    records_fini(&kept->before);
    records_fini(&kept->now);
    *kept = (struct kept){.image = NULL};
}

void kept_move(struct kept *to, struct kept *from)
{
    *to = *from;
    TAILQ_INIT(&to->derived.changed); /* the head of the list contains its own address */
    TAILQ_CONCAT(&to->derived.changed, &from->derived.changed, queued);
    *from = (struct kept){.image = NULL};
}

void kept_in_place(struct kept *kept, const struct image *image)
{
    image_changes_clear(&kept->changes);
    kept->image = image;
}

/* ---- what on-change programs are told ---- */

/* The digest of a zone is the sum of these over its owners. */
static uint64_t digest_of(const struct records *records)
{
    return records->length > 0 ? fnv_add(FNV_BASIS, records->bytes, records->length) : 0;
}

static int compare_prefixes(const void *a, const void *b)
{
    return memcmp(a, b, KEPT_PREFIX_OCTETS);
}

static struct prefix *get_prefix(struct kept_zone *zone, const uint8_t *octets)
{
    struct prefix **found = tfind(octets, &zone->prefixes, compare_prefixes);
    if (found)
        return *found;
    struct prefix *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    memcpy(made->octets, octets, sizeof made->octets);
    if (tsearch(made, &zone->prefixes, compare_prefixes))
        return made;
    free(made);
    return NULL;
}

static void count_prefix(struct kept *kept, struct kept_zone *zone, const uint8_t *octets,
                         int change)
{
    struct prefix *prefix = get_prefix(zone, octets);
    if (!prefix) {
        kept->failed = true;
        return;
    }
    prefix->n += (size_t)change;
    if (prefix->n > 0)
        return;
    tdelete(prefix, &zone->prefixes, compare_prefixes);
    free(prefix);
}

struct visit {
    size_t left;
    void (*visit)(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context);
    void *context;
};

static void visit_prefix(const void *node, VISIT which, void *closure)
{
    const struct prefix *prefix = *(struct prefix *const *)node;
    struct visit *visit = closure;
    if ((which != postorder && which != leaf) || visit->left == 0)
        return;
    visit->left--;
    visit->visit(prefix->octets, visit->context);
}

void kept_prefixes(const struct kept_zone *zone, size_t max,
                   void (*visit)(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context),
                   void *context)
{
    struct visit closure = {max, visit, context};
    twalk_r(zone->prefixes, visit_prefix, &closure);
}

/* ---- what did not fit ---- */

static int compare_cuts(const void *a, const void *b)
{
    const struct cut *left = a, *right = b;
    int order = strcmp(left->owner, right->owner);
    return order ? order : (left->type > right->type) - (left->type < right->type);
}

static struct cut *new_cut(const char *owner, enum record_type type)
{
    size_t size = strlen(owner) + 1;
    struct cut *cut = malloc(sizeof *cut + size);
    if (!cut)
        return NULL;
    cut->type = type;
    memcpy(cut->owner, owner, size);
    return cut;
}

/* If memory runs out, only a log line is lost or doubled. The same applies below. */
bool kept_is_cut(const struct kept *kept, const char *owner, enum record_type type)
{
    struct cut *key = kept->cut ? new_cut(owner, type) : NULL;
    bool found = key && tfind(key, &kept->cut, compare_cuts);
    free(key);
    return found;
}

static void forget_cut(struct kept *kept, const char *owner, enum record_type type)
{
    struct cut *key = kept->cut ? new_cut(owner, type) : NULL;
    struct cut **found = key ? tfind(key, &kept->cut, compare_cuts) : NULL;
    struct cut *cut = found ? *found : NULL;
    if (cut)
        tdelete(cut, &kept->cut, compare_cuts);
    free(cut);
    free(key);
}

static void remember_cut(struct kept *kept, const struct fit_cut *fresh)
{
    struct cut *cut = new_cut(fresh->owner, fresh->type);
    if (cut && !tsearch(cut, &kept->cut, compare_cuts))
        free(cut);
    if (array_grow(&kept->fresh.cuts, &kept->fresh.room, kept->fresh.n + 1, sizeof *fresh))
        kept->fresh.cuts[kept->fresh.n++] = *fresh;
}

/* If records of this type were left out for the owner, they are in `cuts`. */
static void note_cut(struct kept *kept, const char *owner, enum record_type type,
                     const struct fit_cuts *cuts)
{
    size_t i = 0;
    while (i < cuts->n && cuts->cuts[i].type != type)
        i++;
    if (i == cuts->n)
        forget_cut(kept, owner, type);
    else if (!kept_is_cut(kept, owner, type))
        remember_cut(kept, &cuts->cuts[i]);
}

/* ---- what follows ---- */

/* Notes that the address points back to the name, under this owner in this reverse zone; `age`
 * NULL: no longer. A reverse zone that shows only the oldest name compares names of all zones. */
static void point_from(struct kept *kept, const struct zone *reverse, const char *owner,
                       const struct zone *zone, const char *name,
                       const struct registration_age *age)
{
    bool done = true;
    if (reverse->pointers == ZONE_POINTERS_FIRST)
        done = derived_point_oldest(&kept->derived, owner, name, "", age);
    else if (zone->pointers == ZONE_POINTERS_FIRST)
        done = derived_point_oldest(&kept->derived, owner, name, zone->name, age);
    else
        done = derived_point(&kept->derived, owner, name, age);
    kept->failed = kept->failed || !done;
}

static bool points(const struct zone *zone, const struct zone *reverse)
{
    return zone->pointers != ZONE_POINTERS_NONE && reverse->pointers != ZONE_POINTERS_NONE;
}

/* An address can be in several zones of RFC 2317, in addition to the one with its usual name. */
static void point(struct kept *kept, const struct zone *zone, const struct record *record,
                  const struct registration_age *age)
{
    char owner[NAME_TEXT_MAX + 1];
    reverse_name(owner, &record->address, (unsigned)address_length(&record->address) * 8);
    const struct kept_zone *usual = kept_zone_of(kept, owner);
    if (usual && points(zone, usual->zone))
        point_from(kept, usual->zone, owner, zone, record->owner, age);
    for (size_t i = 0; kept->n_classless > 0 && i < kept->n_zones; i++) {
        const struct zone *reverse = kept->zones[i].zone;
        if (!is_classless(reverse) || !points(zone, reverse) ||
            !address_within(&record->address, &reverse->prefix))
            continue;
        reverse_classless_owner(owner, &record->address, reverse->name);
        point_from(kept, reverse, owner, zone, record->owner, age);
    }
}

static bool is_address(const struct record *record)
{
    return record->type == RECORD_A || record->type == RECORD_AAAA;
}

/* Calls point() for the addresses that the owner had before, and for those that it has now. */
static void point_all(struct kept *kept, const struct kept_zone *zone,
                      const struct pointing *pointing)
{
    size_t cursor = 0;
    struct record record;
    if (!records_equal(&kept->before, &kept->now))
        while (records_next(&kept->before, &cursor, &record))
            if (is_address(&record))
                point(kept, zone->zone, &record, NULL);
    cursor = 0;
    while (records_next(&kept->now, &cursor, &record))
        if (is_address(&record))
            point(kept, zone->zone, &record,
                  pointing ? pointing_age(pointing, &record.address) : NULL);
}

static void count_record(struct kept *kept, struct kept_zone *zone, const struct record *record,
                         int change)
{
    if (record->type == RECORD_AAAA)
        count_prefix(kept, zone, record->address.octets, change);
}

static void count_records(struct kept *kept, struct kept_zone *zone, const struct records *records,
                          int change)
{
    if (zone->zone->on_change)
        zone->digest += change > 0 ? digest_of(records) : -digest_of(records);
    size_t cursor = 0;
    struct record record;
    if (zone->zone->on_change)
        while (records_next(records, &cursor, &record))
            count_record(kept, zone, &record, change);
}

/* A placeholder alone does not make a name exist. */
static bool is_name(const struct records *records)
{
    size_t cursor = 0;
    struct record record;
    return records_next(records, &cursor, &record) && record.type != RECORD_PLACEHOLDER;
}

/* False if it does not fit. */
static bool add_pointer(struct records *records, struct fit *fit, const struct derived *derived,
                        const char *target, uint32_t ttl)
{
    uint8_t wire[NAME_WIRE_MAX];
    bool fits = fit_take(fit, name_to_wire(wire, target));
    if (fits)
        records_add_ptr(records, derived->name, target, ttl);
    return fits;
}

/* Adds as many PTR records of one address as fit: the oldest of each group first. */
static void add_pointers(struct kept *kept, const struct kept_zone *zone,
                         const struct derived *derived, struct records *records)
{
    size_t n = derived->n_pointers;
    struct fit fit;
    fit_begin(&fit, derived->name);
    const struct pointer *oldest = NULL;
    while ((oldest = derived_next_oldest(derived, oldest ? oldest->group : NULL))) {
        add_pointer(records, &fit, derived, oldest->name, zone->zone->ttl);
        n++;
    }
    const char *target = "";
    while ((target = derived_next_pointer(derived, target)) &&
           add_pointer(records, &fit, derived, target, zone->zone->ttl))
        ;
    fit.all = n;
    fit_end(&fit, derived->name, RECORD_PTR, &kept->cuts);
}

static void add_derived(struct kept *kept, const struct kept_zone *zone, const char *owner,
                        struct records *records)
{
    const struct derived *derived = derived_find(&kept->derived, owner);
    kept->cuts.n = 0;
    if (derived && derived->n_pointers + derived->n_grouped > 0 &&
        !kept_images_clash(kept->images, owner, zone->zone->name))
        add_pointers(kept, zone, derived, records);
    if (derived && derived->n_below > 0 && records->count == 0 &&
        !kept_images_have(kept->images, owner))
        records_add_placeholder(records, owner, zone->zone->negative_ttl);
}

/* ---- putting ---- */

/* Finds the records that the owner has now. True if they are in a change. */
static bool find(struct kept *kept, const char *owner, struct records *records)
{
    records_clear(records);
    bool changed = image_changes_find(&kept->changes, owner, records);
    if (!changed)
        image_find(kept->image, owner, records);
    kept->failed = kept->failed || records->failed;
    return changed;
}

/* False if the files have these records. */
static bool note(struct kept *kept, const char *owner, bool changed)
{
    if (changed && image_same(kept->image, owner, &kept->now)) {
        image_changes_unset(&kept->changes, owner);
        return false;
    }
    if (kept->now.failed || !image_changes_set(&kept->changes, owner, &kept->now))
        kept->failed = true;
    return true;
}

/* Makes kept->now the owner's records, instead of kept->before. */
static bool replace(struct kept *kept, struct kept_zone *zone, const char *owner, bool changed)
{
    bool was = is_name(&kept->before), is = is_name(&kept->now);
    if (records_equal(&kept->before, &kept->now))
        return changed;
    count_records(kept, zone, &kept->before, -1);
    count_records(kept, zone, &kept->now, 1);
    if (was != is)
        count_above(kept, zone, owner, is ? 1 : -1);
    return note(kept, owner, changed);
}

static void copy_own(struct records *to, const struct records *from)
{
    size_t cursor = 0;
    struct record record;
    while (records_next(from, &cursor, &record))
        if (record.type != RECORD_PTR && record.type != RECORD_PLACEHOLDER)
            records_add(to, &record);
}

/* No address points back to a wildcard. */
bool kept_put(struct kept *kept, const char *owner, const struct records *records,
              const struct fit_cuts *cuts, const struct pointing *pointing)
{
    struct kept_zone *zone = kept_zone_of(kept, owner);
    if (!zone)
        return false;
    bool changed = find(kept, owner, &kept->before);
    records_clear(&kept->now);
    copy_own(&kept->now, records);
    add_derived(kept, zone, owner, &kept->now);
    note_cut(kept, owner, RECORD_A, cuts);
    note_cut(kept, owner, RECORD_AAAA, cuts);
    if (kept->reverses && !name_is_wildcard(owner))
        point_all(kept, zone, pointing);
    return replace(kept, zone, owner, changed);
}

static void settle(struct kept *kept, const char *owner)
{
    struct kept_zone *zone = kept_zone_of(kept, owner);
    bool changed = find(kept, owner, &kept->before);
    records_clear(&kept->now);
    copy_own(&kept->now, &kept->before);
    add_derived(kept, zone, owner, &kept->now);
    note_cut(kept, owner, RECORD_PTR, &kept->cuts);
    replace(kept, zone, owner, changed);
}

bool kept_settle(struct kept *kept, size_t n)
{
    struct derived *derived;
    while (n-- > 0 && (derived = derived_take(&kept->derived))) {
        settle(kept, derived->name);
        derived_took(&kept->derived, derived);
    }
    return !TAILQ_EMPTY(&kept->derived.changed);
}
