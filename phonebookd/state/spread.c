#include "spread.h"

#include "../../zones/living.h"
#include "../../zones/zone.h"
#include "interfaces.h"
#include "likes.h"
#include "listing-addresses.h"
#include "listings.h"
#include "registry.h"

#include <string.h>

/* ---- the prefixes ---- */

/* Finds the prefixes of the addresses that the listing shows, after the rules of its own zone. */
static bool find_living(struct living *living, struct listing *listing,
                        struct listing_addresses *found)
{
    if (listing && !listing_addresses_find(found, listing))
        return false;
    size_t n = 0;
    struct address shown[ZONE_COPIED_MAX];
    if (listing)
        n = zone_copy_shown(listing->zone, listing_living(listing), listing->name, found->addresses,
                            found->n, shown);
    living_set(living, shown, n);
    return true;
}

/* If memory runs out, `stale` stays set, and the next call tries again. */
static void refresh(struct like *like)
{
    struct listing_addresses found = {.n = 0};
    struct living living;
    if (find_living(&living, like->listing, &found))
        like_set(like, &living);
    listing_addresses_fini(&found);
}

static bool refresh_stale(struct likes *likes)
{
    bool any = false;
    for (size_t i = 0; i < likes->n; i++) {
        struct like *like = &likes->all[i];
        struct living before = like->living;
        if (!like->stale)
            continue;
        refresh(like);
        any = any || !living_same(&before, &like->living);
    }
    return any;
}

static void mark_all(struct likes *likes)
{
    for (size_t i = 0; i < likes->n; i++)
        likes->all[i].stale = true;
}

/* After a change of an interface each name may have other addresses. A name can lie in a zone that
 * is like another name, so a change is followed by another round: in a chain of n names the last is
 * right after n rounds at most. */
static void refresh_all(struct registry *registry)
{
    struct likes *likes = &registry->listings.likes;
    if (registry->stale.news)
        mark_all(likes);
    registry->stale.news = false;
    bool any = refresh_stale(likes);
    for (size_t round = 1; any && round < likes->n; round++) {
        mark_all(likes);
        any = refresh_stale(likes);
    }
}

/* ---- who follows from them ---- */

static void begin_again(struct like *like)
{
    like->spreading = like->again;
    like->again = false;
    like->zone = 0;
    like->at[0] = '\0';
}

/* Touches the next listing that uses the prefixes; false if there is none. */
static bool spread_once(struct registry *registry, struct like *like)
{
    for (; like->zone < registry->n_zones; like->zone++, like->at[0] = '\0') {
        const struct zone *zone = registry->zones[like->zone];
        struct listing *listing = strcmp(zone->like, like->name) == 0
                                      ? listings_next(&registry->listings, zone->name, like->at)
                                      : NULL;
        if (!listing || listing->zone != zone)
            continue;
        strcpy(like->at, listing->name);
        if (listing->like == like)
            listing_touch(listing);
        return true;
    }
    begin_again(like);
    return like->spreading;
}

static bool spread_likes(struct registry *registry, size_t n)
{
    struct likes *likes = &registry->listings.likes;
    for (size_t i = 0; i < likes->n; i++)
        while (likes->all[i].spreading) {
            if (n == 0)
                return true;
            if (spread_once(registry, &likes->all[i]))
                n--;
        }
    return false;
}

/* The prefixes come first, because the other names are judged by them. */
bool spread_changes(struct registry *registry, size_t n)
{
    refresh_all(registry);
    bool more = registry_spread(registry, &n);
    return spread_likes(registry, n) || more;
}

bool spread_is_due(const struct registry *registry)
{
    return !TAILQ_EMPTY(&registry->stale.list) || likes_are_pending(&registry->listings.likes);
}
