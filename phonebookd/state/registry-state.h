/* The registry's structs; registry.h describes it. Pure. */
#ifndef PHONEBOOKD_REGISTRY_STATE_H
#define PHONEBOOKD_REGISTRY_STATE_H

#include "../../common/request-options.h"
#include "../../zones/zone.h"
#include "accounts.h"
#include "full-names.h"
#include "interfaces.h"
#include "listings.h"

#include <sys/queue.h>

struct registration;

/* A connection's part of the registry; embedded in the connection. */
struct holder {
    uint32_t uid;
    uint32_t owner;       /* everything is charged to it (accounts.h); never changes */
    bool aside;           /* its connection is set aside (crashes.h): no claims */
    bool nobody;          /* several users may have this uid */
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
    struct former *former;  /* of its remnants, from registry_linger() until it is dropped */
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
    /* Its zone's verdict on these n addresses at the last look: zone_foremost(), or ZONE_SHOWN if
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

/* The rest of an ended claim that lingers: the addresses that its zone could show at its end. They
 * are shown while no claim on the listing has an address to show, and never again after one was
 * shown. */
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
    /* set by publishing, with registry::overtaken, when it shows the listing's claims instead */
    bool overtaken;
    uint32_t heir; /* the last uid that took the listing over */
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
                                   char why[static FULL_NAMES_WHY_MAX]);

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

#endif
