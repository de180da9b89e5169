#include "registry.h"

#include "../limits.h"

#include <stdio.h>

/* No more of a name's are ever looked at. */
static size_t cost(size_t addresses)
{
    return addresses < NAME_ADDRESSES_MAX ? addresses : NAME_ADDRESSES_MAX;
}

void registry_count(struct listing *listing, size_t addresses)
{
    budget_change(listing->budget, cost(listing->counted), cost(addresses));
    listing->counted = addresses;
}

/* Does another claim on the listing have this link? As of when they were looked at: a registration
 * is not to cost a search for the link of each. */
static bool is_counted(const struct claim *claim)
{
    const struct namespace *namespace = claim->registration->holder->namespace;

    for (const struct claim *other = claim->listing->claims; other; other = other->next)
        if (other != claim && other->index == claim->index &&
            other->registration->holder->namespace == namespace)
            return true;
    return false;
}

void registry_count_claim(struct claim *claim)
{
    const struct link *link = registration_link(claim->registration);

    claim->index = link ? link->index : 0;
    claim->counted = link && !is_counted(claim) ? link->n_addresses : 0;
    registry_count(claim->listing, claim->listing->counted + claim->counted);
}

void registry_uncount_claim(struct claim *claim)
{
    registry_count(claim->listing, claim->listing->counted - claim->counted);
    claim->counted = 0;
}

/* What the registration adds to the names of a uid in a database. */
static size_t added_to(const struct registration *r, const struct budget *budget)
{
    size_t added = 0;

    for (size_t i = 0; i < r->n_claims; i++)
        if (r->claims[i].listing->budget == budget)
            added += r->claims[i].counted;
    return added;
}

static bool name_has_room(const struct claim *claim, char why[static REGISTRY_WHY_MAX])
{
    const struct listing *listing = claim->listing;

    if (claim->counted == 0 || listing->counted <= NAME_ADDRESSES_MAX)
        return true;
    snprintf(why, REGISTRY_WHY_MAX,
             "%s has %zu addresses already, and interface %s has %zu more: a name has at most %d; "
             "register it on interfaces with fewer",
             listing->name, listing->counted - claim->counted, claim->registration->interface,
             claim->counted, NAME_ADDRESSES_MAX);
    return false;
}

static bool budget_has_room(const struct claim *claim, char why[static REGISTRY_WHY_MAX])
{
    const struct budget *budget = claim->listing->budget;
    enum budget_verdict verdict = claim->counted > 0 ? budget_judge(budget) : BUDGET_FINE;
    size_t added = added_to(claim->registration, budget);

    if (verdict == BUDGET_USER)
        snprintf(why, REGISTRY_WHY_MAX,
                 "the names of uid %u in database %s have %zu addresses already, and this adds "
                 "%zu: those of one user have at most %d; hold fewer names, or register them on "
                 "interfaces with fewer addresses",
                 budget->uid, budget->database->name, budget->held - added, added,
                 UID_ADDRESSES_MAX);
    if (verdict == BUDGET_DATABASE)
        snprintf(why, REGISTRY_WHY_MAX,
                 "the names in database %s have %zu addresses already, and this adds %zu: they "
                 "have at most %d; register it on an interface with fewer addresses",
                 budget->database->name, budget->database->held - added, added,
                 DATABASE_ADDRESSES_MAX);
    return verdict == BUDGET_FINE;
}

enum registry_outcome registry_judge_addresses(const struct registration *r,
                                               char why[static REGISTRY_WHY_MAX])
{
    for (size_t i = 0; i < r->n_claims; i++)
        if (!name_has_room(&r->claims[i], why))
            return REGISTRY_LIMIT;
    for (size_t i = 0; i < r->n_claims; i++)
        if (!budget_has_room(&r->claims[i], why))
            return REGISTRY_LIMIT;
    return REGISTRY_OK;
}
