#include "listings.h"

#include "../../zones/zone.h"
#include "../limits.h"
#include "budgets.h"

#include <search.h>
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

static void free_gone(const void *node, VISIT which, void *unused)
{
    struct budget *budget = *(struct budget *const *)node;
    (void)unused;
    if (which != postorder && which != leaf)
        return;
    struct listing *next;
    for (struct listing *listing = TAILQ_FIRST(&budget->touched); listing; listing = next) {
        next = TAILQ_NEXT(listing, queued);
        if (listing->gone)
            free(listing);
    }
}

void listings_forget(struct listings *listings)
{
    twalk_r(listings->budgets.by_owner, free_gone, NULL);
    budgets_fini(&listings->budgets);
}

void listings_fini(struct listings *listings)
{
    listings_forget(listings);
    pair_tree_each(&listings->by_name, free_listing, NULL);
    pair_tree_fini(&listings->by_name);
    likes_fini(&listings->likes);
}

struct listing *listings_at(const struct listings *listings, const char *zone, const char *name)
{
    return pair_tree_find(&listings->by_name, (struct pair){zone, name});
}

const struct listing *listings_find(const struct listings *listings, const struct zone *zone,
                                    const char *name)
{
    return listings_at(listings, zone->name, name);
}

void listings_find_all(const struct listings *listings, struct full_name *names, size_t n)
{
    struct pair keys[PAIR_TREE_ABREAST];
    for (size_t at = 0, end; at < n; at = end) {
        end = n - at < PAIR_TREE_ABREAST ? n : at + PAIR_TREE_ABREAST;
        for (size_t i = at; i < end; i++)
            keys[i - at] = (struct pair){names[i].zone->name, names[i].name};
        void *found[PAIR_TREE_ABREAST];
        pair_tree_find_all(&listings->by_name, keys, end - at, found);
        for (size_t i = at; i < end; i++)
            names[i].listing = found[i - at];
    }
}

struct listing *listings_add(struct listings *listings, const struct zone *zone, const char *name,
                             uint32_t uid, uint32_t owner)
{
    size_t size = strlen(name) + 1;
    struct listing *listing = calloc(1, sizeof *listing + size);
    if (!listing)
        return NULL;
    memcpy(listing->name, name, size);
    listing->zone = zone;
    listing->uid = uid;
    listing->allowed = NAME_ADDRESSES_MAX;
    listing->model = likes_find(&listings->likes, name);
    listing->like = zone->like[0] ? likes_find(&listings->likes, zone->like) : NULL;
    if (listing->like == listing->model)
        listing->like = NULL;
    listing->budget = budgets_enter(&listings->budgets, zone->database, owner);
    if (!listing->budget)
        goto err;
    if (!pair_tree_add(&listings->by_name, listing))
        goto err_budget;
    listings->n++;
    if (listing->model)
        listing->model->listing = listing;
    return listing;

err_budget:
    budgets_leave(&listings->budgets, listing->budget);
err:
    free(listing);
    return NULL;
}

static void leave_queue(struct listing *listing)
{
    struct budget *budget = listing->budget;
    if (listing->queue != LISTING_SETTLED)
        TAILQ_REMOVE(listing->queue == LISTING_TOUCHED ? &budget->touched : &budget->wanting,
                     listing, queued);
    listing->queue = LISTING_SETTLED;
}

const struct living *listing_living(const struct listing *listing)
{
    return listing->like ? &listing->like->living : NULL;
}

void listing_touch(struct listing *listing)
{
    if (listing->model)
        listing->model->stale = true;
    if (listing->queue == LISTING_TOUCHED)
        return;
    leave_queue(listing);
    listing->queue = LISTING_TOUCHED;
    TAILQ_INSERT_TAIL(&listing->budget->touched, listing, queued);
    budget_wait(listing->budget);
}

struct listing *listing_take(struct budget *budget)
{
    struct listing *listing = TAILQ_FIRST(&budget->touched);
    if (listing)
        leave_queue(listing);
    return listing;
}

static void touch_wanting(struct budget *budget)
{
    struct listing *listing;
    while ((listing = TAILQ_FIRST(&budget->wanting)))
        listing_touch(listing);
}

static void touch_all_wanting(const void *node, VISIT which, void *database)
{
    struct budget *budget = *(struct budget *const *)node;
    if ((which == postorder || which == leaf) && budget->database == database)
        touch_wanting(budget);
}

/* If the whole database was full, the names of other owners may have waited for this room too. */
void listings_use(struct listings *listings, struct listing *listing, size_t n, bool wants_more)
{
    struct budget *budget = listing->budget;
    bool was_full = budget->database->used >= DATABASE_ADDRESSES_MAX;
    size_t before = listing->used;
    budget_use(budget, before, n);
    listing->used = (uint32_t)n;
    if (n < before && was_full)
        twalk_r(listings->budgets.by_owner, touch_all_wanting, budget->database);
    else if (n < before)
        touch_wanting(budget);
    if (!wants_more || listing->queue != LISTING_SETTLED)
        return;
    listing->queue = LISTING_WANTING;
    TAILQ_INSERT_TAIL(&budget->wanting, listing, queued);
}

bool listings_pass(struct listings *listings, struct listing *listing, uint32_t uid, uint32_t owner)
{
    if (listing->uid == uid)
        return true;
    struct budget *budget = budgets_enter(&listings->budgets, listing->zone->database, owner);
    if (!budget)
        return false;
    listings_use(listings, listing, 0, false);
    leave_queue(listing);
    budgets_leave(&listings->budgets, listing->budget);
    listing->budget = budget;
    listing->uid = uid;
    listing_touch(listing);
    return true;
}

static void leave_model(struct listing *listing)
{
    if (listing->model) {
        listing->model->listing = NULL;
        listing->model->stale = true;
    }
    listing->model = listing->like = NULL;
}

void listings_free_unused(struct listings *listings, struct listing *listing)
{
    if (listing->claims || listing->remnants)
        return;
    pair_tree_remove(&listings->by_name, listing);
    listings->n--;
    listing->gone = true;
    listing->zone = NULL;
    leave_model(listing);
    listings_use(listings, listing, 0, false);
    if (listing->looked_at)
        listing_touch(listing);
    else
        leave_queue(listing);
    listings_took(listings, listing);
}

void listings_took(struct listings *listings, struct listing *listing)
{
    if (!listing->gone || listing->queue == LISTING_TOUCHED)
        return;
    budgets_leave(&listings->budgets, listing->budget);
    free(listing);
}

void listings_each(struct listings *listings, void (*visit)(void *listing, void *context),
                   void *context)
{
    pair_tree_each(&listings->by_name, visit, context);
}

struct listing *listings_next(struct listings *listings, const char *zone, const char *name)
{
    return pair_tree_next(&listings->by_name, (struct pair){zone, name});
}
