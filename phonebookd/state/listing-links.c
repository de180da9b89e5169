#include "registry.h"

#include "../../common/array.h"

#include <stdlib.h>

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

/* The first claim of each link counts its addresses. */
static void count(const struct sources *sources, struct listing *listing)
{
    size_t counted = 0;

    for (struct claim *claim = listing->claims; claim; claim = claim->next) {
        claim->index = 0;
        claim->counted = 0;
    }
    for (size_t i = 0; i < sources->n; i++) {
        const struct source *source = &sources->all[i];

        source->claim->index = source->link->index;
        if (i > 0 && source[-1].link == source->link)
            continue;
        source->claim->counted = source->link->n_addresses;
        counted += source->claim->counted;
    }
    registry_count(listing, counted);
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
    count(sources, listing);
    return true;
}
