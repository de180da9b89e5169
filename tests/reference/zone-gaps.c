#include "zone-records.h"

#include "../../common/array.h"

#include <stdlib.h>
#include <string.h>

/* The names between owners and the apex: first all, then each once, without those that exist. */
struct gaps {
    char *text; /* owned; the names, one after the other, each with its NUL */
    size_t length, text_room;
    size_t *names; /* owned; where each begins */
    size_t n, names_room;
    bool failed;
};

static void add(struct gaps *gaps, const char *name)
{
    size_t size = strlen(name) + 1;
    if (!array_grow(&gaps->text, &gaps->text_room, gaps->length + size, 1) ||
        !array_grow(&gaps->names, &gaps->names_room, gaps->n + 1, sizeof *gaps->names)) {
        gaps->failed = true;
        return;
    }
    memcpy(gaps->text + gaps->length, name, size);
    gaps->names[gaps->n++] = gaps->length;
    gaps->length += size;
}

static const char *parent_of(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : "";
}

/* `below` is a name in the zone. The names above a name that is here are here too; so are those of
 * its neighbours in the set, mostly. */
static void add_above(struct gaps *gaps, const char *below, const char *apex)
{
    const char *name = parent_of(below);
    if (!apex || strlen(name) <= strlen(apex)) /* a set without a SOA is no zone's */
        return;
    if (gaps->n > 0 && name_within(gaps->text + gaps->names[gaps->n - 1], name))
        return;
    add_above(gaps, name, apex);
    add(gaps, name);
}

/* The deepest zone above, of the same database. */
static const struct zone *zone_above(const struct zone *zone, const struct zone *const *zones,
                                     size_t n_zones)
{
    const struct zone *above = NULL;
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i] != zone && strcmp(zones[i]->database, zone->database) == 0 &&
            name_within(zone->name, zones[i]->name) &&
            (!above || strlen(zones[i]->name) > strlen(above->name)))
            above = zones[i];
    return above;
}

static void gather(struct gaps *gaps, const struct zone *zone, const struct zone *const *zones,
                   size_t n_zones, const struct records *records, size_t start)
{
    const char *last = ""; /* what the names above were added of */
    struct record record;
    while (records_next(records, &start, &record)) {
        const char *parent = parent_of(record.owner);
        if (strcmp(parent, last) != 0)
            add_above(gaps, record.owner, zone->name);
        last = parent;
    }
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i] != zone && name_within(zones[i]->name, zone->name) &&
            zone_above(zones[i], zones, n_zones) == zone)
            add_above(gaps, zones[i]->name, zone->name);
}

static int compare(const void *a, const void *b, void *text)
{
    const size_t *left = a, *right = b;
    return strcmp((const char *)text + *left, (const char *)text + *right);
}

static void sort_once(struct gaps *gaps)
{
    qsort_r(gaps->names, gaps->n, sizeof *gaps->names, compare, gaps->text);
    size_t n = 0;
    for (size_t i = 0; i < gaps->n; i++)
        if (n == 0 || compare(&gaps->names[n - 1], &gaps->names[i], gaps->text) != 0)
            gaps->names[n++] = gaps->names[i];
    gaps->n = n;
}

static size_t *find(const struct gaps *gaps, const char *name)
{
    size_t low = 0, high = gaps->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, gaps->text + gaps->names[middle]);
        if (order == 0)
            return &gaps->names[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* A "*.x" makes no x. */
static void mark_existing(const struct gaps *gaps, const struct records *records, size_t start,
                          bool *exists)
{
    struct record record;
    while (records_next(records, &start, &record)) {
        const size_t *found = find(gaps, record.owner);
        if (found)
            exists[found - gaps->names] = true;
    }
}

static void fill(struct gaps *gaps, struct records *records, size_t start, uint32_t ttl,
                 const struct kept_images *images)
{
    bool *exists = calloc(gaps->n, sizeof *exists);
    if (!exists) {
        gaps->failed = true;
        return;
    }
    sort_once(gaps);
    mark_existing(gaps, records, start, exists);
    for (size_t i = 0; i < gaps->n; i++)
        if (!exists[i] && !(images && kept_images_have(images, gaps->text + gaps->names[i])))
            records_add_placeholder(records, gaps->text + gaps->names[i], ttl);
    free(exists);
}

struct above {
    struct gaps *gaps;
    const struct zone *zone;
    const struct zone *const *zones;
    size_t n_zones;
    const struct static_image *image;
};

/* The deepest zone of the database that the name is in. */
static const struct zone *zone_with(const struct above *above, const char *name)
{
    const struct zone *deepest = NULL;
    for (size_t i = 0; i < above->n_zones; i++)
        if (strcmp(above->zones[i]->database, above->zone->database) == 0 &&
            name_within(name, above->zones[i]->name) &&
            (!deepest || strlen(above->zones[i]->name) > strlen(deepest->name)))
            deepest = above->zones[i];
    return deepest;
}

static void add_static(const char *name, void *context)
{
    const struct above *above = context;
    const struct zone *deepest = zone_with(above, name);
    struct static_clash clash;
    if (deepest && deepest == above->zone && strcmp(name, above->zone->name) != 0 &&
        !static_image_clash(above->image, name, above->zone->name, &clash))
        add(above->gaps, name);
}

void zone_add_gaps(const struct zone *zone, const struct zone *const *zones, size_t n_zones,
                   struct records *records, size_t start, const struct kept_images *images)
{
    struct gaps gaps = {.failed = false};
    for (size_t i = 0; images && i < images->n; i++) {
        struct above above = {&gaps, zone, zones, n_zones, images->images[i]};
        static_image_each_above(images->images[i], add_static, &above);
    }
    gather(&gaps, zone, zones, n_zones, records, start);
    if (gaps.n > 0 && !gaps.failed)
        fill(&gaps, records, start, zone->negative_ttl, images);
    if (gaps.failed)
        records->failed = true;
    free(gaps.text);
    free(gaps.names);
}
