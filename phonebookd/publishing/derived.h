/* Owners that have records only because of other owners: names between a name and its zone's apex,
 * and the names of addresses in a reverse zone. This file counts the owners that each follows from;
 * kept.c makes the records. Pure. */
#ifndef PHONEBOOKD_DERIVED_H
#define PHONEBOOKD_DERIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct derived {
    /* names with records below this one in its zone, and apexes of zones below it */
    size_t n_below;
    void *pointers;    /* a tsearch(3) tree of texts: the names that have this address */
    size_t n_pointers; /* their number */
    bool changed;      /* it is in derived_set::changed */
    TAILQ_ENTRY(derived) queued;
    char name[];
};
TAILQ_HEAD(derived_list, derived);

struct derived_set {
    void *by_name; /* a tsearch(3) tree of struct derived */
    struct derived_list changed;
};
void derived_set_init(struct derived_set *set);
void derived_set_fini(struct derived_set *set);

/* The owner of this name, or NULL. */
struct derived *derived_find(const struct derived_set *set, const char *name);
/* Counts one name more (1) or less (-1) below this one. False if memory ran out, also below. */
bool derived_count(struct derived_set *set, const char *name, int change);
/* `name` now has (or no longer has) the address whose owner in the reverse zone is `owner`. */
bool derived_point(struct derived_set *set, const char *owner, const char *name, bool has);
/* The first of the names after this one ("": the first of all), or NULL. */
const char *derived_next_pointer(const struct derived *derived, const char *name);

/* Marks the owner: its records are to be made again. */
void derived_change(struct derived_set *set, struct derived *derived);
void derived_change_all(struct derived_set *set);
/* Returns a marked owner and unmarks it; NULL if there is none. Then call derived_took(), which
 * frees it if it no longer follows from anything. */
struct derived *derived_take(struct derived_set *set);
void derived_took(struct derived_set *set, struct derived *derived);

#endif
