/* What registrations hold although the rules for names of other zones, which come now, would not
 * give it to them. Pure. */
#ifndef PHONEBOOKD_REGISTRY_HELD_H
#define PHONEBOOKD_REGISTRY_HELD_H

#include "registry.h"

struct held {
    struct held_name {
        const struct registration *registration;
        char *name; /* owned */
    } * names;      /* owned; in the order of the registrations */
    size_t n;
    size_t first, end; /* those of the registration that is looked at */
};

/* Looks at all claims. False where memory ran out; held_fini() is due whatever is returned. */
bool held_collect(struct held *held, struct registration *const *all, size_t n_all,
                  const struct zone *const *zones, size_t n_zones);
void held_fini(struct held *held);

/* To be called for each registration that had a claim, in the same order. */
void held_look_at(struct held *held, const struct registration *registration);
/* Is the name among those of the registration that is looked at? As
 * full_names_request::accepted. */
bool held_has(const void *held, const char *name);

#endif
