/* A zone: which names it takes, which addresses it shows, and the resulting records. Pure. */
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

/* Which of the zone's names get a PTR record for an address? */
enum zone_pointers {
    ZONE_POINTERS_ALL,
    ZONE_POINTERS_FIRST, /* the one that has had the address longest */
    ZONE_POINTERS_NONE,
};

struct zone;

/* A name in this zone that is a name server's, and the zone that it serves. */
struct zone_server {
    const char *name;      /* not owned; of->nameservers has it */
    const struct zone *of; /* any zone of the configuration, perhaps the same one */
};

/* The members that are needed for each name come first, and large ones last: with very many zones,
 * a zone is no longer in the processor's cache when its next name is judged. */
struct zone {
    size_t n_rules, n_gateways, n_nameservers, n_servers;
    char *database;              /* owned; the name of its database */
    struct zone_server *servers; /* owned; sorted after zones_note_servers() */
    struct name_rules names;     /* owned; which names are reserved for which users */
    uint32_t ttl, ttl_min, ttl_max, negative_ttl;
    uint32_t linger_max; /* seconds; limit of a registration's `linger` */
    unsigned labels_max; /* limit of labels below the apex */
    unsigned families;   /* set of zone_family */
    /* for its own names; in a reverse zone, for the names of all zones */
    enum zone_pointers pointers;
    uint32_t owner; /* phonebookd's uid, which owns the zone's own names */
    bool reverse;   /* a reverse zone for `prefix`, with PTR records only */
    bool temporary, wildcards, relative;
    bool restricted;    /* only `publishers` and uid 0 may register here */
    bool subtrees_open; /* names below another user's are free for everybody */
    char name[NAME_TEXT_MAX + 1];
    char **on_change;       /* owned, from words_of(); a program and its arguments; NULL: none */
    char *file;             /* owned; the file it was read from; NULL: none */
    unsigned database_line; /* in the file; 0: not given */
    unsigned host_line; /* in the file, of a name that contains the host's name; 0: it does not */
    struct address_prefix prefix;
    struct address_rule rules[ZONE_RULES_MAX];
    struct address gateways[ZONE_GATEWAYS_MAX]; /* sorted and unique after zone_complete() */
    char nameservers[ZONE_NAMESERVERS_MAX]
                    [NAME_TEXT_MAX + 1]; /* never empty after zone_complete() */
    char contact[NAME_TEXT_MAX + 1];
    /* `addresses = like NAME`: only IPv6 addresses in the prefixes of this name's addresses are
     * shown; "": in any prefix. A full name after zone_resolve_like(). */
    char like[NAME_TEXT_MAX + 1];
    bool like_is_absolute; /* written with a trailing dot */
    unsigned like_line;    /* in the file */
    struct people publishers;
};

/* Sets all defaults except those that depend on the name, which zone_complete() sets. */
void zone_init(struct zone *zone);
/* sets nameservers and contact if they were not given; sorts */
void zone_complete(struct zone *zone);
void zone_fini(struct zone *zone);
void zone_default_rules(struct zone *zone); /* sets the default of `addresses`: `global private` */

/* The deepest zone that contains the name, or NULL. `zones` is an array of pointers, sorted by
 * name. */
const struct zone *zone_of(const struct zone *const *zones, size_t n_zones, const char *name);
/* The same if `zone`, one of them, is known to contain the name; takes half the time. */
const struct zone *zone_below(const struct zone *const *zones, size_t n_zones,
                              const struct zone *zone, const char *name);

/* To be called when all zones are complete and sorted by name: notes in each zone which of its
 * names are name servers of any zone. False if memory ran out. In zone-servers.c. */
bool zones_note_servers(struct zone *const *zones, size_t n_zones);
/* Do these two zones of one name contain the same server names, for zones of the same names? */
bool zone_same_servers(const struct zone *a, const struct zone *b);
/* To be called after some zones were replaced by objects of the same names and servers, while the
 * former objects exist: makes each server refer to one of `zones`. */
void zones_point_servers(struct zone *const *zones, size_t n_zones);
/* The first zone, sorted by name, that has this name of `zone` as its name server; or NULL. */
const struct zone *zone_served_by(const struct zone *zone, const char *name);
/* The zone that one of zone->servers serves; preferably the zone itself. */
const struct zone *zone_of_server(const struct zone *zone, const struct zone_server *server);

/* The next two are in zone-like.c, for zones that are sorted by name. */
void zone_resolve_like(struct zone *zone, const struct zone *const *zones, size_t n_zones);
enum zone_like_fault {
    ZONE_LIKE_FINE,
    ZONE_LIKE_ITSELF,  /* `like` is the zone's own name */
    ZONE_LIKE_CIRCLE,  /* the zones use each other's names in a circle */
    ZONE_LIKE_NOWHERE, /* no zone has the name, so every address passes */
};
/* The mistake in the zone's `like`. A name that its own zone uses too is not restricted by itself,
 * so this is not a circle. */
enum zone_like_fault zone_like_fault(const struct zone *zone, const struct zone *const *zones,
                                     size_t n_zones);

/* Can this name, whose zone_of() is this zone, be registered in it at all? */
bool zone_takes(const struct zone *zone, const char *name);

/* How many labels the name, which is in the zone, has below the apex. Each except the first can
 * cause a placeholder. */
size_t zone_labels_below(const struct zone *zone, const char *name);

bool zone_admits(const struct zone *zone, const struct zone_publisher *publisher);
/* Does one of the zones, or a rule for names, use groups? */
bool zones_ask_groups(const struct zone *const *zones, size_t n_zones);

/* The requested TTL, or the zone's own if none was requested (ttl < 0), within the zone's
 * limits. */
uint32_t zone_clamp_ttl(const struct zone *zone, int64_t ttl);

/* Why an address is not shown, or ZONE_SHOWN. Of several addresses, the least verdict is the most
 * useful one. */
enum zone_verdict {
    ZONE_SHOWN,
    ZONE_GATEWAY, /* the zone's gateway is shown instead */
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

/* Judges all addresses of a name, of all its holders together, because a deprecated address is
 * shown only while the zone would otherwise show none of its family. `verdicts` has room for n. */
void zone_judge(const struct zone *zone, const struct living *living, const char *name,
                const struct address *addresses, size_t n, enum zone_verdict *verdicts);
/* The least verdict for a name with only these addresses (n > 0), without gateways and the limits
 * of a reply. */
enum zone_verdict zone_foremost(const struct zone *zone, const struct living *living,
                                const struct address *addresses, size_t n);
/* Would a name with these addresses show any, regardless of its other addresses? */
bool zone_shows_any(const struct zone *zone, const struct living *living,
                    const struct address *addresses, size_t n);
/* Is one of them tentative, and will be shown when it no longer is? */
bool zone_awaits_any(const struct zone *zone, const struct living *living,
                     const struct address *addresses, size_t n);
/* Copies the addresses that a name with these would show if the zone had no gateways: as many as
 * fit, sorted, each once. Returns how many. */
enum { ZONE_COPIED_MAX = 2 * FIT_RECORDS_MAX };
size_t zone_copy_shown(const struct zone *zone, const struct living *living, const char *name,
                       const struct address *addresses, size_t n,
                       struct address shown[static ZONE_COPIED_MAX]);
/* The gateways of these families (a set of zone_family) and the zone's; *n is their number. */
const struct address *zone_gateways(const struct zone *zone, unsigned families, size_t *n);

/* Add the records of the apex. */
void zone_add_soa(const struct zone *zone, struct records *records);
void zone_add_nameservers(const struct zone *zone, struct records *records);

/* Adds the address records of a name. `addresses` need not be sorted or unique, and are changed. Of
 * the gateways, those of `families` (a set of zone_family) are shown. Returns how many records were
 * added. Records that were left out are noted in `cuts`. */
size_t zone_add_name(const struct zone *zone, const struct living *living, struct records *records,
                     const char *name, uint32_t ttl, unsigned families, struct address *addresses,
                     size_t n, struct fit_cuts *cuts);

#endif
