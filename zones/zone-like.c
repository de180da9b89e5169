#include "zone.h"

#include <string.h>

/* Takes the same names for absolute as a registration does. */
void zone_resolve_like(struct zone *zone, const struct zone *const *zones, size_t n_zones)
{
    if (strcmp(zone->like, "@") == 0)
        strcpy(zone->like, zone->name);
    if (!zone->like[0] || zone->like_is_absolute || zone_of(zones, n_zones, zone->like))
        return;
    char relative[NAME_TEXT_MAX + 1];
    strcpy(relative, zone->like);
    if (name_join(zone->like, relative, zone->name) != NAME_OK)
        strcpy(zone->like, relative);
}

/* The zone of the name may have a `like` too; and so on. */
enum zone_like_fault zone_like_fault(const struct zone *zone, const struct zone *const *zones,
                                     size_t n_zones)
{
    const struct zone *of = zone;
    if (!zone->like[0])
        return ZONE_LIKE_FINE;
    if (strcmp(zone->like, zone->name) == 0)
        return ZONE_LIKE_ITSELF;
    if (!zone_of(zones, n_zones, zone->like))
        return ZONE_LIKE_NOWHERE;
    for (size_t steps = 0; of && of->like[0]; steps++) {
        const struct zone *next = zone_of(zones, n_zones, of->like);
        if (steps == n_zones)
            return ZONE_LIKE_CIRCLE;
        if (next && strcmp(next->like, of->like) == 0) /* it is not restricted by itself */
            break;
        of = next;
    }
    return ZONE_LIKE_FINE;
}
