#include "listing-addresses.h"

#include "../../common/array.h"
#include "../../zones/zone.h"
#include "listings.h"

#include <stdlib.h>
#include <string.h>

void listing_addresses_fini(struct listing_addresses *found)
{
    free(found->addresses);
    sources_fini(&found->sources);
    *found = (struct listing_addresses){0};
}

enum { LINK_PARTS = 3 }; /* all addresses of a link, or those of either family */

static bool append(struct listing_addresses *found, const struct address *addresses, size_t n)
{
    if (n == 0)
        return true;
    if (!array_grow(&found->addresses, &found->room, found->n + n, sizeof *addresses))
        return false;
    memcpy(found->addresses + found->n, addresses, n * sizeof *addresses);
    found->n += n;
    return true;
}

/* The first of n addresses that are within what the listing may have. Returns how many. */
static size_t within(const struct listing_addresses *found, const struct listing *listing, size_t n)
{
    size_t left = listing->allowed - found->n;
    return n < left ? n : left;
}

/* Notes in a claim which of the found addresses are its own. The list has n addresses of the claim's
 * link from index `at` on, of which the first is the link's address number `first`. */
static void give_part(struct claim *claim, struct link_part part, size_t first, size_t at, size_t n)
{
    size_t before = part.n > 0 ? part.first - first : 0;
    size_t left = before < n ? n - before : 0;
    claim->first = at + before;
    claim->n = part.n < left ? part.n : left;
    claim->left_out = part.n - claim->n;
}

/* Appends the addresses of one link, which is that of the sources [start, end). */
static bool append_link(struct listing_addresses *found, const struct listing *listing,
                        size_t start, size_t end)
{
    const struct link *link = found->sources.all[start].link;
    struct link_part all = sources_part(&found->sources, start, end);
    size_t n = within(found, listing, all.n);
    for (size_t i = start; i < end; i++) {
        struct claim *claim = found->sources.all[i].claim;
        give_part(claim, source_part(&found->sources.all[i]), all.first, found->n, n);
    }
    found->left_out += all.n - n;
    return append(found, link->addresses + all.first, n);
}

static bool append_claims(struct listing_addresses *found, struct listing *listing)
{
    bool enough = sources_find(&found->sources, listing);
    for (struct claim *claim = listing->claims; claim; claim = claim->next)
        claim->first = claim->n = claim->left_out = 0;
    for (size_t i = 0, end; enough && i < found->sources.n; i = end) {
        end = sources_end(&found->sources, i);
        enough = append_link(found, listing, i, end);
    }
    return enough;
}

/* Returns this remnant or the first behind it that is not overtaken: overtaken ones are dropped
 * later. */
static const struct remnant *that_counts(const struct remnant *remnant)
{
    while (remnant && remnant->overtaken)
        remnant = remnant->next;
    return remnant;
}

bool listing_addresses_find(struct listing_addresses *found, struct listing *listing)
{
    const struct remnant *r = that_counts(listing->remnants);
    found->n = found->left_out = 0;
    found->lingering = false;
    bool enough = append_claims(found, listing);
    found->n_claimed = found->n;
    if (!r || zone_shows_any(listing->zone, listing_living(listing), found->addresses, found->n))
        return enough;
    found->lingering = true;
    for (; r; r = that_counts(r->next))
        enough = append(found, r->addresses, within(found, listing, r->n_addresses)) && enough;
    return enough;
}

/* Claims with the same part of a link have the same addresses. */
static bool same_addresses(const struct claim *a, const struct claim *b)
{
    return a->first == b->first && a->n == b->n;
}

static void judge(const struct listing_addresses *found, const struct listing *listing,
                  struct claim *claim)
{
    const struct address *addresses = found->addresses + claim->first;
    const struct living *living = listing_living(listing);
    claim->foremost =
        claim->n > 0 ? zone_foremost(listing->zone, living, addresses, claim->n) : ZONE_SHOWN;
    claim->awaits = zone_awaits_any(listing->zone, living, addresses, claim->n);
}

void listing_addresses_judge(const struct listing_addresses *found, const struct listing *listing)
{
    for (struct claim *claim = listing->claims; claim; claim = claim->next) {
        claim->foremost = ZONE_SHOWN;
        claim->awaits = false;
    }
    const struct claim *judged[LINK_PARTS] = {NULL}; /* the last ones: a link has so many parts */
    size_t next = 0;
    for (size_t i = 0; i < found->sources.n; i++) {
        struct claim *claim = found->sources.all[i].claim;
        size_t j = 0;
        while (j < LINK_PARTS && !(judged[j] && same_addresses(judged[j], claim)))
            j++;
        if (j < LINK_PARTS) {
            claim->foremost = judged[j]->foremost;
            claim->awaits = judged[j]->awaits;
            continue;
        }
        judge(found, listing, claim);
        judged[next++ % LINK_PARTS] = claim;
    }
}

static uint32_t lesser_ttl(uint32_t ttl, const struct listing *listing, int64_t requested)
{
    uint32_t clamped = zone_clamp_ttl(listing->zone, requested);
    return clamped < ttl ? clamped : ttl;
}

uint32_t listing_ttl(const struct listing *listing, bool lingering)
{
    uint32_t ttl = ZONE_TTL_LIMIT;
    if (lingering)
        for (const struct remnant *r = that_counts(listing->remnants); r; r = that_counts(r->next))
            ttl = lesser_ttl(ttl, listing, r->former->options.ttl);
    else
        for (const struct claim *claim = listing->claims; claim; claim = claim->next)
            ttl = lesser_ttl(ttl, listing, claim->registration->options.ttl);
    return ttl;
}

unsigned listing_families(const struct listing *listing, bool lingering)
{
    unsigned families = 0;
    if (lingering)
        for (const struct remnant *r = that_counts(listing->remnants); r; r = that_counts(r->next))
            families |= families_asked(&r->former->options);
    else
        for (const struct claim *claim = listing->claims; claim; claim = claim->next)
            families |= families_asked(&claim->registration->options);
    return families;
}
