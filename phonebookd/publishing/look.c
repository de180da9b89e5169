#include "look.h"

#include "../../zones/record.h"
#include "../../zones/zone.h"
#include "../state/budgets.h"
#include "../state/listings.h"
#include "../state/registry.h"

#include <string.h>

void look_init(struct look *look)
{
    *look = (struct look){.kept = NULL};
    records_init(&look->records);
}

void look_fini(struct look *look)
{
    records_fini(&look->records);
    fit_cuts_fini(&look->cuts);
    listing_addresses_fini(&look->found);
    pointing_fini(&look->pointing);
}

/* ---- records ---- */

/* If a static file has the zone's SOA, none of ours is added, and no NS records either if the file
 * has some. */
static void add_apex(struct look *look, const struct zone *zone)
{
    unsigned given = kept_images_have(look->images, zone->name);
    if (!(given & STATIC_SOA))
        zone_add_soa(zone, &look->records);
    if (!(given & STATIC_SOA) || !(given & STATIC_NS))
        zone_add_nameservers(zone, &look->records);
}

/* Begins with the records of a name without holders. */
static void begin(struct look *look, const struct zone *zone, const char *name)
{
    records_clear(&look->records);
    look->cuts.n = 0;
    if (strcmp(zone->name, name) == 0)
        add_apex(look, zone);
}

/* Finds as many of the listing's addresses as its budget allows. */
static bool find_allowed(struct look *look, struct listing *listing)
{
    size_t left = budget_left(listing->budget) + listing->used;
    listing->allowed = left < NAME_ADDRESSES_MAX ? left : NAME_ADDRESSES_MAX;
    if (!listing_addresses_find(&look->found, listing))
        return false;
    listings_use(&look->registry->listings, listing, look->found.n,
                 listing->allowed < NAME_ADDRESSES_MAX && look->found.n == listing->allowed);
    return true;
}

static bool has_reverses(const struct kept *kept)
{
    return kept && kept->reverses;
}

/* Finds which of these addresses point back to the listing, if there is a reverse zone. */
static bool find_pointing(struct look *look, const struct listing *listing)
{
    return (!has_reverses(look->kept) && !has_reverses(look->anew)) ||
           pointing_find(&look->pointing, listing, &look->found);
}

/* Returns how many records the listing has. */
static size_t add_listing(struct look *look, const struct listing *listing)
{
    struct listing_addresses *found = &look->found;
    return zone_add_name(listing->zone, listing_living(listing), &look->records, listing->name,
                         listing_ttl(listing, found->lingering),
                         listing_families(listing, found->lingering), found->addresses, found->n,
                         &look->cuts);
}

/* ---- putting ---- */

static enum look_outcome put(struct look *look, const char *name, const struct pointing *pointing)
{
    const struct records *records = &look->records;
    bool differs = false;
    if (look->kept)
        differs = kept_put(look->kept, name, records, &look->cuts, pointing);
    if (look->anew)
        kept_put(look->anew, name, records, &look->cuts, pointing);
    if (!look->kept)
        differs = !image_same(look->image, name, records);
    if (records->failed || (look->kept && look->kept->failed) || (look->anew && look->anew->failed))
        return LOOK_FAILED;
    return differs ? LOOK_CHANGED : LOOK_SAME;
}

bool look_at_apexes(struct look *look, const struct kept *of)
{
    bool failed = false;
    for (size_t i = 0; i < of->n_zones; i++) {
        const struct zone *zone = of->zones[i].zone;
        struct listing *listing =
            (struct listing *)listings_find(&look->registry->listings, zone, zone->name);
        if (listing) {
            listing_touch(listing);
            listing->looked_at = true; /* if it goes first, the apex is put then */
            continue;
        }
        begin(look, zone, zone->name);
        failed = put(look, zone->name, NULL) == LOOK_FAILED || failed;
    }
    return !failed;
}

/* ---- marks ---- */

static void overtake(struct registry *registry, struct listing *listing)
{
    for (struct remnant *r = listing->remnants; r; r = r->next)
        r->overtaken = true;
    registry->overtaken = registry->overtaken || listing->remnants;
}

/* Once the name was shown from its claims, older remnants are never shown again. A listing whose
 * records did not change is in the files of the last build already. */
static void mark(struct look *look, struct listing *listing, size_t n_records, bool differs)
{
    if (listing->state != LISTING_SHOWN)
        listing->build = look->build + 1;
    if (differs)
        listing->changed = look->build + 1;
    if (!differs && listing->build > look->build)
        listing->build = look->build;
    if (!differs && listing->changed > look->build)
        listing->changed = look->build;
    listing->state = n_records == 0          ? LISTING_HIDDEN
                     : look->found.lingering ? LISTING_LINGERING
                                             : LISTING_SHOWN;
    listing->looked_at = true;
    if (listing->state == LISTING_SHOWN)
        overtake(look->registry, listing);
}

/* If somebody has the name again, its new listing is looked at later. */
static enum look_outcome look_at_gone(struct look *look, const char *name)
{
    const struct registry *registry = look->registry;
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, name);
    if (!zone || listings_find(&registry->listings, zone, name))
        return LOOK_SAME;
    begin(look, zone, name);
    return put(look, name, NULL);
}

/* A name that a static file excludes is not shown. */
static bool is_static(const struct look *look, const struct listing *listing)
{
    return kept_images_clash(look->images, listing->name, listing->zone->name);
}

enum look_outcome look_at(struct look *look, struct listing *listing, struct look_news *news)
{
    bool was_static = listing->is_static;
    *news = (struct look_news){.is_short = false};
    if (listing->gone)
        return look_at_gone(look, listing->name);
    begin(look, listing->zone, listing->name);
    if (!find_allowed(look, listing) || !find_pointing(look, listing))
        return LOOK_FAILED;
    listing_addresses_judge(&look->found, listing);
    news->is_short = look->found.left_out > 0 && listing->left_out == 0;
    listing->left_out = look->found.left_out;
    listing->is_static = is_static(look, listing);
    news->is_static = listing->is_static && !was_static;
    size_t n = 0;
    if (!listing->is_static)
        n = add_listing(look, listing);
    enum look_outcome outcome = put(look, listing->name, &look->pointing);
    mark(look, listing, n, outcome == LOOK_CHANGED);
    return outcome;
}
