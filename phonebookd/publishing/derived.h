/* Owners that have records because of other owners: a name between a name and its zone's apex, and
 * the name of an address in a reverse zone. What each follows from is counted here; what its
 * records are is said in kept.c. Pure. */
#ifndef PHONEBOOKD_DERIVED_H
#define PHONEBOOKD_DERIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct derived {
    size_t n_below; /* names with records below it, in its zone; and apexes of zones below that */
    void *pointers; /* a tsearch(3) tree of texts: the names that have the address */
    size_t n_pointers; /* of them */
    bool changed;      /* in `changed` */
    TAILQ_ENTRY(derived) queued;
    char name[];
};
TAILQ_HEAD(derived_list, derived);

struct derived_set {
    void *by_name; /* a tsearch(3) tree of them */
    struct derived_list changed;
};
void derived_set_init(struct derived_set *set);
void derived_set_fini(struct derived_set *set);

/* The owner of this name, or NULL. */
struct derived *derived_find(const struct derived_set *set, const char *name);
/* One name more is below it (1), or one less (-1). False where memory ran out, as the next. */
bool derived_count(struct derived_set *set, const char *name, int change);
/* The name has this address now, or has it no more. */
bool derived_point(struct derived_set *set, const char *owner, const char *name, bool has);
/* The first of the names behind this one ("": of all), or NULL. */
const char *derived_next_pointer(const struct derived *derived, const char *name);

/* Its records are to be looked at. */
void derived_change(struct derived_set *set, struct derived *derived);
void derived_change_all(struct derived_set *set);
/* The first that is to be looked at, and is to be looked at no more; or NULL. To be followed by
 * derived_took(), which frees it where it follows from nothing. */
struct derived *derived_take(struct derived_set *set);
void derived_took(struct derived_set *set, struct derived *derived);

#endif
