#include "gather.h"

#include <stdlib.h>
#include <string.h>

void gathering_fini(struct gathering *gathering)
{
    free(gathering->addresses);
    *gathering = (struct gathering){0};
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

static bool append(struct gathering *gathering, const struct address *addresses, size_t n)
{
    if (n == 0)
        return true;
    if (!make_room(gathering, n))
        return false;
    memcpy(gathering->addresses + gathering->n, addresses, n * sizeof *addresses);
    gathering->n += n;
    return true;
}

bool gather(struct gathering *gathering, const struct listing *listing)
{
    bool enough = true;

    gathering->n = 0;
    gathering->lingering = false;
    for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
        const struct link *link = registration_link(claim->registration);

        if (link)
            enough = append(gathering, link->addresses, link->n_addresses) && enough;
    }
    if (!listing->remnants || zone_shows_any(listing->zone, gathering->addresses, gathering->n))
        return enough;
    gathering->lingering = true;
    for (const struct remnant *r = listing->remnants; r; r = r->next)
        enough = append(gathering, r->addresses, r->n_addresses) && enough;
    return enough;
}

static uint32_t lesser_ttl(uint32_t ttl, const struct listing *listing, int64_t requested)
{
    uint32_t clamped = zone_clamp_ttl(listing->zone, requested);

    return clamped < ttl ? clamped : ttl;
}

uint32_t gather_ttl(const struct listing *listing, bool lingering)
{
    uint32_t ttl = ZONE_TTL_LIMIT;

    if (lingering)
        for (const struct remnant *r = listing->remnants; r; r = r->next)
            ttl = lesser_ttl(ttl, listing, r->former->ttl);
    else
        for (const struct claim *claim = listing->claims; claim; claim = claim->next)
            ttl = lesser_ttl(ttl, listing, claim->registration->ttl);
    return ttl;
}
