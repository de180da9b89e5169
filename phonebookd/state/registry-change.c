#include "registry.h"

#include "../../zones/name.h"
#include "../../zones/zone.h"
#include "full-names.h"
#include "likes.h"
#include "listings.h"
#include "registry-parts.h"

#include <stdlib.h>
#include <string.h>

struct change {
    struct registry *registry;
    const struct zone *const *zones, *const *changed;
    size_t n_zones, n_changed;
    const struct zone **parents; /* owned; the changed zones, and those above them */
    /* the names of a registration in the changed zones, and in all */
    struct full_names some, all;
    size_t n_claims; /* in the changed zones */
};

/* ---- whether the claims stay ---- */

/* Do both zones take part in the same way in turning names into full names in any zone? */
static bool is_alike(const struct zone *a, const struct zone *b)
{
    return a == b || (strcmp(a->name, b->name) == 0 && strcmp(a->database, b->database) == 0 &&
                      strcmp(a->like, b->like) == 0 && a->relative == b->relative &&
                      a->reverse == b->reverse);
}

static bool are_alike(const struct change *change)
{
    const struct registry *registry = change->registry;
    bool alike = registry->n_zones == change->n_zones;
    for (size_t i = 0; alike && i < change->n_zones; i++)
        alike = is_alike(registry->zones[i], change->zones[i]);
    return alike;
}

/* The first listing of this zone after this name, or NULL. */
static struct listing *next_in(const struct change *change, const struct zone *zone,
                               const char *after)
{
    struct listing *listing = listings_next(&change->registry->listings, zone->name, after);
    return listing && strcmp(listing->zone->name, zone->name) == 0 ? listing : NULL;
}

/* Whatever a registration holds it keeps, unless the zone does not admit its holder. */
static bool stays(const struct zone *zone, const struct claim *claim)
{
    struct full_names_request request =
        registry_request_of(claim->listing->name, claim->registration->holder);
    return zone_takes(zone, claim->listing->name) && zone_admits(zone, &request.publisher);
}

static bool all_stay_in(struct change *change, const struct zone *zone)
{
    const struct listing *listing = next_in(change, zone, "");
    for (; listing; listing = next_in(change, zone, listing->name))
        for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
            if (!stays(zone, claim))
                return false;
            change->n_claims++;
        }
    return true;
}

static bool all_stay(struct change *change)
{
    bool stay = true;
    for (size_t i = 0; stay && i < change->n_changed; i++)
        stay = all_stay_in(change, change->changed[i]);
    return stay;
}

/* ---- whether others come ---- */

struct holding {
    const struct registry *registry;
    const struct registration *registration;
};

/* Both the claims of a registration and those on a listing can be many: the shorter list decides
 * how long it takes. */
static bool holds(const void *context, const char *name)
{
    const struct holding *holding = context;
    const struct registration *r = holding->registration;
    const struct registry *registry = holding->registry;
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, name);
    const struct listing *listing = zone ? listings_find(&registry->listings, zone, name) : NULL;
    const struct claim *claim = listing ? listing->claims : NULL;
    for (size_t i = 0; claim && i < r->n_claims; i++, claim = claim->next)
        if (claim->registration == r || r->claims[i].listing == listing)
            return true;
    return false;
}

/* False if it loses its place, or gets a claim. That a rule excludes it from a zone that has not
 * changed can only be the case if one did before. */
static bool judge(struct change *change, struct registration *r, size_t *n_claims)
{
    const struct holding holding = {change->registry, r};
    struct full_names_request request = registry_request_of(r->name, r->holder);
    request.taken = true;
    request.accepted = holds;
    request.context = &holding;
    char why[REGISTRY_WHY_MAX];
    if (full_names_find(&change->some, &request, why) == FULL_NAMES_NAME)
        return false;
    *n_claims += change->some.n_names;
    r->in_part_next = change->some.n_kept_out > 0;
    if (r->in_part && !r->in_part_next) {
        full_names_find(&change->all, &request, why);
        r->in_part_next = change->all.n_kept_out > 0;
    }
    return *n_claims <= change->n_claims;
}

/* All claims stay, so others come if the registrations have more names than claims. */
static bool none_come(struct change *change, struct holder *const *holders, size_t n_holders)
{
    size_t n_claims = 0;
    for (size_t i = 0; i < n_holders; i++)
        for (struct registration *r = holders[i]->registrations; r; r = r->next)
            if (!judge(change, r, &n_claims))
                return false;
    return n_claims == change->n_claims;
}

/* ---- the change ---- */

static void renew_listings(struct change *change, const struct zone *zone)
{
    struct listing *listing;
    char name[NAME_TEXT_MAX + 1] = "";
    while ((listing = next_in(change, zone, name))) {
        strcpy(name, listing->name);
        listing->zone = zone;
        listing->state = LISTING_NEW;
        listing_touch(listing);
        registry_judge_remnants(change->registry, listing);
    }
}

/* The former zones will be freed, so nothing may refer to their names. */
static void renew(struct change *change, struct holder *const *holders, size_t n_holders)
{
    struct registry *registry = change->registry;
    for (size_t i = 0; i < change->n_changed; i++) {
        const struct zone *zone = change->changed[i];
        struct like *like =
            zone->like[0] ? likes_find(&registry->listings.likes, zone->like) : NULL;
        if (like)
            like->name = zone->like;
        renew_listings(change, zone);
    }
    for (size_t i = 0; i < n_holders; i++)
        for (struct registration *r = holders[i]->registrations; r; r = r->next)
            registry_set_in_part(r, r->in_part_next);
    registry_use_zones(registry, change->zones, change->n_zones);
}

static bool has_changed_below(const struct change *change, const struct zone *zone)
{
    for (size_t i = 0; i < change->n_changed; i++)
        if (name_within(change->changed[i]->name, zone->name))
            return true;
    return false;
}

static bool begin(struct change *change)
{
    bool enough = full_names_init(&change->some, change->zones, change->n_zones);
    enough = full_names_init(&change->all, change->zones, change->n_zones) && enough;
    change->parents = calloc(change->n_zones + 1, sizeof(struct zone *));
    if (!change->parents || !enough)
        return false;
    change->some.n_parents = 0;
    for (size_t i = 0; i < change->n_zones; i++)
        if (has_changed_below(change, change->zones[i]))
            change->parents[change->some.n_parents++] = change->zones[i];
    change->some.parents = change->parents;
    change->some.only = change->changed;
    change->some.n_only = change->n_changed;
    return true;
}

bool registry_change_zones(struct registry *registry, const struct zone *const *zones,
                           size_t n_zones, const struct zone *const *changed, size_t n_changed,
                           struct holder *const *holders, size_t n_holders)
{
    struct change change = {.registry = registry,
                            .zones = zones,
                            .changed = changed,
                            .n_zones = n_zones,
                            .n_changed = n_changed};
    bool done = begin(&change) && TAILQ_EMPTY(&registry->unplaced) && are_alike(&change) &&
                all_stay(&change) && none_come(&change, holders, n_holders);
    if (done)
        renew(&change, holders, n_holders);
    full_names_fini(&change.some);
    full_names_fini(&change.all);
    free(change.parents);
    return done;
}
