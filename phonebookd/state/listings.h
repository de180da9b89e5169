/* Listings: one for each full name that is claimed or lingers. They are walked in one order (zone,
 * then name), so that equal states give equal databases. Pure. */
#ifndef PHONEBOOKD_LISTINGS_H
#define PHONEBOOKD_LISTINGS_H

#include "../../common/pair-tree.h"
#include "budgets.h"
#include "full-names.h"
#include "likes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct claim;
struct remnant;
struct zone;

/* The addresses that the name shows. */
enum listing_state {
    LISTING_NEW,       /* a claim was added, and the listing was not looked at since */
    LISTING_HIDDEN,    /* no address to show */
    LISTING_LINGERING, /* addresses of a remnant; no claim has any to show */
    LISTING_SHOWN,     /* addresses of its claims, from build `build` of its database on */
};

/* How far the name is published, as clients are told. */
enum served {
    SERVED_WAITING, /* no claim has an address to show (a remnant may have) */
    SERVED_PENDING, /* the next build will publish it */
    SERVED_LIVE,
};

/* There can be a million listings: members are small, and the large ones stand first. A name has at
 * most as many addresses as there are in all namespaces, which 32 bits can count. */
struct listing {
    const struct zone *zone;
    struct claim *claims;
    struct remnant *remnants;
    struct budget *budget; /* its owner's, in the database of its zone */
    /* the entry of its zone's `like`; NULL: none, or it is this name */
    struct like *like;
    struct like *model; /* the entry of this name, if zones use it as `like`; or NULL */
    TAILQ_ENTRY(listing) queued;

    /* Used by publishing only, like `allowed`, `used` and `left_out`: the result of its last look
     * (look.h). */
    uint64_t build;
    uint64_t changed; /* the last build that changed its records */

    uint32_t uid;      /* the uid of all its holders */
    uint32_t counted;  /* addresses of its claims' links, each link once */
    uint32_t allowed;  /* limit of addresses for the last look, */
    uint32_t used;     /* how many were looked at, */
    uint32_t left_out; /* and how many addresses of its claims were not */

    /* Must publishing look at it? */
    enum listing_queue {
        LISTING_SETTLED,
        LISTING_TOUCHED, /* in budget::touched */
        LISTING_WANTING, /* in budget::wanting */
    } queue : 8;
    enum listing_state state : 8; /* set to LISTING_NEW by the registry */
    /* it has no claims and remnants, cannot be found, and its zone may not exist any more */
    bool gone : 1;
    bool parting : 1;   /* registry_linger() is handling it */
    bool looked_at : 1; /* publishing knows it, and has to look at it once more when it is gone */
    bool is_static : 1; /* a static file excludes it, so it shows nothing */

    char name[]; /* full name, canonical */
};

struct listings {
    struct pair_tree by_name; /* of struct listing, by zone and name */
    size_t n;
    struct budgets budgets;
    struct likes likes; /* of the zones that there are */
};

void listings_init(struct listings *listings);
void listings_fini(struct listings *listings);

/* The prefixes allowed for its IPv6 addresses; NULL: any. */
const struct living *listing_living(const struct listing *listing);

/* The listing of a full name in its zone, or NULL. */
const struct listing *listings_find(const struct listings *listings, const struct zone *zone,
                                    const char *name);
/* The same for n full names at once, in full_name::listing. */
void listings_find_all(const struct listings *listings, struct full_name *names, size_t n);
/* Creates a listing for this uid; there is none of this name. NULL if memory ran out. */
struct listing *listings_add(struct listings *listings, const struct zone *zone, const char *name,
                             uint32_t uid, uint32_t owner);
/* Gives a listing without claims to another uid. False if memory ran out. */
bool listings_pass(struct listings *listings, struct listing *listing, uint32_t uid,
                   uint32_t owner);
/* Frees a listing without claims and remnants; if publishing knows it, only after
 * listings_took(). */
void listings_free_unused(struct listings *listings, struct listing *listing);

/* Tells publishing to look at the listing, because it may show something else now. To be called by
 * every function that changes the sources of the listing's records, and only if they changed. */
void listing_touch(struct listing *listing);
/* Returns the first touched listing of this budget, and marks it settled; or NULL. Then call
 * listings_took(), which frees a listing that is gone. */
struct listing *listing_take(struct budget *budget);
void listings_took(struct listings *listings, struct listing *listing);
/* Notes that `n` of the listing's addresses are looked at. If it wants more, it waits until its
 * budget has room; if it uses less than before, those that wait are touched. */
void listings_use(struct listings *listings, struct listing *listing, size_t n, bool wants_more);
/* For a new start of publishing when no listing is left: forgets the listings that are gone. */
void listings_forget(struct listings *listings);

void listings_each(struct listings *listings, void (*visit)(void *listing, void *context),
                   void *context);
/* The listing of this name in the zone of this name, or NULL. */
struct listing *listings_at(const struct listings *listings, const char *zone, const char *name);
/* The first listing after this zone and name (two empty texts: the very first), or NULL. The zone
 * and the name need not exist, so a walk can continue after the registry has changed. */
struct listing *listings_next(struct listings *listings, const char *zone, const char *name);

#endif
