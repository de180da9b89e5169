#include "collect.h"

#include <stdlib.h>
#include <string.h>

struct collecting {
    struct collection *to;
    const struct registry *registry;
    const char *database;
    uint64_t build;
    size_t next_zone; /* of registry::zones; those before it have their span */
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
    gathering_fini(&collection->gathering);
    free(collection->spans);
    collection->spans = NULL;
}

static void end_span(struct collection *to)
{
    if (to->n_spans > 0)
        to->spans[to->n_spans - 1].end = to->records.length;
}

static bool begin_span(struct collection *to, const struct zone *zone)
{
    if (to->n_spans == to->room) {
        size_t room = to->room * 2 + 4;
        struct collect_span *larger = realloc(to->spans, room * sizeof *larger);

        if (!larger)
            return false;
        to->spans = larger;
        to->room = room;
    }
    strcpy(to->spans[to->n_spans].zone, zone->name);
    to->spans[to->n_spans++].start = to->records.length;
    return true;
}

/* Begins every zone of the database up to and with `last`; all that are left where it is NULL. */
static void begin_zones(struct collecting *collecting, const struct zone *last)
{
    const struct registry *registry = collecting->registry;

    while (collecting->next_zone < registry->n_zones) {
        const struct zone *zone = registry->zones[collecting->next_zone];

        if (last && strcmp(zone->name, last->name) > 0)
            return;
        collecting->next_zone++;
        if (strcmp(zone->database, collecting->database) != 0)
            continue;
        end_span(collecting->to);
        if (!begin_span(collecting->to, zone))
            collecting->failed = true;
        zone_add_apex(zone, &collecting->to->records);
    }
}

static void collect_listing(struct listing *listing, void *context)
{
    struct collecting *collecting = context;
    struct collection *to = collecting->to;
    size_t n;

    if (strcmp(listing->zone->database, collecting->database) != 0)
        return;
    begin_zones(collecting, listing->zone);
    if (!gather(&to->gathering, listing)) {
        collecting->failed = true;
        return;
    }
    n = zone_add_name(listing->zone, &to->records, listing->name, gather_ttl(listing),
                      to->gathering.addresses, to->gathering.n);
    if (listing->state != LISTING_SHOWN)
        listing->build = collecting->build; /* else it has been there since an earlier one */
    listing->state = n > 0 ? LISTING_SHOWN : LISTING_HIDDEN;
}

bool collect(struct collection *collection, const struct registry *registry, const char *database,
             uint64_t build)
{
    struct collecting collecting = {
        .to = collection, .registry = registry, .database = database, .build = build};

    records_clear(&collection->records);
    collection->n_spans = 0;
    registry_each(registry, collect_listing, &collecting);
    begin_zones(&collecting, NULL);
    end_span(collection);
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
