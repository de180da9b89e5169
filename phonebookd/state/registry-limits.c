#include "registry.h"

#include "../limits.h"
#include "budgets.h"
#include "registry-parts.h"

#include <stdio.h>

/* Returns how many addresses the registration has added to the budget. */
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
             "%s has %u addresses already, and interface %s has %u more: a name has at most %d; "
             "register it on interfaces with fewer",
             listing->name, listing->counted - claim->counted, claim->registration->interface,
             claim->counted, NAME_ADDRESSES_MAX);
    return false;
}

static void say_budget(const struct claim *claim, enum budget_verdict verdict,
                       char why[static REGISTRY_WHY_MAX])
{
    const struct budget *budget = claim->listing->budget;
    size_t added = added_to(claim->registration, budget);
    if (verdict == BUDGET_USER)
        snprintf(why, REGISTRY_WHY_MAX,
                 "the names of uid %u in database %s have %zu addresses already, and this adds "
                 "%zu: those of one user have at most %d; hold fewer names, or register them on "
                 "interfaces with fewer addresses",
                 budget->owner, budget->database->name, budget->held - added, added,
                 USER_ADDRESSES_MAX);
    else
        snprintf(why, REGISTRY_WHY_MAX,
                 "the names in database %s have %zu addresses already, and this adds %zu: they "
                 "have at most %d; register it on an interface with fewer addresses",
                 budget->database->name, budget->database->held - added, added,
                 DATABASE_ADDRESSES_MAX);
}

static bool budget_has_room(const struct claim *claim, char why[static REGISTRY_WHY_MAX])
{
    enum budget_verdict verdict =
        claim->counted > 0 ? budget_judge(claim->listing->budget) : BUDGET_FINE;
    if (verdict != BUDGET_FINE)
        say_budget(claim, verdict, why);
    return verdict == BUDGET_FINE;
}

bool registry_has_room(const struct registration *r, char why[static REGISTRY_WHY_MAX])
{
    for (size_t i = 0; i < r->n_claims; i++)
        if (!name_has_room(&r->claims[i], why))
            return false;
    for (size_t i = 0; i < r->n_claims; i++)
        if (!budget_has_room(&r->claims[i], why))
            return false;
    return true;
}
