/* Owners that have records only because of other owners: names between a name and its zone's apex,
 * and the names of addresses in a reverse zone. This file counts, for each such owner, the owners
 * that cause it; kept.c makes the records. Pure. */
#ifndef PHONEBOOKD_DERIVED_H
#define PHONEBOOKD_DERIVED_H

#include "../state/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

/* A name that has the address and is in a group: only the oldest name of a group gets a PTR. */
struct pointer {
    const char *group; /* not owned: a zone's name, or "" */
    struct registration_age age;
    char name[];
};

struct derived {
    /* names with records below this one in its zone, and apexes of zones below it */
    size_t n_below;
    void *pointers;    /* a tsearch(3) tree of texts: the names that have this address */
    size_t n_pointers; /* their number */
    /* tsearch(3) trees of the same struct pointers: sorted by group, age and name; by name */
    void *by_age, *by_name;
    size_t n_grouped; /* their number */
    bool changed;     /* it is in derived_set::changed */
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
/* Counts one more name (1) or one fewer (-1) below this one. This and the next two: false if memory
 * ran out. */
bool derived_count(struct derived_set *set, const char *name, int change);
/* `name` now has (or no longer has) the address whose owner in the reverse zone is `owner`. */
bool derived_point(struct derived_set *set, const char *owner, const char *name, bool has);
/* The same for a name in a group: it has had the address for this age; NULL: no longer has it. A
 * name is always in the same group or always in none; the group's text outlives the set. */
bool derived_point_oldest(struct derived_set *set, const char *owner, const char *name,
                          const char *group, const struct registration_age *age);
/* Of the names without a group, the first after this one ("": the first of all), or NULL. */
const char *derived_next_pointer(const struct derived *derived, const char *name);
/* The oldest name of the first group after this one (NULL: of the first of all), or NULL. */
const struct pointer *derived_next_oldest(const struct derived *derived, const char *group);

/* Marks the owner: its records are to be made again. */
void derived_change(struct derived_set *set, struct derived *derived);
void derived_change_all(struct derived_set *set);
/* Returns a marked owner and unmarks it; NULL if there is none. Then call derived_took(), which
 * frees it if it no longer follows from anything. */
struct derived *derived_take(struct derived_set *set);
void derived_took(struct derived_set *set, struct derived *derived);

#endif
