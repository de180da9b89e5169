/* A zone: which names land in it, which addresses it shows, and the records that follow. Pure. */
#ifndef ZONES_ZONE_H
#define ZONES_ZONE_H

#include "address.h"
#include "fit.h"
#include "living.h"
#include "name-rules.h"
#include "name.h"
#include "people.h"
#include "record.h"

enum {
    ZONE_TTL_DEFAULT = 60,
    ZONE_NEGATIVE_TTL_DEFAULT = 5,
    ZONE_TTL_MAX_DEFAULT = 86400,
    ZONE_LINGER_MAX_DEFAULT = 300,
    ZONE_LABELS_MAX_DEFAULT = 8,
    ZONE_TTL_LIMIT = 0x7fffffff, /* RFC 2181, 8 */
    ZONE_RULES_MAX = 64,
    ZONE_NAMESERVERS_MAX = 13,
    ZONE_GATEWAYS_MAX = 32,
};

enum zone_family { ZONE_IPV4 = 1 << 0, ZONE_IPV6 = 1 << 1 };

/* To which of its names may an address point back? */
enum zone_pointers {
    ZONE_POINTERS_ALL,
    ZONE_POINTERS_FIRST, /* the one that has had it for longest */
    ZONE_POINTERS_NONE,
};

struct zone;

/* One of a zone's names that is a name server's, and the zone that has it. */
struct zone_server {
    const char *name;      /* not owned; of->nameservers has it */
    const struct zone *of; /* of all of a configuration; perhaps the same zone */
};

/* What each name is judged by comes first, and what is large last: with very many zones each has
 * gone cold when its next name comes. */
struct zone {
    size_t n_rules, n_gateways, n_nameservers, n_servers;
    char *database;              /* owned; the name of the database that it is written to */
    struct zone_server *servers; /* owned; in order after zones_note_servers() */
    struct name_rules names;     /* owned; for whom which names are reserved */
    uint32_t ttl, ttl_min, ttl_max, negative_ttl;
    uint32_t linger_max;         /* seconds; the most that a registration may outlive its holder */
    unsigned labels_max;         /* the most labels that a name has below the apex */
    unsigned families;           /* set of zone_family */
    enum zone_pointers pointers; /* of its names; of a reverse zone, of those of all zones */
    uint32_t owner;              /* phonebookd's uid, to which the zone's own names belong */
    bool reverse;                /* a reverse zone, of `prefix`: it has PTR records alone */
    bool temporary, wildcards, relative;
    bool restricted;    /* only `publishers` and uid 0 may register here */
    bool subtrees_open; /* whoever holds a name has no say in what is below it */
    char name[NAME_TEXT_MAX + 1];
    char **on_change;       /* owned, as inifile_words(); a program and its arguments, NULL: none */
    char *file;             /* owned; where it was read, NULL: nowhere */
    unsigned database_line; /* there; 0: not given */
    unsigned host_line;     /* there, of a name that has the host's in it; 0: it has not */
    struct address_prefix prefix;
    struct address_rule rules[ZONE_RULES_MAX];
    struct address gateways[ZONE_GATEWAYS_MAX]; /* sorted and unique after zone_complete() */
    char nameservers[ZONE_NAMESERVERS_MAX]
                    [NAME_TEXT_MAX + 1]; /* never empty after zone_complete() */
    char contact[NAME_TEXT_MAX + 1];
    char like[NAME_TEXT_MAX + 1]; /* its IPv6 addresses are in the prefixes that this name shows;
                                   * "": in any; a full name after zone_resolve_like() */
    bool like_is_absolute;        /* it was written with a dot at its end */
    unsigned like_line;           /* there */
    struct people publishers;
};

/* All defaults but the name's; what depends on the name is filled in by zone_complete(). */
void zone_init(struct zone *zone);
void zone_complete(struct zone *zone); /* nameservers, contact, where the file gave none; order */
void zone_fini(struct zone *zone);
void zone_default_rules(struct zone *zone); /* which addresses it shows: `global private` */

/* The deepest of the zones that contains the name, or NULL. `zones` is an array of pointers, sorted
 * by name. */
const struct zone *zone_of(const struct zone *const *zones, size_t n_zones, const char *name);
/* The same, where `zone`, one of them, is known to contain the name: with half the search. */
const struct zone *zone_below(const struct zone *const *zones, size_t n_zones,
                              const struct zone *zone, const char *name);

/* When all zones are complete, and sorted by name: notes in each which of its names are name
 * servers of any of them. False where memory ran out. In zone-servers.c. */
bool zones_note_servers(struct zone *const *zones, size_t n_zones);
/* The first zone, in the order of their names, that has a name server of this name, which is in
 * `zone`; or NULL. */
const struct zone *zone_served_by(const struct zone *zone, const char *name);
/* Whose name server it is, of those in zone->servers: the zone's own, where it is. */
const struct zone *zone_of_server(const struct zone *zone, const struct zone_server *server);

/* The next two are in zone-like.c, for zones that are sorted by name. */
void zone_resolve_like(struct zone *zone, const struct zone *const *zones, size_t n_zones);
enum zone_like_fault {
    ZONE_LIKE_FINE,
    ZONE_LIKE_ITSELF,  /* it is like its own name */
    ZONE_LIKE_CIRCLE,  /* it is like a name that is judged by what it is like itself */
    ZONE_LIKE_NOWHERE, /* no zone has the name, so that every address passes */
};
/* A name is not judged by itself where its own zone is like it. */
enum zone_like_fault zone_like_fault(const struct zone *zone, const struct zone *const *zones,
                                     size_t n_zones);

/* Whether such a name can be registered in the zone at all: by anybody, where zone_of() is it. */
bool zone_takes(const struct zone *zone, const char *name);

/* How many labels the name, which is in the zone, has below the apex. Each but the first can make a
 * placeholder. */
size_t zone_labels_below(const struct zone *zone, const char *name);

bool zone_admits(const struct zone *zone, const struct zone_publisher *publisher);
/* Is any of the zones for groups, or a name in it? */
bool zones_ask_groups(const struct zone *const *zones, size_t n_zones);

/* A registration's ttl (0 < ttl) or the zone's own where it asked for none (ttl < 0), clamped. */
uint32_t zone_clamp_ttl(const struct zone *zone, int64_t ttl);

/* Why an address is not shown; ZONE_SHOWN where it is. Of several addresses, the least of their
 * verdicts is what a person should hear first. */
enum zone_verdict {
    ZONE_SHOWN,
    ZONE_GATEWAY, /* the zone's gateway is shown in its place */
    ZONE_TENTATIVE,
    ZONE_DUPLICATE,
    ZONE_NO_ROOM, /* fit.h */
    ZONE_DEPRECATED,
    ZONE_RULE,
    ZONE_FAMILY,
    ZONE_TEMPORARY,
    ZONE_SCOPE,
};
const char *zone_verdict_text(enum zone_verdict verdict); /* "tentative", ..., "zone-rule" */

/* In the following functions IPv6 addresses outside of `living` are not shown. NULL: any may be. */

/* Judges all addresses that a name has (of all its holders together, since a deprecated one is
 * shown only while the zone would otherwise show none of its family). `verdicts` has room for n. */
void zone_judge(const struct zone *zone, const struct living *living, const char *name,
                const struct address *addresses, size_t n, enum zone_verdict *verdicts);
/* The least verdict on the addresses of a name that has these alone (n > 0), gateways and what fits
 * aside. */
enum zone_verdict zone_foremost(const struct zone *zone, const struct living *living,
                                const struct address *addresses, size_t n);
/* Would a name that has these have any to show? Whichever others it has too. */
bool zone_shows_any(const struct zone *zone, const struct living *living,
                    const struct address *addresses, size_t n);
/* Is one of them tentative that is to be shown when it is not any more? */
bool zone_awaits_any(const struct zone *zone, const struct living *living,
                     const struct address *addresses, size_t n);
/* Copies those that a name which has these would show, if the zone had no gateways: as many as fit.
 * In order, each once; returns how many. */
enum { ZONE_COPIED_MAX = 2 * FIT_RECORDS_MAX };
size_t zone_copy_shown(const struct zone *zone, const struct living *living, const char *name,
                       const struct address *addresses, size_t n,
                       struct address shown[static ZONE_COPIED_MAX]);
/* The gateways of these families (a set of zone_family) that are of the zone's too; *n of them. */
const struct address *zone_gateways(const struct zone *zone, unsigned families, size_t *n);

/* The records at the apex. */
void zone_add_soa(const struct zone *zone, struct records *records);
void zone_add_nameservers(const struct zone *zone, struct records *records);

/* The address records of one name. `addresses` need not be sorted or unique and are used up; of
 * the gateways those of `families` (a set of zone_family) are shown. Returns how many records were
 * added. What had no room is noted in `cuts`. */
size_t zone_add_name(const struct zone *zone, const struct living *living, struct records *records,
                     const char *name, uint32_t ttl, unsigned families, struct address *addresses,
                     size_t n, struct fit_cuts *cuts);

#endif
