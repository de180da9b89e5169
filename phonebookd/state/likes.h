/* The names that zones use in `addresses = like NAME`, with the present prefixes of each. When the
 * prefixes of a name change, the listings of the zones that use it are touched, some at a time.
 * Pure.
 *
 * Before it looks at listings, a caller calls spread_changes(), which updates the prefixes. */
#ifndef PHONEBOOKD_LIKES_H
#define PHONEBOOKD_LIKES_H

#include "../../zones/living.h"
#include "../../zones/name.h"

#include <stdbool.h>
#include <stddef.h>

struct listing;
struct zone;

struct like {
    const char *name;        /* not owned; zone::like of each zone that uses it */
    struct listing *listing; /* its listing; NULL while nobody has the name */
    struct living living;
    bool stale;                 /* the listing was touched since */
    bool spreading;             /* some listings that use it were not touched after a change yet, */
    bool again;                 /* and it has changed again meanwhile */
    size_t zone;                /* listings of zones before this one were touched, */
    char at[NAME_TEXT_MAX + 1]; /* and those in it up to this name */
};

struct likes {
    struct like *all; /* owned; sorted by name */
    size_t n;
};

/* Finds the names that these zones use. False if memory ran out. */
bool likes_make(struct likes *likes, const struct zone *const *zones, size_t n_zones);
void likes_fini(struct likes *likes);
/* The one with this name, or NULL. */
struct like *likes_find(const struct likes *likes, const char *name);

/* Has one of them changed, so that listings must be touched? */
bool likes_are_pending(const struct likes *likes);
/* Sets the prefixes. */
void like_set(struct like *like, const struct living *living);

#endif
