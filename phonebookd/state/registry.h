/* Who holds which name: the state that phonebook exists for. Pure.
 *
 *     holder (one per connection) --has--> registrations (one NAME + INTERFACE each)
 *     registration --makes--> claims (one per full name that it became) --on--> listings
 *     listing (one per full name) --has--> the claims of all who hold it
 *
 * A listing exists exactly as long as somebody claims it, or a claim on it lingers. Nobody is told
 * of changes here: a caller that added or dropped something knows that it did. Which listings may
 * show something else than before is kept with their owners' budgets, for publishing to take
 * (listings.h); those on an interface that has changed, after registry_spread(). Entries are walked
 * in one order (zone, then name). */
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

/* A connection's part in the registry, embedded in it. */
struct holder {
    uint32_t uid;
    uint32_t owner;       /* whom all of it is charged to (accounts.h); it stays the same */
    bool nobody;          /* several users may be behind the uid: it is nobody's own */
    int32_t pid;          /* at connect(); 0 where it is not in our pid namespace */
    uint64_t socket;      /* inode of our end of the connection, which a restart does not change */
    const uint32_t *gids; /* not owned; those known while registry_...() runs */
    size_t n_gids;
    struct namespace *namespace;        /* set before the first registry_add(); NULL: no claims */
    struct registration *registrations; /* owned; newest first */
    size_t n_registrations;
    unsigned number; /* registry_number_holders()'s own */
};

struct registration {
    struct holder *holder;
    uint64_t serial;                /* no other has, or had, it; a later one has a greater one */
    struct registration *next;      /* holder::registrations */
    char *name;                     /* owned; as requested */
    char *interface;                /* owned */
    struct request_options options; /* as requested, those that last */
    int64_t since;                  /* seconds of CLOCK_BOOTTIME; see kept-text.h */
    struct claim *claims;           /* owned */
    size_t n_claims;
    struct visitor visitor; /* at its interface, while it has claims */
    struct former *former;  /* what lingers of it, from registry_linger() to its end */
    bool in_part;           /* a rule for names has kept it out of a zone that admits its holder */

    /* For the keeper (connection-keep.c). */
    bool kept;  /* it has the registration as it is now: a change here clears this */
    bool given; /* as it gave it in this takeover, and the client has not said it to us */

    uint32_t dump; /* of its namespace: a wait for it is not over before that */
};

struct claim {
    struct registration *registration;
    struct listing *listing;
    struct claim *previous, *next; /* listing::claims, newest first: registration_compare_age() */
    int index;                     /* of its link when last looked at; 0 where there was none */
    size_t counted; /* that link's addresses; 0 where another claim on the listing counts them */

    size_t first, n, left_out; /* listing_addresses_find()'s own */
};

/* A registration that has ended and lingers: what its remnants have in common. */
struct former {
    size_t n_remnants; /* freed with the last of them */
    uint64_t number;   /* the key of the first of them */
    char *interface;   /* owned */
    uint64_t inode;    /* of the namespace, which may be gone */
    uint32_t uid, owner;
    int32_t pid;
    struct request_options options;
    int64_t since;
    bool charged; /* as the registration was; not where a later one has taken the charge over */
};

/* What is left of a claim whose holder asked for it to linger: the addresses that its zone could
 * show at the end. It counts only while no living claim on the listing has an address to show, and
 * never again once one has been shown. */
struct remnant {
    struct listing *listing;
    struct remnant *next, **link;         /* listing::remnants, and what points to this one there */
    struct remnant *next_all, **link_all; /* registry::remnants */
    struct former *former;
    char *name;                /* owned; the listing's, for when the zones change */
    struct address *addresses; /* owned */
    size_t n_addresses;
    uint64_t ended, deadline; /* ms on the caller's clock */
    bool overtaken;           /* set by publishing, when it shows the listing from its claims,
                               * with registry::overtaken */
    uint32_t heir; /* the uid that has, or had last, the listing as one that may take it over */
    uint64_t key;  /* of its note (registry-notes.c); no other remnant has, or had, it */
    bool noted;    /* was at some time */
    bool to_note;  /* in registry::to_note */
    TAILQ_ENTRY(remnant) noting;
};

TAILQ_HEAD(remnant_list, remnant);

/* The links of the claims on a listing, for each claim whose link exists and is up. Those of one
 * link are side by side, in the order of namespaces' cookies and links' indices, which does not
 * depend on who came first. A list that is used again and again. */
struct sources {
    struct source {
        uint64_t cookie;
        const struct link *link;
        struct claim *claim;
    } * all; /* owned */
    size_t n, room;
};

typedef bool registry_static_clash(void *owner, const struct zone *zone, const char *name,
                                   char why[static REGISTRY_WHY_MAX]);

struct registry {
    struct listings listings;
    struct remnant *remnants;        /* owned */
    uint64_t next_expiry;            /* none of them ends before */
    struct remnant_list to_note;     /* those, and ended ones, whose note is not as they are */
    uint64_t first_key, last_key;    /* of the remnants that began here, */
    uint64_t last_taken;             /* the last of those taken from a former takeover, */
    uint64_t last_offered;           /* and in all */
    uint64_t partings;               /* holders that registry_linger() was called for */
    uint64_t changes;                /* calls of registry_add() that changed anything */
    uint64_t last_serial;            /* registration::serial */
    struct interface_list stale;     /* interfaces whose registrations have not heard yet */
    bool overtaken;                  /* there are such remnants */
    struct sources sources;          /* between calls only memory */
    struct accounts *accounts;       /* not owned */
    const struct zone *const *zones; /* not owned; sorted by name */
    size_t n_zones;
    bool asks_groups; /* any of them does: zones_ask_groups() */

    /* Does the name, which nobody has, clash with a static file of its zone's database? Then `why`
     * says with which line. NULL: there are no static files. */
    registry_static_clash *clashes_with_static;
    void *owner; /* its argument */
};

void registry_init(struct registry *registry, struct accounts *accounts,
                   const struct zone *const *zones, size_t n_zones);
void registry_fini(struct registry *registry); /* all holders must have been dropped */

enum registry_outcome {
    REGISTRY_OK = FULL_NAMES_OK,
    REGISTRY_NAME =
        FULL_NAMES_NAME, /* no name, too long with its zone, or of too many labels for it */
    REGISTRY_ZONE = FULL_NAMES_ZONE,     /* in no zone that takes it */
    REGISTRY_DENIED = FULL_NAMES_DENIED, /* in no zone that takes it from this holder */
    REGISTRY_IN_USE,                     /* another uid, or a static file, has it */
    REGISTRY_LIMIT,                      /* of a connection (limits.h) or an owner (accounts.h) */
    REGISTRY_FULL,                       /* there are as many registrations as there may be */
    REGISTRY_NO_MEMORY,
};

enum registry_origin {
    REGISTRY_ASKED,         /* a request: all is asked */
    REGISTRY_TAKEN,         /* accepted by a former phonebookd: no limit and no rule for names is */
    REGISTRY_TAKEN_IN_PART, /* so, and `in_part` then: rules for names are, no limit is */
};

/* Registers `name` on `interface`. On REGISTRY_OK *added is the registration, owned by the holder;
 * a holder that has the same name and interface already keeps that one, with the new options: a
 * request may be heard twice. Where no zone has taken it, they are asked again. On any other
 * outcome nothing has changed and `why` says what a person should know.
 *
 * The limits of addresses are judged by what each name had when it was last looked at, so that a
 * request costs no walk over all names; what has grown since is found by the next collection. A
 * registration that adds none, such as on an interface that is still to come, is within them. */
enum registry_outcome registry_add(struct registry *registry, struct holder *holder,
                                   const char *name, const char *interface,
                                   const struct request_options *options, int64_t since,
                                   enum registry_origin origin, struct registration **added,
                                   char why[static REGISTRY_WHY_MAX]);

/* Keeps a registration that a former phonebookd accepted and that registry_add() refuses now, or
 * whose namespace is not known: without a claim, until registry_set_zones() or another
 * registry_add() gives it one. A holder that has the same name and interface keeps that one, with
 * the new options. NULL where memory ran out. */
struct registration *registry_keep(struct registry *registry, struct holder *holder,
                                   const char *name, const char *interface,
                                   const struct request_options *options, int64_t since);

/* The holder's registration of this name and interface, or NULL. */
struct registration *registry_find(const struct holder *holder, const char *name,
                                   const char *interface);

/* Touches the listings of registrations whose interface has changed, of up to n registrations. True
 * where there are more. */
bool registry_spread(struct registry *registry, size_t n);

/* The link that the registration is about, if it exists and is up; else NULL. */
const struct link *registration_link(const struct registration *registration);

/* The parts of registry-numbers.c. The order of registrations: less than or greater than 0 as `a`
 * began before `b` or after it; of those of the same second, by their sockets, and on the same
 * socket as they came. A restart does not change it. No two ages are equal. */
struct registration_age {
    int64_t since;
    uint64_t socket, serial;
};
struct registration_age registration_age(const struct registration *registration);
int registration_compare_age(struct registration_age a, struct registration_age b);
/* Numbers who holds a listing from 1 on, whose oldest claim on it came first: holder::number, until
 * the next call. Returns how many there are. */
unsigned registry_number_holders(const struct listing *listing);

/* Drops one registration (which is freed), or all of a holder's. */
void registry_drop(struct registry *registry, struct registration *registration);
void registry_drop_holder(struct registry *registry, struct holder *holder);

/* The parts of registry-linger.c. A holder is gone: what it asked to linger becomes remnants,
 * within the limits of each zone, where no other holder of the name has an address to show; to be
 * called before registry_drop_holder(). False where memory ran out for any. `now` in ms. */
bool registry_linger(struct registry *registry, struct holder *holder, uint64_t now);
/* Drops the remnants whose time is over; true where there were any. */
bool registry_expire(struct registry *registry, uint64_t now);
/* Drops the remnants that are overtaken, where there are any. What is shown does not change by
 * that. */
void registry_drop_overtaken(struct registry *registry);
/* When to call registry_expire() next: no later than the next remnant's time is over; 0 where there
 * is none. */
uint64_t registry_next_expiry(const struct registry *registry);
void registry_drop_remnants(struct registry *registry);

/* The parts of registry-notes.c. What lingers is noted with the keeper, which gives the notes to
 * the next phonebookd. First one whose note is not as it is, or NULL: without a listing where it
 * has ended, and its note is to be removed. */
struct remnant *registry_next_to_note(const struct registry *registry);
/* It is noted, or its note is removed; or, `kept` false, that cannot be. An ended one is freed. */
void registry_noted(struct registry *registry, struct remnant *remnant, bool kept);
/* Another keeper: all that lingers is to be noted. */
void registry_note_all(struct registry *registry);

/* What a note says. */
struct remnant_note {
    uint64_t key, number; /* remnant::key, former::number */
    const char *name, *interface;
    uint64_t inode;
    uint32_t uid, owner; /* the owner as of now: no note has it */
    int32_t pid;
    int64_t since;
    struct request_options options;
    uint64_t ended, deadline;
    const struct address *addresses;
    size_t n_addresses;
};
/* The next notes are those of another takeover: what the last one brought is known. */
void registry_begin_taking(struct registry *registry);
/* Takes what lingered for a former phonebookd, oldest first as far as the keeper knows, after the
 * registrations that were taken. It is charged to its owner and never refused; where the
 * zones that there are would not let it linger, it ends. What is known here already, also as ended,
 * is left as it is. False where memory ran out. */
bool registry_take_note(struct registry *registry, const struct remnant_note *note);

/* Makes all claims anew for other zones. A registration that no new zone takes stays without a
 * claim; a claim that clashes with another uid's is left out, the older registration winning:
 * `lost` is told of each. A rule for names is asked for what a holder has not held until now, and a
 * holder of a name above is not. What lingers stays as long as the new zones allow, counted from
 * its end: registry_expire() is due. One whose holder has no namespace stays without a claim too.
 * `holders` are all there are. False, with nothing changed, where memory ran out. */
bool registry_set_zones(struct registry *registry, const struct zone *const *zones, size_t n_zones,
                        struct holder *const *holders, size_t n_holders,
                        void (*lost)(const struct registration *registration, const char *why));

/* The links of the listing's claims. Counts their addresses too, so that the listing's count and
 * its budget's are exact again. False, with nothing counted, where memory ran out. */
bool sources_find(struct sources *sources, struct listing *listing);
/* The end of the sources that are all[i]'s link. */
size_t sources_end(const struct sources *sources, size_t i);
void sources_fini(struct sources *sources);

#endif
