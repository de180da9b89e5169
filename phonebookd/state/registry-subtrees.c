#include "registry.h"

#include "../../zones/name.h"

#include <stdio.h>
#include <string.h>

/* The nearest name above, within the zone and below its apex, that is held or lingers; or NULL. */
static const struct listing *nearest_above(const struct registry *registry, const struct zone *zone,
                                           const char *name)
{
    const struct listing *listing = NULL;
    size_t apex = strlen(zone->name);

    while (!listing && (name = name_above(name)) && strlen(name) > apex)
        listing = registry_find_listing(registry, zone, name);
    return listing;
}

static bool is_new(const struct registry *registry, const struct expanded *expanded)
{
    return !registry_find_listing(registry, expanded->zone, expanded->name);
}

bool registry_is_below_others(const struct registry *registry, const struct expansion *expansion,
                              uint32_t uid, char why[static REGISTRY_WHY_MAX])
{
    size_t length;

    for (size_t i = 0; i < expansion->n_names && uid != 0; i++) {
        const struct expanded *expanded = &expansion->names[i];
        const struct listing *above;

        if (expanded->reserved || expanded->zone->subtrees_open || !is_new(registry, expanded))
            continue;
        above = nearest_above(registry, expanded->zone, expanded->name);
        if (!above || above->uid == uid)
            continue;
        registry_say_who_holds(above, why);
        length = strlen(why);
        snprintf(why + length, REGISTRY_WHY_MAX - length,
                 ", and what is below it is for that user (subtrees)");
        return true;
    }
    return false;
}
