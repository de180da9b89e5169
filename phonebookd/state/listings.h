/* What is shown or may be: one entry per full name, which exists as long as a claim on it does, or
 * what lingers of one. Walked in one order (zone, then name), so that equal states make equal
 * databases. Pure. */
#ifndef PHONEBOOKD_LISTINGS_H
#define PHONEBOOKD_LISTINGS_H

#include "../../common/pair-tree.h"
#include "budgets.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct claim;
struct remnant;
struct zone;

/* What it shows. */
enum listing_state {
    LISTING_NEW,       /* not looked at since a claim on it was added */
    LISTING_HIDDEN,    /* has no address to show */
    LISTING_LINGERING, /* no claim has, a remnant has */
    LISTING_SHOWN,     /* from its claims, in build number `build` of its database */
};

/* How far a listing is on its way to the servers, as clients are told. */
enum served {
    SERVED_WAITING, /* no claim has an address to show; what lingers may have */
    SERVED_PENDING, /* the next build brings it */
    SERVED_LIVE,
};

struct listing {
    const char *name; /* full name, canonical; the text follows the struct */
    const struct zone *zone;
    uint32_t uid; /* of all its holders */
    struct claim *claims;
    struct remnant *remnants;
    struct budget *budget; /* of its owner in its zone's database */
    size_t counted;        /* addresses of its claims' links, each link once */
    uint64_t parting;      /* registry::partings when it was last looked at for one */

    /* Is publishing to look at it? */
    enum listing_queue {
        LISTING_SETTLED,
        LISTING_TOUCHED, /* in budget::touched */
        LISTING_WANTING, /* in budget::wanting */
    } queue;
    bool gone; /* nothing is on it any more, nothing finds it, and its zone may be no more */
    TAILQ_ENTRY(listing) queued;

    /* publishing's own: what it has made of it when it last looked (kept.h). */
    enum listing_state state; /* the registry sets LISTING_NEW */
    bool looked_at;           /* at some time */
    uint64_t build;
    uint64_t changed; /* the last build that brought it other records */
    size_t allowed;   /* so many addresses were looked at at most, */
    size_t used;      /* and so many in fact, */
    size_t left_out;  /* and so many of its claims' were not */
    bool is_static;   /* a static file leaves no room for it, so that it shows none */
};

struct listings {
    struct pair_tree by_name; /* of struct listing: by zone, then name */
    size_t n;
    struct budgets budgets;
};

void listings_init(struct listings *listings);
void listings_fini(struct listings *listings);

/* The listing of a full name in its zone, or NULL. */
const struct listing *listings_find(const struct listings *listings, const struct zone *zone,
                                    const char *name);
/* The same, made for this uid where there is none; NULL where memory ran out. */
struct listing *listings_get(struct listings *listings, const struct zone *zone, const char *name,
                             uint32_t uid, uint32_t owner);
/* A listing without claims gets another uid; false where memory ran out. */
bool listings_pass(struct listings *listings, struct listing *listing, uint32_t uid,
                   uint32_t owner);
/* Frees a listing that nothing is on any more; where publishing knows it, after listings_took(). */
void listings_free_unused(struct listings *listings, struct listing *listing);

/* What it shows may be something else now: publishing is to look at it. Whoever changes what a
 * listing's records are made of calls this, and a change that changes nothing does not. */
void listing_touch(struct listing *listing);
/* The first that was touched of an owner's in a database, which is settled then; or NULL. To be
 * followed by listings_took(), after which one that is gone is freed. */
struct listing *listing_take(struct budget *budget);
void listings_took(struct listings *listings, struct listing *listing);
/* So many of its addresses are looked at. Where it would have more, it waits until its budget has
 * room; room that it gives back is told to those that wait. */
void listings_use(struct listings *listings, struct listing *listing, size_t n, bool wants_more);
/* No listing is left, and publishing will begin anew: what is gone is forgotten. */
void listings_forget(struct listings *listings);

void listings_each(struct listings *listings, void (*visit)(struct listing *listing, void *context),
                   void *context);
/* The listing of this name in the zone of this name, or NULL. */
struct listing *listings_at(const struct listings *listings, const char *zone, const char *name);
/* The first listing behind this zone and name, which need not be there (two empty texts: the very
 * first), or NULL: so a walk can go on after the registry has changed. */
struct listing *listings_next(struct listings *listings, const char *zone, const char *name);

#endif
