#include "pointing.h"

#include "../../common/array.h"
#include "../../common/request-options.h"
#include "../../zones/zone.h"
#include "interfaces.h"
#include "listing-addresses.h"
#include "listings.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>

void pointing_fini(struct pointing *pointing)
{
    free(pointing->all);
    *pointing = (struct pointing){.n = 0};
}

static bool may_point(const struct request_options *options)
{
    return options->ptr != REQUEST_PTR_NO;
}

static void note_age(struct pointing *pointing, const struct registration_age *age)
{
    if (!pointing->any || registration_compare_age(*age, pointing->oldest) < 0)
        pointing->oldest = *age;
    pointing->any = true;
}

static bool append(struct pointing *pointing, const struct address *addresses, size_t n,
                   const struct registration_age *age)
{
    if (!array_grow(&pointing->all, &pointing->room, pointing->n + n, sizeof *pointing->all))
        return false;
    for (size_t i = 0; i < n; i++)
        pointing->all[pointing->n++] = (struct pointing_address){addresses[i], *age};
    return true;
}

/* Returns the oldest claim of the sources [start, end) that asks for the family and lets its
 * addresses point back, or NULL. */
static const struct claim *oldest(const struct sources *sources, size_t start, size_t end,
                                  unsigned family)
{
    const struct claim *found = NULL;
    for (size_t i = start; i < end; i++) {
        const struct claim *claim = sources->all[i].claim;
        const struct registration *r = claim->registration;
        if (may_point(&r->options) && families_asked(&r->options) & family &&
            (!found || registration_compare_age(registration_age(r),
                                                registration_age(found->registration)) < 0))
            found = claim;
    }
    return found;
}

/* Adds the addresses of one link that have this family. */
static bool add_family(struct pointing *pointing, const struct sources *sources, size_t start,
                       size_t end, unsigned family)
{
    const struct link *link = sources->all[start].link;
    const struct claim *claim = oldest(sources, start, end, family);
    struct link_part part = link_part(link, family);
    if (!claim || part.n == 0)
        return true;
    struct registration_age age = registration_age(claim->registration);
    note_age(pointing, &age);
    return append(pointing, link->addresses + part.first, part.n, &age);
}

static bool add_claims(struct pointing *pointing, const struct sources *sources)
{
    bool enough = true;
    for (size_t i = 0, end; enough && i < sources->n; i = end) {
        end = sources_end(sources, i);
        enough = add_family(pointing, sources, i, end, ZONE_IPV4) &&
                 add_family(pointing, sources, i, end, ZONE_IPV6);
    }
    return enough;
}

static bool add_remnants(struct pointing *pointing, const struct listing *listing)
{
    bool enough = true;
    for (const struct remnant *r = listing->remnants; r && enough; r = r->next) {
        struct registration_age age = {.since = r->former->since};
        if (r->overtaken || !may_point(&r->former->options))
            continue;
        note_age(pointing, &age);
        enough = append(pointing, r->addresses, r->n_addresses, &age);
    }
    return enough;
}

static int compare(const void *left, const void *right)
{
    const struct pointing_address *a = left, *b = right;
    int order = address_compare(&a->address, &b->address);
    return order ? order : registration_compare_age(a->age, b->age);
}

static void put_in_order(struct pointing *pointing)
{
    if (pointing->n > 1)
        qsort(pointing->all, pointing->n, sizeof *pointing->all, compare);
    size_t kept = 0;
    for (size_t i = 0; i < pointing->n; i++)
        if (kept == 0 ||
            address_compare(&pointing->all[i].address, &pointing->all[kept - 1].address) != 0)
            pointing->all[kept++] = pointing->all[i];
    pointing->n = kept;
}

bool pointing_find(struct pointing *pointing, const struct listing *listing,
                   const struct listing_addresses *found)
{
    pointing->n = 0;
    pointing->any = false;
    pointing->zone = listing->zone;
    bool enough = add_claims(pointing, &found->sources) &&
                  (!found->lingering || add_remnants(pointing, listing));
    put_in_order(pointing);
    return enough;
}

static int compare_address(const void *address, const void *entry)
{
    return address_compare(address, &((const struct pointing_address *)entry)->address);
}

static bool is_gateway(const struct zone *zone, const struct address *address)
{
    for (size_t i = 0; i < zone->n_gateways; i++)
        if (address_compare(&zone->gateways[i], address) == 0)
            return true;
    return false;
}

const struct registration_age *pointing_age(const struct pointing *pointing,
                                            const struct address *address)
{
    const struct pointing_address *found =
        pointing->n > 0
            ? bsearch(address, pointing->all, pointing->n, sizeof *pointing->all, compare_address)
            : NULL;
    if (found)
        return &found->age;
    return pointing->any && is_gateway(pointing->zone, address) ? &pointing->oldest : NULL;
}
