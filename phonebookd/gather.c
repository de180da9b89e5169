#include "gather.h"

#include <stdlib.h>
#include <string.h>

void gathering_fini(struct gathering *gathering)
{
    free(gathering->addresses);
    *gathering = (struct gathering){0};
}

const struct link *gather_link(const struct registration *registration)
{
    const struct link *link =
        namespace_link(registration->holder->namespace, registration->interface);

    return link && link->up ? link : NULL;
}

static bool make_room(struct gathering *gathering, size_t more)
{
    size_t room = (gathering->n + more) * 2;
    struct address *larger;

    if (gathering->n + more <= gathering->room)
        return true;
    larger = realloc(gathering->addresses, room * sizeof *larger);
    if (!larger)
        return false;
    gathering->addresses = larger;
    gathering->room = room;
    return true;
}

bool gather(struct gathering *gathering, const struct listing *listing)
{
    gathering->n = 0;
    for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
        const struct link *link = gather_link(claim->registration);

        if (!link || link->n_addresses == 0)
            continue;
        if (!make_room(gathering, link->n_addresses))
            return false;
        memcpy(gathering->addresses + gathering->n, link->addresses,
               link->n_addresses * sizeof *link->addresses);
        gathering->n += link->n_addresses;
    }
    return true;
}

uint32_t gather_ttl(const struct listing *listing)
{
    uint32_t least = ZONE_TTL_LIMIT;

    for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
        uint32_t ttl = zone_clamp_ttl(listing->zone, claim->registration->ttl);

        least = ttl < least ? ttl : least;
    }
    return least;
}
