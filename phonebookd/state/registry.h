/* The registry: who holds which name. Pure.
 *
 *     holder (one per connection) --has--> registrations (one per NAME and INTERFACE)
 *     registration --makes--> claims (one per full name that it became) --on--> listings
 *     listing (one per full name) --has--> the claims of everybody who holds it
 *
 * A listing exists as long as it is claimed, or a former claim on it lingers. The registry reports
 * no changes: the caller of a function knows that it changed something. Listings that may show
 * something else are collected with their owners' budgets, from where publishing takes them
 * (listings.h); for a change of an interface this needs a call of registry_spread(). All walks are
 * in one order (zone, then name). */
#ifndef PHONEBOOKD_REGISTRY_H
#define PHONEBOOKD_REGISTRY_H

#include "../../common/request-options.h"
#include "../../zones/zone.h"
#include "accounts.h"
#include "full-names.h"
#include "interfaces.h"
#include "listings.h"
#include "registry-state.h"

enum { REGISTRY_WHY_MAX = FULL_NAMES_WHY_MAX };

/* False if memory ran out: `like` has no effect then. */
bool registry_init(struct registry *registry, struct accounts *accounts,
                   const struct zone *const *zones, size_t n_zones);
void registry_fini(struct registry *registry); /* all holders must have been dropped */

enum registry_outcome {
    REGISTRY_OK = FULL_NAMES_OK,
    REGISTRY_NAME = FULL_NAMES_NAME, /* invalid, or too long or of too many labels in its zone */
    REGISTRY_ZONE = FULL_NAMES_ZONE, /* no zone accepts the name */
    REGISTRY_DENIED = FULL_NAMES_DENIED, /* no zone accepts the name from this holder */
    REGISTRY_IN_USE,                     /* another uid or a static file has the name */
    REGISTRY_LIMIT, /* a limit of the connection (limits.h) or the owner (accounts.h) */
    REGISTRY_FULL,  /* the limit of all registrations */
    REGISTRY_NO_MEMORY,
};

enum registry_origin {
    REGISTRY_ASKED, /* a client's request: all limits and rules apply */
    REGISTRY_TAKEN, /* accepted by a former phonebookd: limits and rules for names do not apply */
    /* the same, and its `in_part` was set: rules for names apply, limits do not */
    REGISTRY_TAKEN_IN_PART,
};

/* Registers `name` on `interface`. REGISTRY_OK: *added is the registration, owned by the holder. If
 * the holder already has the same name and interface, that registration stays and gets the new
 * options, because a request may arrive twice; if it has no claims, it may get some now. Any other
 * outcome: nothing has changed, and `why` explains it.
 *
 * The limits of addresses are judged by the counts of the last look at each name, so that a request
 * does not walk over all names; the next look counts again. A registration that adds no address,
 * for example on an interface that does not exist yet, is always within them. */
enum registry_outcome registry_add(struct registry *registry, struct holder *holder,
                                   const char *name, const char *interface,
                                   const struct request_options *options, int64_t since,
                                   enum registry_origin origin, struct registration **added,
                                   char why[static REGISTRY_WHY_MAX]);

/* Keeps a registration that a former phonebookd accepted, though registry_add() refuses it now or
 * its namespace is not known. It has no claims until registry_set_zones() or another registry_add()
 * gives it some. If the holder already has the same name and interface, that registration stays and
 * gets the new options. NULL if memory ran out. */
struct registration *registry_keep(struct registry *registry, struct holder *holder,
                                   const char *name, const char *interface,
                                   const struct request_options *options, int64_t since);

/* The holder's registration of this name and interface, or NULL. */
struct registration *registry_find(const struct holder *holder, const char *name,
                                   const char *interface);

/* Touches the listings of up to *n registrations whose interface has changed, and takes them from
 * *n. True if there may be more. A part of spread_changes(). */
bool registry_spread(struct registry *registry, size_t *n);

/* The registration's link, if it exists and is up; else NULL. */
const struct link *registration_link(const struct registration *registration);

/* The next three are in registry-numbers.c. An age orders registrations: first by the second in
 * which they began, then by their sockets, and on the same socket in the order in which they came.
 * The order survives a restart. No two ages are equal. */
struct registration_age {
    int64_t since;
    uint64_t socket, serial;
};
struct registration_age registration_age(const struct registration *registration);
/* Less than 0 if `a` began before `b`, else greater than 0. */
int registration_compare_age(struct registration_age a, struct registration_age b);
/* Numbers the holders of a listing from 1, beginning with the holder of the oldest claim, in
 * holder::number, which is valid until the next call. Returns the number of holders. */
unsigned registry_number_holders(const struct listing *listing);
/* The families of the requested addresses: a set of zone_family. */
unsigned families_asked(const struct request_options *options);
/* The addresses of its own link that are of these families. */
struct link_part registration_part(const struct registration *registration,
                                   const struct link *link);

/* A person's choice of one holder of a name (registry-choice.c). */
struct holder_choice {
    const char *name; /* a full name, or a name as it was requested */
    uint32_t number;  /* as registry_number_holders() sets it, or 0 */
    uint64_t socket;  /* holder::socket, or 0 */
};
enum choice_outcome {
    CHOICE_MADE,
    CHOICE_NAME,   /* the name is not a domain name */
    CHOICE_ABSENT, /* nobody holds the name, or no holder has this number or socket */
    CHOICE_DENIED, /* the holder has another uid than `asker`, and `asker` is not root */
    CHOICE_NUMBER, /* several holders match, or different ones in different zones */
};
/* Finds the one holder that the choice means and that `asker` may end: *chosen. On another outcome
 * `why` tells a person the reason. */
enum choice_outcome registry_choose(const struct registry *registry, const struct holder *asker,
                                    const struct holder_choice *choice, struct holder **chosen,
                                    char why[static REGISTRY_WHY_MAX]);

/* Drops and frees one registration, or all of a holder's. */
void registry_drop(struct registry *registry, struct registration *registration);
void registry_drop_holder(struct registry *registry, struct holder *holder);

/* The following functions are in registry-linger.c. This one is called when a holder is gone,
 * before registry_drop_holder(). It makes remnants of the names that he asked to linger, within the
 * limits of each zone, unless another holder of the name has an address to show. False if memory
 * ran out for some. `now` is in ms. */
bool registry_linger(struct registry *registry, struct holder *holder, uint64_t now);
/* Drops one registration, of which nothing lingers: its client withdrew it. False if memory ran
 * out; then the remnants of former holders may be shown again. */
bool registry_withdraw(struct registry *registry, struct registration *registration, uint64_t now);
/* Drops the remnants whose time is over. True if there were any. */
bool registry_expire(struct registry *registry, uint64_t now);
/* Drops the overtaken remnants. This does not change what is shown. */
void registry_drop_overtaken(struct registry *registry);
/* When to call registry_expire() next: at the latest when the next remnant's time is over; 0: there
 * is none. */
uint64_t registry_next_expiry(const struct registry *registry);
void registry_drop_remnants(struct registry *registry);

/* The following functions are in registry-notes.c. Each remnant is noted with the keeper, which
 * gives the notes to the next phonebookd. This one returns a remnant whose note is missing or
 * outdated, or NULL. If the remnant has no listing, it has ended, and its note is to be removed. */
struct remnant *registry_next_to_note(const struct registry *registry);
/* The note is stored, or removed; or with `kept` false, that is not possible. Frees the remnant if
 * it has ended. */
void registry_noted(struct registry *registry, struct remnant *remnant, bool kept);
/* For a new keeper: all remnants have to be noted again. */
void registry_note_all(struct registry *registry);

/* The content of a note. */
struct remnant_note {
    uint64_t key, number; /* remnant::key, former::number */
    const char *name, *interface;
    uint64_t inode;
    uint32_t uid, owner; /* the owner as of now, which is not in the note */
    int32_t pid;
    int64_t since;
    struct request_options options;
    uint64_t ended, deadline;
    const struct address *addresses;
    size_t n_addresses;
};
/* A takeover begins: notes from earlier takeovers are known already. */
void registry_begin_taking(struct registry *registry);
/* Restores what lingered for a former phonebookd, oldest first if possible, after the registrations
 * were restored. It is charged to its owner, and no limit applies. It ends at once if the present
 * zones do not let it linger. A note that is known here already, even if its remnant has ended, is
 * ignored. False if memory ran out. */
bool registry_take_note(struct registry *registry, const struct remnant_note *note);

/* Makes all claims anew for other zones. A registration that no zone accepts stays without claims,
 * and so does one whose holder has no namespace. If claims of different uids clash, the older
 * registration wins; `lost` is called for each claim that is not made. Rules for names apply only
 * to names that a holder did not hold before; names above them do not matter. Remnants stay as long
 * as the new zones allow, counted from their end; call registry_expire() afterwards. `holders` are
 * all holders. False, with nothing changed, if memory ran out. */
bool registry_set_zones(struct registry *registry, const struct zone *const *zones, size_t n_zones,
                        struct holder *const *holders, size_t n_holders,
                        void (*lost)(const struct registration *registration, const char *why));

/* The same, in registry-change.c, if most zones are as before: each zone is either the same object
 * or in `changed`, which is sorted by name. Its cost is that of the names in the changed zones;
 * names in others stay as they are. The result is that of registry_set_zones(), except that the
 * results of looks and the debts of owners stay. False, with nothing changed, if only
 * registry_set_zones() can do this: the zones have other names, databases or `like`, or take other
 * relative names; a registration has no claims, or would lose or get one; or memory ran out. */
bool registry_change_zones(struct registry *registry, const struct zone *const *zones,
                           size_t n_zones, const struct zone *const *changed, size_t n_changed,
                           struct holder *const *holders, size_t n_holders);

/* Finds the links of the listing's claims. Also counts their addresses, so that the counts of the
 * listing and its budget are exact again. False, with nothing counted, if memory ran out. */
bool sources_find(struct sources *sources, struct listing *listing);
/* The index after the last source with the same link as all[i]. */
size_t sources_end(const struct sources *sources, size_t i);
/* The link's addresses that the claims of the sources [start, end), all of one link, ask for. */
struct link_part sources_part(const struct sources *sources, size_t start, size_t end);
/* Those that this source's claim asks for. */
struct link_part source_part(const struct source *source);
void sources_fini(struct sources *sources);

#endif
