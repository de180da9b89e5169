/* Turns a requested name into full names in zones. Pure.
 *
 * A name that ends in a dot, or lies in a configured zone, is a full name already. "@" becomes the
 * apex of every zone that accepts relative names. Any other name is appended to each of these
 * zones. Each full name belongs to the deepest zone that contains it, and that zone decides whether
 * the client may have it (permit.h); of the full names of a relative name, those that he may not
 * have are left out. No name can be registered in a reverse zone. */
#ifndef PHONEBOOKD_FULL_NAMES_H
#define PHONEBOOKD_FULL_NAMES_H

#include "../../zones/name.h"
#include "../../zones/permit.h"

struct listing;

enum { FULL_NAMES_WHY_MAX = PERMIT_WHY_MAX };

struct full_names_request {
    const char *name;
    struct zone_publisher publisher;
    /* Did the client have this full name already? Then the rules for names do not apply to it.
     * NULL: he had none. */
    bool (*accepted)(const void *context, const char *name);
    const void *context;
    bool taken; /* restored from the keeper: a zone's labels-max does not apply */
};

struct full_names {
    const struct zone *const *zones; /* not owned */
    size_t n_zones;
    /* not owned; sorted by name: the zones that a relative name is appended to, and the zones in
     * which names are found; full_names_init() sets both, and a caller may reduce them */
    const struct zone *const *parents, *const *only;
    size_t n_parents, n_only;
    const struct full_names_request *request; /* not owned */
    struct permit denied; /* of the first zone that accepts the name, but not from this client */
    char denied_name[NAME_TEXT_MAX + 1];
    size_t n_denied;
    /* of these, zones whose `publishers` would allow him, but whose rules for names do not */
    size_t n_kept_out;
    struct full_name {
        const struct zone *zone;
        struct listing *listing; /* set by listings_find_all() only */
        bool reserved; /* a rule, or the zone itself, reserves it for users that include him */
        char name[NAME_TEXT_MAX + 1];
    } * names; /* owned; room for one per zone */
    size_t n_names;
};

/* False if memory ran out. */
bool full_names_init(struct full_names *full_names, const struct zone *const *zones,
                     size_t n_zones);
void full_names_fini(struct full_names *full_names);

enum full_names_outcome {
    FULL_NAMES_OK,     /* there is at least one name */
    FULL_NAMES_NAME,   /* the name is invalid, or too long or of too many labels in its zone */
    FULL_NAMES_ZONE,   /* no zone accepts the name */
    FULL_NAMES_DENIED, /* no zone accepts the name from this client */
};

/* Fills in `names`. Unless the outcome is FULL_NAMES_OK, `why` explains it. */
enum full_names_outcome full_names_find(struct full_names *full_names,
                                        const struct full_names_request *request,
                                        char why[static FULL_NAMES_WHY_MAX]);

#endif
