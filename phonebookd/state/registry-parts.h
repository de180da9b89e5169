/* Shared by registry*.c alone. Pure. */
#ifndef PHONEBOOKD_REGISTRY_PARTS_H
#define PHONEBOOKD_REGISTRY_PARTS_H

#include "registry.h"

/* Does another user hold any of the names, or does one linger for him that this one may not take
 * over? Where several can be behind a uid, each connection is another user. `why` says who.
 * `taken`: what it has was accepted, what lingers of another's it had taken over. */
bool registry_find_clash(const struct registry *registry, const struct full_names *full_names,
                         const struct holder *holder, bool taken,
                         char why[static REGISTRY_WHY_MAX]);
/* True, with `why` set, where any of the names is new, is below one that another uid holds, and is
 * not for this one by a rule or by the zone's word (phonebook.zone(5), subtrees). */
bool registry_is_below_others(const struct registry *registry, const struct full_names *full_names,
                              const struct holder *holder, char why[static REGISTRY_WHY_MAX]);
/* The listing's count, and its budget's, with the claim's link and without. */
void listing_count_claim(struct claim *claim);
void listing_uncount_claim(struct claim *claim);
/* May it have the addresses that it adds? REGISTRY_OK or REGISTRY_LIMIT. */
enum registry_outcome registry_judge_addresses(const struct registration *registration,
                                               char why[static REGISTRY_WHY_MAX]);

/* Other zones: the listings go, the remnants stay for registry_link_remnants(). */
void registry_unlink_remnants(struct registry *registry);
void registry_link_remnants(struct registry *registry);
/* Links it to the listing that has its name; false where that cannot be. */
bool registry_link_remnant(struct registry *registry, struct remnant *remnant);
/* It lingers from now on; *remnant is allocated and complete but for its links. */
void registry_add_remnant(struct registry *registry, struct remnant *remnant);
void registry_drop_remnant(struct registry *registry, struct remnant *remnant);
void registry_free_remnant(struct registry *registry, struct remnant *remnant);
/* What lingers counts as the registration that it was, once for all its names. Where an owner may
 * hold no more, the next registration of such a name takes the charge over (from the one returned,
 * or NULL), and gives it back if it ends before what lingers. */
struct former *registry_take_charge(struct registry *registry, const struct full_names *full_names,
                                    uint32_t owner);
/* So that what lingers is charged again; where memory ran out, it is not. */
void registry_charge_former(struct registry *registry, struct former *former);
void registry_give_back_charge(struct registry *registry, const struct registration *registration);

#endif
