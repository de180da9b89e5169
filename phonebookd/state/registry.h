/* The registry: who holds which name. Pure.
 *
 *     holder (one per connection) --has--> registrations (one per NAME and INTERFACE)
 *     registration --makes--> claims (one per full name that it became) --on--> listings
 *     listing (one per full name) --has--> the claims of everybody who holds it
 *
 * A listing exists as long as it is claimed, or a former claim on it lingers. The registry calls
 * nobody when something changes: the caller of a function knows that it changed something. Listings
 * that may show something else are collected with their owners' budgets, from where publishing
 * takes them (listings.h); for a change of an interface this needs a call of registry_spread(). All
 * walks are in one order (zone, then name). */
#ifndef PHONEBOOKD_REGISTRY_H
#define PHONEBOOKD_REGISTRY_H

#include "../../common/request-options.h"
#include "../../zones/zone.h"
#include "accounts.h"
#include "full-names.h"
#include "interfaces.h"
#include "listings.h"

#include <sys/queue.h>

enum { REGISTRY_WHY_MAX = FULL_NAMES_WHY_MAX };

struct registration;

/* A connection's part of the registry; embedded in the connection. */
struct holder {
    uint32_t uid;
    uint32_t owner;       /* whom everything is charged to (accounts.h); never changes */
    bool aside;           /* its connection is (crashes.h): its registrations get no claims */
    bool nobody;          /* several users may be behind the uid */
    int32_t pid;          /* at connect(2); 0 if it is in another pid namespace */
    uint64_t socket;      /* inode of our end of the connection; the same after a restart */
    const uint32_t *gids; /* not owned; the groups known during a call of the registry */
    size_t n_gids;
    /* set before the first registry_add(); NULL: registrations get no claims */
    struct namespace *namespace;
    struct registration *registrations; /* owned; newest first */
    size_t n_registrations;
    unsigned number; /* used by registry_number_holders() only */
};

struct registration {
    struct holder *holder;
    uint64_t serial;           /* unique, and greater than that of every earlier registration */
    struct registration *next; /* holder::registrations */
    char *name;                /* owned; as requested */
    char *interface;           /* owned */
    /* as requested; only those that are kept with the registration */
    struct request_options options;
    int64_t since;        /* seconds of CLOCK_BOOTTIME; see kept-text.h */
    struct claim *claims; /* owned */
    size_t n_claims;
    struct visitor visitor; /* at its interface, as long as it has claims */
    struct former *former;  /* its lingering part, from registry_linger() until it is dropped */
    bool unplaced;          /* it is in registry::unplaced */
    TAILQ_ENTRY(registration) others_unplaced;
    /* a rule for names excludes it from a zone whose `publishers` would admit its holder */
    bool in_part;
    bool in_part_next; /* used by registry_change_zones() only */

    /* For the keeper (connection-keep.c). */
    bool kept; /* the keeper has the registration as it is now; each change here clears this */
    /* restored from the keeper during this takeover, and not renewed by the client since */
    bool given;

    uint32_t dump; /* a wait for this registration does not end before this dump of its namespace */
};

struct claim {
    struct registration *registration;
    struct listing *listing;
    struct claim *previous, *next; /* listing::claims, newest first: registration_compare_age() */
    int index;                     /* of its link at the last look; 0: there was none */
    uint32_t counted; /* addresses of that link; 0 if another claim on the listing counts them */

    uint32_t first, n, left_out; /* used by listing_addresses_find() only */
    /* What its zone said of these n addresses at the last look: zone_foremost(), or ZONE_SHOWN if
     * there were none; and zone_awaits_any(). */
    enum zone_verdict foremost : 8;
    bool awaits : 1;
};

/* A registration that has ended and lingers: the common part of its remnants. */
struct former {
    size_t n_remnants; /* it is freed with the last one */
    uint64_t number;   /* the key of its first remnant */
    char *interface;   /* owned */
    uint64_t inode;    /* of its namespace, which may not exist any more */
    uint32_t uid, owner;
    int32_t pid;
    struct request_options options;
    int64_t since;
    bool charged; /* charged to its owner; false if a later registration took the charge over */
};

/* What remains of a claim whose holder asked for it to linger: the addresses that its zone could
 * show when it ended. They are shown only while no living claim on the listing has an address to
 * show, and never again once one has been shown. */
struct remnant {
    struct listing *listing;
    /* listing::remnants, and the link there that points to this one */
    struct remnant *next, **link;
    struct remnant *next_all, **link_all; /* registry::remnants */
    struct former *former;
    char *name;                /* owned; the listing's name, needed when the zones change */
    struct address *addresses; /* owned */
    size_t n_addresses;
    uint64_t ended, deadline; /* ms on the caller's clock */
    /* set by publishing, together with registry::overtaken, when it shows the listing's claims
     * instead */
    bool overtaken;
    uint32_t heir; /* the uid that took the listing over, or was the last to do so */
    uint64_t key;  /* key of its note (registry-notes.c); never used for another remnant */
    bool noted;    /* it was noted once */
    bool to_note;  /* in registry::to_note */
    TAILQ_ENTRY(remnant) noting;
};

TAILQ_HEAD(remnant_list, remnant);
TAILQ_HEAD(registration_list, registration);

/* One claim whose link exists and is up. */
struct source {
    uint64_t cookie;
    const struct link *link;
    struct claim *claim;
};
/* The links of a listing's claims: one entry for each claim whose link exists and is up. Entries of
 * the same link are adjacent. The order is by cookie of the namespace and index of the link, and so
 * does not depend on which claim came first. The list's memory is reused. */
struct sources {
    struct source *all; /* owned */
    size_t n, room;
};

typedef bool registry_static_clash(void *owner, const struct zone *zone, const char *name,
                                   char why[static REGISTRY_WHY_MAX]);

/* Whether a zone shows any address of a part of a link. */
struct link_shown {
    const struct zone *zone; /* NULL: nothing is known */
    struct living living;
    uint64_t cookie, changes; /* of the namespace */
    int index;                /* of the link */
    struct link_part part;
    bool any;
};

struct registry {
    struct listings listings;
    struct registration_list unplaced; /* those without a claim, oldest first */
    struct remnant *remnants;          /* owned */
    uint64_t next_expiry;              /* no remnant ends before this time */
    /* remnants whose notes are missing or outdated, ended ones included */
    struct remnant_list to_note;
    /* keys of remnants that began here are after the first and up to the last; */
    uint64_t first_key, last_key;
    uint64_t last_taken;   /* the highest key that earlier takeovers brought, */
    uint64_t last_offered; /* and the highest key so far */
    uint64_t changes;      /* number of calls of registry_add() that changed something */
    uint64_t last_serial;  /* registration::serial */
    struct stale_interfaces stale;
    struct link_shown shown;         /* the last answer, for registry_linger() */
    bool overtaken;                  /* some remnant is overtaken */
    struct sources sources;          /* its content is not kept between calls */
    struct accounts *accounts;       /* not owned */
    const struct zone *const *zones; /* not owned; sorted by name */
    size_t n_zones;
    bool asks_groups; /* the zones need the groups of clients: zones_ask_groups() */

    /* Does this name, which nobody holds, clash with a static file of its zone's database? `why`
     * then names the line. NULL: there are no static files. */
    registry_static_clash *clashes_with_static;
    void *owner; /* its argument */
};

/* False where memory ran out: zones are not like other names. */
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
 * options, because a request may arrive twice; if it has no claims, the zones are asked again. Any
 * other outcome: nothing has changed, and `why` explains it.
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
/* Of which families addresses are wanted: a set of zone_family. */
unsigned families_asked(const struct request_options *options);
/* Of the link's addresses, which is its own, those of these families. */
struct link_part registration_part(const struct registration *registration,
                                   const struct link *link);

/* Which holder of a name a person means (registry-choice.c). */
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
/* Drops one registration, of which nothing lingers: its client said that it is over. False if
 * memory ran out; then the remnants of former holders may be shown again. */
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
 * registration wins; `lost` is called for each claim that is left out. Rules for names apply only
 * to names that a holder did not hold before; names held above a name do not matter. Remnants stay
 * as long as the new zones allow, counted from their end; call registry_expire() afterwards.
 * `holders` are all holders. False, with nothing changed, if memory ran out. */
bool registry_set_zones(struct registry *registry, const struct zone *const *zones, size_t n_zones,
                        struct holder *const *holders, size_t n_holders,
                        void (*lost)(const struct registration *registration, const char *why));

/* The same, in registry-change.c, if most zones are as before: zones that are neither the same
 * object nor in `changed`, sorted by name, do not exist. It costs what the names in the changed
 * zones cost, and leaves the names in others alone. The result is that of registry_set_zones(),
 * except that what publishing found out about a listing, and what owners owe, is kept. False, with
 * nothing changed, if only registry_set_zones() can do this: the zones have other names, databases
 * or `like`, or take other relative names; a registration has no claims, or would lose or get one;
 * or memory ran out. */
bool registry_change_zones(struct registry *registry, const struct zone *const *zones,
                           size_t n_zones, const struct zone *const *changed, size_t n_changed,
                           struct holder *const *holders, size_t n_holders);

/* Finds the links of the listing's claims. Also counts their addresses, so that the counts of the
 * listing and its budget are exact again. False, with nothing counted, if memory ran out. */
bool sources_find(struct sources *sources, struct listing *listing);
/* The index after the last source with the same link as all[i]. */
size_t sources_end(const struct sources *sources, size_t i);
/* Those of the link's addresses that a claim of the sources [start, end) is for, which are one
 * link's. */
struct link_part sources_part(const struct sources *sources, size_t start, size_t end);
/* Those that this one's claim is for. */
struct link_part source_part(const struct source *source);
void sources_fini(struct sources *sources);

#endif
