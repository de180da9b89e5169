#include "collect.h"

#include "../../phonebookd/state/interfaces.h"
#include "../../phonebookd/state/listings.h"
#include "../../phonebookd/state/pointing.h"
#include "../../phonebookd/state/registry.h"
#include "../../zones/living.h"
#include "zone-records.h"

#include <stdlib.h>
#include <string.h>

struct collecting {
    struct records *to;
    struct fit_cuts *cuts;
    struct listing_addresses found;
    const struct registry *registry;
    const char *database;
    const struct kept_images *images;
    const struct zone *zone; /* that is open, or NULL, */
    size_t start;            /* and where its records begin */
    size_t next_zone;        /* of registry::zones; those before it are done */
    bool failed;
};

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
    collecting->zone = zone;
    collecting->start = collecting->to->length;
    if (!(given & STATIC_SOA))
        zone_add_soa(zone, collecting->to);
    if (!(given & STATIC_SOA) || !(given & STATIC_NS))
        zone_add_nameservers(zone, collecting->to);
}

static void end_zone(struct collecting *collecting)
{
    const struct registry *registry = collecting->registry;
    if (!collecting->zone)
        return;
    zone_add_gaps(collecting->zone, registry->zones, registry->n_zones, collecting->to,
                  collecting->start, collecting->images);
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

/* ---- who is pointed back to ---- */

static bool has_address(const struct address *addresses, size_t n, const struct address *address)
{
    for (size_t i = 0; i < n; i++)
        if (address_compare(&addresses[i], address) == 0)
            return true;
    return false;
}

static void take_older(struct registration_age *age, bool *any, struct registration_age other)
{
    if (!*any || registration_compare_age(other, *age) < 0)
        *age = other;
    *any = true;
}

/* Of claims that let addresses point back: of all that have the address, or with NULL any. */
static bool claims_age(const struct listing *listing, const struct address *address,
                       struct registration_age *age)
{
    bool any = false;
    for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
        const struct registration *r = claim->registration;
        const struct link *link = registration_link(r);
        if (!link || r->options.ptr == REQUEST_PTR_NO)
            continue;
        struct link_part part = registration_part(r, link);
        if (address ? has_address(link->addresses + part.first, part.n, address) : part.n > 0)
            take_older(age, &any, registration_age(r));
    }
    return any;
}

static bool remnants_age(const struct listing *listing, const struct address *address,
                         struct registration_age *age, bool any)
{
    for (const struct remnant *r = listing->remnants; r; r = r->next)
        if (!r->overtaken && r->former->options.ptr != REQUEST_PTR_NO &&
            (!address || has_address(r->addresses, r->n_addresses, address)))
            take_older(age, &any, (struct registration_age){.since = r->former->since});
    return any;
}

static bool age_of(struct listing *listing, const struct listing_addresses *found,
                   const struct address *address, struct registration_age *age)
{
    bool any = claims_age(listing, address, age);
    return found->lingering ? remnants_age(listing, address, age, any) : any;
}

/* A gateway's address is as old as the oldest of them. */
static bool find_age(void *context, const char *name, const struct address *address,
                     struct registration_age *age)
{
    struct collecting *collecting = context;
    const struct registry *registry = collecting->registry;
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, name);
    struct listing *listing = (struct listing *)listings_find(&registry->listings, zone, name);
    struct listing_addresses *found = &collecting->found;
    if (!listing_addresses_find(found, listing)) {
        collecting->failed = true;
        return false;
    }
    if (age_of(listing, found, address, age))
        return true;
    return has_address(zone->gateways, zone->n_gateways, address) &&
           age_of(listing, found, NULL, age);
}

/* What the other zones show is known now. */
static void collect_reverse_zones(struct collecting *collecting)
{
    const struct registry *registry = collecting->registry;
    size_t end = collecting->to->length;
    for (size_t i = 0; i < registry->n_zones; i++) {
        const struct zone *zone = registry->zones[i];
        if (!zone->reverse || strcmp(zone->database, collecting->database) != 0)
            continue;
        begin_zone(collecting, zone);
        zone_add_pointers(zone, registry->zones, registry->n_zones, collecting->to, end,
                          &(struct pointing_ages){find_age, collecting}, collecting->cuts);
        end_zone(collecting);
    }
}

/* What the zone is like shows now: NULL where any address passes, as those of that name itself do. */
static const struct living *living_of(struct collecting *collecting, const struct zone *zone,
                                      const char *name, struct living *living)
{
    const struct registry *registry = collecting->registry;
    const struct zone *of = zone->like[0] && strcmp(zone->like, name) != 0
                                ? zone_of(registry->zones, registry->n_zones, zone->like)
                                : NULL;
    struct listing *model =
        of ? (struct listing *)listings_find(&registry->listings, of, zone->like) : NULL;
    living->n = 0;
    if (!model)
        return NULL;
    struct listing_addresses found = {.n = 0};
    if (!listing_addresses_find(&found, model))
        collecting->failed = true;
    struct address shown[ZONE_COPIED_MAX];
    struct living above;
    living_set(living, shown,
               zone_copy_shown(of, living_of(collecting, of, zone->like, &above), zone->like,
                               found.addresses, found.n, shown));
    listing_addresses_fini(&found);
    return living;
}

static void collect_listing(void *entry, void *context)
{
    struct listing *listing = entry;
    struct collecting *collecting = context;
    struct listing_addresses *found = &collecting->found;
    if (listing->zone != collecting->zone) {
        if (strcmp(listing->zone->database, collecting->database) != 0)
            return;
        begin_zones(collecting, listing->zone);
    }
    if (!listing_addresses_find(found, listing)) {
        collecting->failed = true;
        return;
    }
    if (kept_images_clash(collecting->images, listing->name, listing->zone->name))
        return;
    struct living living;
    zone_add_name(listing->zone, living_of(collecting, listing->zone, listing->name, &living),
                  collecting->to, listing->name, listing_ttl(listing, found->lingering),
                  listing_families(listing, found->lingering), found->addresses, found->n,
                  collecting->cuts);
}

bool collect(struct records *records, struct fit_cuts *cuts, struct registry *registry,
             const char *database, const struct kept_images *images)
{
    struct collecting collecting = {
        .to = records, .cuts = cuts, .registry = registry, .database = database, .images = images};
    records_clear(records);
    cuts->n = 0;
    listings_each(&registry->listings, collect_listing, &collecting);
    begin_zones(&collecting, NULL);
    collect_reverse_zones(&collecting);
    listing_addresses_fini(&collecting.found);
    return !collecting.failed && !records->failed;
}

static bool add_to_owner(struct image_changes *changes, const struct record *record)
{
    struct records records;
    records_init(&records);
    image_changes_find(changes, record->owner, &records);
    records_add(&records, record);
    bool done = !records.failed && image_changes_set(changes, record->owner, &records);
    records_fini(&records);
    return done;
}

bool collect_image(struct image *image, const struct records *records)
{
    static const struct image_frame frame;
    struct image_changes changes;
    image_changes_init(&changes);
    size_t cursor = 0;
    bool done = true;
    struct record record;
    while (done && records_next(records, &cursor, &record))
        done = add_to_owner(&changes, &record);
    done = done && image_make(image, NULL, &changes, &frame) == 0;
    image_changes_fini(&changes);
    return done;
}
