#include "registry.h"

#include "../../zones/name.h"
#include "listings.h"
#include "registry-parts.h"

#include <stdio.h>
#include <string.h>

/* If several users may be behind the uid, a name of another connection may be another user's. */
static bool is_others(const struct listing *listing, const struct holder *holder)
{
    if (listing->uid != holder->uid || !holder->nobody)
        return listing->uid != holder->uid;
    for (const struct claim *claim = listing->claims; claim; claim = claim->next)
        if (claim->registration->holder != holder)
            return true;
    return listing->remnants != NULL;
}

/* Says who holds the name, or for whom it lingers. */
static void say_who_holds(const struct listing *listing, const struct holder *asks,
                          char why[static REGISTRY_WHY_MAX])
{
    if (listing->claims) {
        const struct registration *holds = listing->claims->registration;
        snprintf(why, REGISTRY_WHY_MAX, "%s is held by uid %u (pid %d, interface %s)",
                 listing->name, listing->uid, holds->holder->pid, holds->interface);
    } else {
        const struct former *former = listing->remnants->former;
        snprintf(why, REGISTRY_WHY_MAX, "%s lingers for uid %u (pid %d, interface %s)",
                 listing->name, listing->uid, former->pid, former->interface);
    }
    if (listing->uid == asks->uid)
        strncat(why, ", and several users may be behind that uid",
                REGISTRY_WHY_MAX - strlen(why) - 1);
}

/* A lingering name may be taken over by root, by a user to whom a rule gives the name, and by a
 * holder who had taken it over before phonebookd was restarted. */
static bool may_take_over(const struct listing *listing, const struct full_name *full_name,
                          const struct holder *holder, bool taken)
{
    return !listing->claims &&
           (taken || holder->uid == 0 || (full_name->reserved && !holder->nobody));
}

bool registry_find_clash(const struct registry *registry, const struct full_names *full_names,
                         const struct holder *holder, bool taken, char why[static REGISTRY_WHY_MAX])
{
    for (size_t i = 0; i < full_names->n_names; i++) {
        const struct listing *listing = full_names->names[i].listing;
        if (listing && (taken ? listing->uid != holder->uid : is_others(listing, holder)) &&
            !may_take_over(listing, &full_names->names[i], holder, taken)) {
            say_who_holds(listing, holder, why);
            return true;
        }
        if (!listing && !taken && registry->clashes_with_static &&
            registry->clashes_with_static(registry->owner, full_names->names[i].zone,
                                          full_names->names[i].name, why))
            return true;
    }
    return false;
}

/* The nearest name above that is held or lingers, within the zone and below its apex; or NULL. */
static const struct listing *nearest_above(const struct registry *registry, const struct zone *zone,
                                           const char *name)
{
    const struct listing *listing = NULL;
    size_t apex = strlen(zone->name);
    while (!listing && (name = name_above(name)) && strlen(name) > apex)
        listing = listings_find(&registry->listings, zone, name);
    return listing;
}

bool registry_is_below_others(const struct registry *registry, const struct full_names *full_names,
                              const struct holder *holder, char why[static REGISTRY_WHY_MAX])
{
    for (size_t i = 0; i < full_names->n_names && holder->uid != 0; i++) {
        const struct full_name *full_name = &full_names->names[i];
        if (full_name->reserved || full_name->zone->subtrees_open || full_name->listing)
            continue;
        const struct listing *above = nearest_above(registry, full_name->zone, full_name->name);
        if (!above || !is_others(above, holder))
            continue;
        say_who_holds(above, holder, why);
        size_t length = strlen(why);
        snprintf(why + length, REGISTRY_WHY_MAX - length,
                 ", and names below it are for that user (subtrees)");
        return true;
    }
    return false;
}
