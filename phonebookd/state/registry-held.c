#include "registry-held.h"

#include "../../common/array.h"
#include "../../zones/permit.h"
#include "../../zones/zone.h"

#include <stdlib.h>
#include <string.h>

static bool is_refused(const struct claim *claim, const struct zone *const *zones, size_t n_zones)
{
    const struct holder *holder = claim->registration->holder;
    const struct zone_publisher publisher = {holder->uid, holder->gids, holder->n_gids};
    const char *name = claim->listing->name;
    const struct zone *zone = zone_of(zones, n_zones, name);
    if (!zone)
        return false;
    struct permit permit = permit_judge(zone, name, &publisher);
    return !permit_given(&permit);
}

static bool add(struct held *held, const struct claim *claim)
{
    struct held_name *added = array_append(&held->names, held->n, sizeof *added);
    if (!added)
        return false;
    *added = (struct held_name){claim->registration, strdup(claim->listing->name)};
    held->n++;
    return added->name;
}

bool held_collect(struct held *held, struct registration *const *all, size_t n_all,
                  const struct zone *const *zones, size_t n_zones)
{
    for (size_t i = 0; i < n_all; i++)
        for (size_t j = 0; j < all[i]->n_claims; j++)
            if (is_refused(&all[i]->claims[j], zones, n_zones) && !add(held, &all[i]->claims[j]))
                return false;
    return true;
}

void held_fini(struct held *held)
{
    for (size_t i = 0; i < held->n; i++)
        free(held->names[i].name);
    free(held->names);
    *held = (struct held){0};
}

void held_look_at(struct held *held, const struct registration *registration)
{
    held->first = held->end;
    while (held->end < held->n && held->names[held->end].registration == registration)
        held->end++;
}

bool held_has(const void *context, const char *name)
{
    const struct held *held = context;
    for (size_t i = held->first; i < held->end; i++)
        if (strcmp(held->names[i].name, name) == 0)
            return true;
    return false;
}
