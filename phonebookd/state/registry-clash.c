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

static bool is_new(const struct registry *registry, const struct full_name *full_name)
{
    return !registry_find_listing(registry, full_name->zone, full_name->name);
}

bool registry_is_below_others(const struct registry *registry, const struct full_names *full_names,
                              uint32_t uid, char why[static REGISTRY_WHY_MAX])
{
    size_t length;

    for (size_t i = 0; i < full_names->n_names && uid != 0; i++) {
        const struct full_name *full_name = &full_names->names[i];
        const struct listing *above;

        if (full_name->reserved || full_name->zone->subtrees_open || !is_new(registry, full_name))
            continue;
        above = nearest_above(registry, full_name->zone, full_name->name);
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
