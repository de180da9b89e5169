#include "listings.h"

#include "../../zones/zone.h"
#include "../limits.h"
#include "budgets.h"

#include <stdlib.h>
#include <string.h>

static struct pair key_of(const void *entry)
{
    const struct listing *listing = entry;

    return (struct pair){listing->zone->name, listing->name};
}

void listings_init(struct listings *listings)
{
    *listings = (struct listings){.n = 0};
    pair_tree_init(&listings->by_name, key_of);
}

static void free_listing(void *listing, void *unused)
{
    (void)unused;
    free(listing);
}

void listings_fini(struct listings *listings)
{
    pair_tree_each(&listings->by_name, free_listing, NULL);
    pair_tree_fini(&listings->by_name);
}

const struct listing *listings_find(const struct listings *listings, const struct zone *zone,
                                    const char *name)
{
    return pair_tree_find(&listings->by_name, (struct pair){zone->name, name});
}

static struct listing *add(struct listings *listings, const struct zone *zone, const char *name,
                           uint32_t uid, uint32_t owner)
{
    size_t size = strlen(name) + 1;
    struct listing *listing = calloc(1, sizeof *listing + size);

    if (!listing)
        return NULL;
    listing->name = memcpy(listing + 1, name, size);
    listing->zone = zone;
    listing->uid = uid;
    listing->allowed = NAME_ADDRESSES_MAX;
    listing->budget = budgets_enter(&listings->budgets, zone->database, owner);
    if (!listing->budget)
        goto err;
    if (!pair_tree_add(&listings->by_name, listing))
        goto err_budget;
    listings->n++;
    return listing;

err_budget:
    budgets_leave(&listings->budgets, listing->budget);
err:
    free(listing);
    return NULL;
}

struct listing *listings_get(struct listings *listings, const struct zone *zone, const char *name,
                             uint32_t uid, uint32_t owner)
{
    struct listing *found = (struct listing *)listings_find(listings, zone, name);

    return found ? found : add(listings, zone, name, uid, owner);
}

bool listings_pass(struct listings *listings, struct listing *listing, uint32_t uid, uint32_t owner)
{
    struct budget *budget;

    if (listing->uid == uid)
        return true;
    budget = budgets_enter(&listings->budgets, listing->zone->database, owner);
    if (!budget)
        return false;
    budgets_leave(&listings->budgets, listing->budget);
    listing->budget = budget;
    listing->uid = uid;
    return true;
}

void listings_free_unused(struct listings *listings, struct listing *listing)
{
    if (listing->claims || listing->remnants)
        return;
    pair_tree_remove(&listings->by_name, listing);
    listings->n--;
    budgets_leave(&listings->budgets, listing->budget);
    free(listing);
}

struct walk {
    void (*visit)(struct listing *listing, void *context);
    void *context;
};

static void visit_entry(void *listing, void *closure)
{
    const struct walk *walk = closure;

    walk->visit(listing, walk->context);
}

void listings_each(struct listings *listings, void (*visit)(struct listing *listing, void *context),
                   void *context)
{
    struct walk walk = {visit, context};

    pair_tree_each(&listings->by_name, visit_entry, &walk);
}

struct listing *listings_next(struct listings *listings, const char *zone, const char *name)
{
    return pair_tree_next(&listings->by_name, (struct pair){zone, name});
}
