/* The full names that registrations hold already. When zones with other rules for names are set,
 * the registrations keep these names even if the new rules would refuse them. Pure. */
#ifndef PHONEBOOKD_REGISTRY_HELD_H
#define PHONEBOOKD_REGISTRY_HELD_H

#include "registry-state.h"

struct held {
    struct held_name {
        const struct registration *registration;
        char *name; /* owned */
    } * names;      /* owned; in the order of the registrations */
    size_t n;
    size_t first, end; /* the names of the current registration */
};

/* Collects the names of all claims. False if memory ran out; call held_fini() in any case. */
bool held_collect(struct held *held, struct registration *const *all, size_t n_all,
                  const struct zone *const *zones, size_t n_zones);
void held_fini(struct held *held);

/* Makes this the current registration. To be called for each registration that had a claim, in the
 * same order. */
void held_look_at(struct held *held, const struct registration *registration);
/* Does the current registration hold this name? For full_names_request::accepted. */
bool held_has(const void *held, const char *name);

#endif
