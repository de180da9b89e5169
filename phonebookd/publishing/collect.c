#include "collect.h"

#include "../../common/array.h"
#include "../../zones/fit.h"
#include "../../zones/record.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../state/budgets.h"
#include "../state/listings.h"
#include "../state/registry.h"

#include <stdlib.h>
#include <string.h>

struct collecting {
    struct collection *to;
    const struct registry *registry;
    const char *database;
    const struct collect_images *images;
    uint64_t build;
    const struct zone *zone; /* whose span is open, or NULL */
    size_t next_zone;        /* of registry::zones; those before it have their span */
    bool failed;
};

void collection_init(struct collection *collection)
{
    *collection = (struct collection){.spans = NULL};
    records_init(&collection->records);
}

void collection_fini(struct collection *collection)
{
    records_fini(&collection->records);
    listing_addresses_fini(&collection->found);
    fit_cuts_fini(&collection->cuts);
    free(collection->short_ones);
    free(collection->spans);
    collection->short_ones = NULL;
    collection->spans = NULL;
}

static bool add_span(struct collection *to, const struct zone *zone)
{
    if (!array_grow(&to->spans, &to->room, to->n_spans + 1, sizeof *to->spans))
        return false;
    strcpy(to->spans[to->n_spans].zone, zone->name);
    to->spans[to->n_spans++].start = to->records.length;
    return true;
}

/* What the static files have at the apex: a set of static_records. */
static unsigned given_at_apex(const struct collecting *collecting, const struct zone *zone)
{
    unsigned given = 0;

    for (size_t i = 0; i < collecting->images->n; i++)
        given |= static_image_has(collecting->images->images[i], zone->name);
    return given;
}

static void begin_zone(struct collecting *collecting, const struct zone *zone)
{
    unsigned given = given_at_apex(collecting, zone);

    if (!add_span(collecting->to, zone)) {
        collecting->failed = true;
        return;
    }
    collecting->zone = zone;
    if (!(given & STATIC_SOA))
        zone_add_soa(zone, &collecting->to->records);
    if (!(given & STATIC_SOA) || !(given & STATIC_NS))
        zone_add_nameservers(zone, &collecting->to->records);
}

static void end_zone(struct collecting *collecting)
{
    struct collection *to = collecting->to;
    const struct registry *registry = collecting->registry;
    struct collect_span *span;

    if (!collecting->zone)
        return;
    span = &to->spans[to->n_spans - 1];
    zone_add_gaps(collecting->zone, registry->zones, registry->n_zones, &to->records, span->start);
    span->end = to->records.length;
    collecting->zone = NULL;
}

/* Begins and ends the zones of the database up to `last`, which stays open; all that are left where
 * it is NULL. */
static void begin_zones(struct collecting *collecting, const struct zone *last)
{
    const struct registry *registry = collecting->registry;

    while (collecting->next_zone < registry->n_zones) {
        const struct zone *zone = registry->zones[collecting->next_zone];

        if (last && strcmp(zone->name, last->name) > 0)
            return;
        collecting->next_zone++;
        if (zone->reverse || strcmp(zone->database, collecting->database) != 0)
            continue;
        end_zone(collecting);
        begin_zone(collecting, zone);
    }
    if (!last)
        end_zone(collecting);
}

/* What the other zones show is known now. */
static void collect_reverse_zones(struct collecting *collecting)
{
    const struct registry *registry = collecting->registry;
    struct collection *to = collecting->to;
    size_t end = to->records.length;

    for (size_t i = 0; i < registry->n_zones; i++) {
        const struct zone *zone = registry->zones[i];

        if (!zone->reverse || strcmp(zone->database, collecting->database) != 0)
            continue;
        begin_zone(collecting, zone);
        zone_add_pointers(zone, registry->zones, registry->n_zones, &to->records, end, &to->cuts);
        end_zone(collecting);
    }
}

/* Once it has been shown from its claims, older remnants never count again. */
static void mark(struct listing *listing, size_t n_records, bool lingering, uint64_t build)
{
    enum listing_state state = n_records == 0 ? LISTING_HIDDEN
                               : lingering    ? LISTING_LINGERING
                                              : LISTING_SHOWN;

    if (listing->state != LISTING_SHOWN)
        listing->build = build; /* else it has been there since an earlier one */
    listing->state = state;
    if (state == LISTING_SHOWN)
        for (struct remnant *r = listing->remnants; r; r = r->next)
            r->overtaken = true;
}

/* A lack of memory loses no more than this note. */
static void note_short(struct collection *to, const struct listing *listing)
{
    if (array_grow(&to->short_ones, &to->short_room, to->n_short + 1, sizeof *to->short_ones))
        to->short_ones[to->n_short++] = listing;
}

/* As many of its addresses as the names before it have left to it. */
static bool find_allowed(struct collection *to, struct listing *listing)
{
    size_t left = budget_left(listing->budget);

    listing->allowed = left < NAME_ADDRESSES_MAX ? left : NAME_ADDRESSES_MAX;
    if (!listing_addresses_find(&to->found, listing))
        return false;
    budget_use(listing->budget, to->found.n);
    if (to->found.left_out > 0 && listing->left_out == 0)
        note_short(to, listing);
    listing->left_out = to->found.left_out;
    return true;
}

static void collect_listing(struct listing *listing, void *context)
{
    struct collecting *collecting = context;
    struct collection *to = collecting->to;
    size_t n;

    if (listing->zone != collecting->zone) {
        if (strcmp(listing->zone->database, collecting->database) != 0)
            return;
        begin_zones(collecting, listing->zone);
    }
    if (!find_allowed(to, listing)) {
        collecting->failed = true;
        return;
    }
    n = zone_add_name(listing->zone, &to->records, listing->name,
                      listing_ttl(listing, to->found.lingering), to->found.addresses, to->found.n,
                      &to->cuts);
    mark(listing, n, to->found.lingering, collecting->build);
}

bool collect(struct collection *collection, struct registry *registry, const char *database,
             const struct collect_images *images, uint64_t build)
{
    struct collecting collecting = {.to = collection,
                                    .registry = registry,
                                    .database = database,
                                    .images = images,
                                    .build = build};

    records_clear(&collection->records);
    collection->n_spans = 0;
    collection->cuts.n = collection->n_short = 0;
    budgets_begin(&registry->listings.budgets, database);
    listings_each(&registry->listings, collect_listing, &collecting);
    begin_zones(&collecting, NULL);
    collect_reverse_zones(&collecting);
    fit_cuts_sort(&collection->cuts);
    return !collecting.failed && !collection->records.failed;
}

bool collect_differs(const struct collection *now, size_t i, const struct collection *before)
{
    const struct collect_span *ours = &now->spans[i];

    for (size_t j = 0; j < before->n_spans; j++) {
        const struct collect_span *theirs = &before->spans[j];

        if (strcmp(ours->zone, theirs->zone) == 0)
            return ours->end - ours->start != theirs->end - theirs->start ||
                   memcmp(now->records.bytes + ours->start, before->records.bytes + theirs->start,
                          ours->end - ours->start) != 0;
    }
    return true;
}
