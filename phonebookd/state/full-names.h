/* Which full names a requested name becomes, in which zones. Pure.
 *
 * A name that ends in a dot or lies in a configured zone is absolute and becomes itself; "@"
 * becomes the apex of every zone that takes relative names; any other is appended to each of these
 * zones. Each full name belongs to the deepest zone that contains it, if that gives it to who asks
 * (permit.h): a relative name is left out of the others. Nothing can be registered in a reverse
 * zone. */
#ifndef PHONEBOOKD_FULL_NAMES_H
#define PHONEBOOKD_FULL_NAMES_H

#include "../../zones/name.h"
#include "../../zones/permit.h"

enum { FULL_NAMES_WHY_MAX = PERMIT_WHY_MAX };

struct full_names_request {
    const char *name;
    struct zone_publisher publisher;
    /* Was this full name accepted before? Then no rule for names is asked. NULL: nothing was. */
    bool (*accepted)(const void *context, const char *name);
    const void *context;
    bool taken; /* the name was: no zone's labels-max is asked for */
};

struct full_names {
    const struct zone *const *zones; /* not owned */
    size_t n_zones;
    const struct full_names_request *request; /* not owned */
    struct permit denied; /* the first zone that would take the name, but not from him */
    char denied_name[NAME_TEXT_MAX + 1];
    size_t n_denied;
    size_t n_kept_out; /* of these, those whose publishers would not say no */
    struct full_name {
        const struct zone *zone;
        bool reserved; /* for those that he is one of: by a rule, or as the zone's own */
        char name[NAME_TEXT_MAX + 1];
    } * names; /* owned; room for one per zone */
    size_t n_names;
};

/* False where memory ran out. */
bool full_names_init(struct full_names *full_names, const struct zone *const *zones,
                     size_t n_zones);
void full_names_fini(struct full_names *full_names);

enum full_names_outcome {
    FULL_NAMES_OK,     /* at least one name */
    FULL_NAMES_NAME,   /* no name, too long with a zone's, or of too many labels for it */
    FULL_NAMES_ZONE,   /* in no zone that takes it */
    FULL_NAMES_DENIED, /* in no zone that takes it from this publisher */
};

/* Fills in `names` for the requested name; on another outcome than FULL_NAMES_OK `why` says what a
 * person should know. */
enum full_names_outcome full_names_find(struct full_names *full_names,
                                        const struct full_names_request *request,
                                        char why[static FULL_NAMES_WHY_MAX]);

#endif
