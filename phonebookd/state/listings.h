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

    /* publishing's own: what the last collection has made of it (collect.h). */
    enum listing_state state; /* the registry sets LISTING_NEW */
    uint64_t build;
    size_t allowed;  /* so many addresses were looked at at most, */
    size_t left_out; /* and so many were not */
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
/* Frees a listing that nothing is on any more. */
void listings_free_unused(struct listings *listings, struct listing *listing);

void listings_each(struct listings *listings, void (*visit)(struct listing *listing, void *context),
                   void *context);
/* The first listing behind this zone and name, which need not be there (two empty texts: the very
 * first), or NULL: so a walk can go on after the registry has changed. */
struct listing *listings_next(struct listings *listings, const char *zone, const char *name);

#endif
