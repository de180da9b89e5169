/* The names that zones are like (`addresses = like NAME`), and the prefixes that each shows now.
 * Where these change, the listings of the zones that are like it are touched, some at a time. Pure.
 *
 * The prefixes are those of the present: whoever looks at listings calls spread_changes() before,
 * which brings them up to date. */
#ifndef PHONEBOOKD_LIKES_H
#define PHONEBOOKD_LIKES_H

#include "../../zones/living.h"
#include "../../zones/name.h"

#include <stdbool.h>
#include <stddef.h>

struct listing;
struct zone;

struct like {
    const char *name;        /* not owned; zone::like of each zone that is like it */
    struct listing *listing; /* its own; NULL while nobody has the name */
    struct living living;
    bool stale;                 /* the listing was touched since */
    bool spreading;             /* not all listings that are like it have heard of a change, and */
    bool again;                 /* there was another one meanwhile */
    size_t zone;                /* those before this zone have heard, */
    char at[NAME_TEXT_MAX + 1]; /* and in it those up to this name */
};

struct likes {
    struct like *all; /* owned; sorted by name */
    size_t n;
};

/* For these zones. False where memory ran out. */
bool likes_make(struct likes *likes, const struct zone *const *zones, size_t n_zones);
void likes_fini(struct likes *likes);
/* The one of this name, or NULL. */
struct like *likes_find(const struct likes *likes, const char *name);

/* Has one of them changed, and not everybody heard of it? */
bool likes_are_pending(const struct likes *likes);
/* The prefixes are these now. */
void like_set(struct like *like, const struct living *living);

#endif
