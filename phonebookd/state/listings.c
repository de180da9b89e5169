#include "listings.h"

#include "../../zones/zone.h"
#include "../limits.h"
#include "budgets.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

void listings_fini(struct listings *listings)
{
    tdestroy(listings->by_name, free);
    listings->by_name = NULL;
}

static int compare_places(const char *zone, const char *name, const struct listing *listing)
{
    int order = strcmp(zone, listing->zone->name);

    return order ? order : strcmp(name, listing->name);
}

static int compare_listings(const void *left, const void *right)
{
    const struct listing *a = left, *b = right;

    return a->zone == b->zone ? strcmp(a->name, b->name)
                              : compare_places(a->zone->name, a->name, b);
}

const struct listing *listings_find(const struct listings *listings, const struct zone *zone,
                                    const char *name)
{
    struct listing key = {.name = name, .zone = zone};
    struct listing **found = tfind(&key, &listings->by_name, compare_listings);

    return found ? *found : NULL;
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
    if (!tsearch(listing, &listings->by_name, compare_listings))
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
    tdelete(listing, &listings->by_name, compare_listings);
    listings->n--;
    budgets_leave(&listings->budgets, listing->budget);
    free(listing);
}

struct walk {
    void (*visit)(struct listing *listing, void *context);
    void *context;
};

static void walk_node(const void *node, VISIT which, void *closure)
{
    struct listing *const *listing = node;
    const struct walk *walk = closure;

    if (which == postorder || which == leaf)
        walk->visit(*listing, walk->context);
}

void listings_each(struct listings *listings, void (*visit)(struct listing *listing, void *context),
                   void *context)
{
    struct walk walk = {visit, context};

    twalk_r(listings->by_name, walk_node, &walk);
}

struct search {
    const char *zone, *name;
    struct listing *next; /* the least seen that is behind them */
};

/* Never finds, so that tfind(3) goes down to a leaf: the last node at which it turned left is the
 * next one. The key is the first argument in glibc and in musl. */
static int look_behind(const void *key, const void *node)
{
    struct search *search = (struct search *)key;
    const struct listing *listing = node;

    if (compare_places(search->zone, search->name, listing) >= 0)
        return 1;
    search->next = (struct listing *)listing;
    return -1;
}

struct listing *listings_next(struct listings *listings, const char *zone, const char *name)
{
    struct search search = {.zone = zone, .name = name};

    tfind(&search, &listings->by_name, look_behind);
    return search.next;
}
