#include "listing-addresses.h"

#include "../../common/array.h"
#include "../../zones/zone.h"

#include <stdlib.h>
#include <string.h>

void gathering_fini(struct gathering *gathering)
{
    free(gathering->addresses);
    sources_fini(&gathering->sources);
    *gathering = (struct gathering){0};
}

static bool append(struct gathering *gathering, const struct address *addresses, size_t n)
{
    if (n == 0)
        return true;
    if (!array_grow(&gathering->addresses, &gathering->room, gathering->n + n, sizeof *addresses))
        return false;
    memcpy(gathering->addresses + gathering->n, addresses, n * sizeof *addresses);
    gathering->n += n;
    return true;
}

/* The first of n addresses that are within what the listing may have. Returns how many. */
static size_t within(const struct gathering *gathering, const struct listing *listing, size_t n)
{
    size_t left = listing->allowed - gathering->n;

    return n < left ? n : left;
}

/* The link that the sources [start, end) are. */
static bool append_link(struct gathering *gathering, const struct listing *listing, size_t start,
                        size_t end)
{
    const struct link *link = gathering->sources.all[start].link;
    size_t first = gathering->n, n = within(gathering, listing, link->n_addresses);

    for (size_t i = start; i < end; i++) {
        struct claim *claim = gathering->sources.all[i].claim;

        claim->first = first;
        claim->n = n;
        claim->left_out = link->n_addresses - n;
    }
    gathering->left_out += link->n_addresses - n;
    return append(gathering, link->addresses, n);
}

static bool append_claims(struct gathering *gathering, struct listing *listing)
{
    bool enough = sources_find(&gathering->sources, listing);

    for (struct claim *claim = listing->claims; claim; claim = claim->next)
        claim->first = claim->n = claim->left_out = 0;
    for (size_t i = 0, end; enough && i < gathering->sources.n; i = end) {
        end = sources_end(&gathering->sources, i);
        enough = append_link(gathering, listing, i, end);
    }
    return enough;
}

bool gather(struct gathering *gathering, struct listing *listing)
{
    bool enough;

    gathering->n = gathering->left_out = 0;
    gathering->lingering = false;
    enough = append_claims(gathering, listing);
    gathering->n_claimed = gathering->n;
    if (!listing->remnants || zone_shows_any(listing->zone, gathering->addresses, gathering->n))
        return enough;
    gathering->lingering = true;
    for (const struct remnant *r = listing->remnants; r; r = r->next)
        enough =
            append(gathering, r->addresses, within(gathering, listing, r->n_addresses)) && enough;
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
            ttl = lesser_ttl(ttl, listing, r->former->options.ttl);
    else
        for (const struct claim *claim = listing->claims; claim; claim = claim->next)
            ttl = lesser_ttl(ttl, listing, claim->registration->options.ttl);
    return ttl;
}
