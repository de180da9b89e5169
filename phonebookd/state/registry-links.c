#include "registry.h"

#include "../../common/array.h"
#include "../../common/request-options.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "budgets.h"
#include "interfaces.h"
#include "registry-parts.h"

#include <stdlib.h>

const struct link *registration_link(const struct registration *registration)
{
    const struct namespace *namespace = registration->holder->namespace;
    const struct link *link = namespace ? namespace_link(namespace, registration->interface) : NULL;
    return link && link->up ? link : NULL;
}

/* At most NAME_ADDRESSES_MAX addresses of a name are looked at, so it costs no more. */
static size_t cost(size_t addresses)
{
    return addresses < NAME_ADDRESSES_MAX ? addresses : NAME_ADDRESSES_MAX;
}

static void count(struct listing *listing, size_t addresses)
{
    budget_change(listing->budget, cost(listing->counted), cost(addresses));
    listing->counted = (uint32_t)addresses;
}

unsigned families_asked(const struct request_options *options)
{
    if (options->family == REQUEST_IPV4)
        return ZONE_IPV4;
    return options->family == REQUEST_IPV6 ? ZONE_IPV6 : ZONE_IPV4 | ZONE_IPV6;
}

struct link_part registration_part(const struct registration *registration, const struct link *link)
{
    return link_part(link, families_asked(&registration->options));
}

/* Did another claim on the listing have this link when it was last looked at? To search for the
 * present link of every claim would make a registration slow. */
static bool is_counted(const struct claim *claim)
{
    const struct namespace *namespace = claim->registration->holder->namespace;
    unsigned families = families_asked(&claim->registration->options);
    for (const struct claim *other = claim->listing->claims; other; other = other->next)
        if (other != claim && other->index == claim->index &&
            other->registration->holder->namespace == namespace &&
            !(families & ~families_asked(&other->registration->options)))
            return true;
    return false;
}

void listing_count_claim(struct claim *claim)
{
    const struct link *link = registration_link(claim->registration);
    claim->index = link ? link->index : 0;
    claim->counted =
        link && !is_counted(claim) ? (uint32_t)registration_part(claim->registration, link).n : 0;
    count(claim->listing, claim->listing->counted + claim->counted);
}

void listing_uncount_claim(struct claim *claim)
{
    count(claim->listing, claim->listing->counted - claim->counted);
    claim->counted = 0;
}

void sources_fini(struct sources *sources)
{
    free(sources->all);
    *sources = (struct sources){.all = NULL};
}

static bool add(struct sources *sources, struct claim *claim, const struct link *link)
{
    if (!array_grow(&sources->all, &sources->room, sources->n + 1, sizeof *sources->all))
        return false;
    sources->all[sources->n++] =
        (struct source){claim->registration->holder->namespace->cookie, link, claim};
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct source *a = left, *b = right;
    if (a->cookie != b->cookie)
        return a->cookie < b->cookie ? -1 : 1;
    return (a->link->index > b->link->index) - (a->link->index < b->link->index);
}

size_t sources_end(const struct sources *sources, size_t i)
{
    const struct link *link = sources->all[i].link;
    while (i < sources->n && sources->all[i].link == link)
        i++;
    return i;
}

struct link_part source_part(const struct source *source)
{
    return registration_part(source->claim->registration, source->link);
}

struct link_part sources_part(const struct sources *sources, size_t start, size_t end)
{
    struct link_part part = {0, 0};
    for (size_t i = start; i < end; i++)
        part = link_part_join(part, source_part(&sources->all[i]));
    return part;
}

/* Notes the addresses of each link in its first claim. */
static void count_all(const struct sources *sources, struct listing *listing)
{
    for (struct claim *claim = listing->claims; claim; claim = claim->next) {
        claim->index = 0;
        claim->counted = 0;
    }
    size_t counted = 0;
    for (size_t i = 0, end; i < sources->n; i = end) {
        end = sources_end(sources, i);
        for (size_t j = i; j < end; j++)
            sources->all[j].claim->index = sources->all[j].link->index;
        sources->all[i].claim->counted = sources_part(sources, i, end).n;
        counted += sources->all[i].claim->counted;
    }
    count(listing, counted);
}

bool sources_find(struct sources *sources, struct listing *listing)
{
    sources->n = 0;
    for (struct claim *claim = listing->claims; claim; claim = claim->next) {
        const struct link *link = registration_link(claim->registration);
        if (link && !add(sources, claim, link))
            return false;
    }
    if (sources->n > 1)
        qsort(sources->all, sources->n, sizeof *sources->all, compare);
    count_all(sources, listing);
    return true;
}
