/* Functions that only registry*.c share. Pure. */
#ifndef PHONEBOOKD_REGISTRY_PARTS_H
#define PHONEBOOKD_REGISTRY_PARTS_H

#include "full-names.h"
#include "registry-state.h"

/* Does another user hold one of the names, or does one linger for a user from whom this holder may
 * not take it over? If several users may be behind a uid, each of its connections counts as another
 * user. `why` says who holds the name. `taken`: the registration was restored; its names were
 * accepted before. */
bool registry_find_clash(const struct registry *registry, const struct full_names *full_names,
                         const struct holder *holder, bool taken,
                         char why[static FULL_NAMES_WHY_MAX]);
/* Is one of the names new, and denied to this holder because it is below another user's name? False
 * if a rule reserves it for him, or if the zone allows it (`subtrees` in phonebook.zone(5)). `why`
 * says who holds the name above. */
bool registry_is_below_others(const struct registry *registry, const struct full_names *full_names,
                              const struct holder *holder, char why[static FULL_NAMES_WHY_MAX]);
/* Adds the registration of a holder to registry::unplaced if it has no claims, and removes it if it
 * has some. */
void registry_note_place(struct registry *registry, struct registration *registration);
/* Removes it before it is freed. */
void registry_forget_place(struct registry *registry, struct registration *registration);
/* Add the addresses of the claim's link to the counts of the listing and its budget, or remove
 * them. */
void listing_count_claim(struct claim *claim);
void listing_uncount_claim(struct claim *claim);
/* Do the addresses that the registration adds stay within the limits? If not, `why` says which. */
bool registry_has_room(const struct registration *registration,
                       char why[static FULL_NAMES_WHY_MAX]);

/* The request for a registration of this name by this holder. */
struct full_names_request registry_request_of(const char *name, const struct holder *holder);
/* Notes whether a rule for names excludes the registration from a zone. */
void registry_set_in_part(struct registration *registration, bool in_part);
/* Claims and remnants are those of these zones from now on. */
void registry_use_zones(struct registry *registry, const struct zone *const *zones, size_t n_zones);

/* For a change of zones: separates the remnants from their listings, which are freed.
 * registry_link_remnants() links them to the new ones. */
void registry_unlink_remnants(struct registry *registry);
void registry_link_remnants(struct registry *registry);
/* Links the remnant to the listing of its name. False if the zones do not allow it, or another uid
 * holds the name. */
bool registry_link_remnant(struct registry *registry, struct remnant *remnant);
/* Shortens or drops the remnants of a listing whose zone has changed: the listing may be freed. */
void registry_judge_remnants(struct registry *registry, struct listing *listing);
/* Adds a remnant, which is complete except for its links. */
void registry_add_remnant(struct registry *registry, struct remnant *remnant);
void registry_drop_remnant(struct registry *registry, struct remnant *remnant);
void registry_free_remnant(struct registry *registry, struct remnant *remnant);
/* All remnants of a registration are charged as this one registration. When its owner registers one
 * of its names again while he is at his limit, the new registration takes this charge over from the
 * former one, which is returned (or NULL). It gives the charge back if it ends first. */
struct former *registry_take_charge(const struct full_names *full_names, uint32_t owner);
/* A former registration that is charged to `owner`; the caller sets the other fields. NULL if
 * memory runs out. */
struct former *registry_new_former(struct registry *registry, const char *interface,
                                   uint32_t owner);
/* Charges the former registration again, unless memory runs out. */
void registry_charge_former(struct registry *registry, struct former *former);
void registry_give_back_charge(struct registry *registry, const struct registration *registration);

#endif
