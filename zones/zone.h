/* A zone: which names land in it, which addresses it shows, and the records that follow. Pure. */
#ifndef ZONES_ZONE_H
#define ZONES_ZONE_H

#include "address.h"
#include "name.h"
#include "record.h"

enum {
    ZONE_TTL_DEFAULT = 60,
    ZONE_NEGATIVE_TTL_DEFAULT = 5,
    ZONE_TTL_MAX_DEFAULT = 86400,
    ZONE_LINGER_MAX_DEFAULT = 300,
    ZONE_TTL_LIMIT = 0x7fffffff, /* RFC 2181, 8 */
    ZONE_RULES_MAX = 64,
    ZONE_NAMESERVERS_MAX = 13,
};

enum zone_family { ZONE_IPV4 = 1 << 0, ZONE_IPV6 = 1 << 1 };

struct zone {
    char name[NAME_TEXT_MAX + 1];
    char *database;         /* owned; the name of the database that it is written to */
    char *file;             /* owned; where it was read, NULL: nowhere */
    unsigned database_line; /* there; 0: not given */
    struct address_rule rules[ZONE_RULES_MAX];
    size_t n_rules;
    unsigned families; /* set of zone_family */
    bool temporary, wildcards, relative;
    uint32_t ttl, ttl_min, ttl_max, negative_ttl;
    uint32_t linger_max; /* seconds; the most that a registration may outlive its holder */
    char nameservers[ZONE_NAMESERVERS_MAX]
                    [NAME_TEXT_MAX + 1]; /* never empty after zone_complete() */
    size_t n_nameservers;
    char contact[NAME_TEXT_MAX + 1];
    char **on_change; /* owned, as inifile_words(); a program and its arguments, NULL: none */
};

/* All defaults but the name's; what depends on the name is filled in by zone_complete(). */
void zone_init(struct zone *zone);
void zone_complete(struct zone *zone); /* nameservers, contact, where the file gave none */
void zone_fini(struct zone *zone);

/* The deepest of the zones that contains the name, or NULL. `zones` is an array of pointers. */
const struct zone *zone_of(const struct zone *const *zones, size_t n_zones, const char *name);

/* A registration's ttl (0 < ttl) or the zone's own where it asked for none (ttl < 0), clamped. */
uint32_t zone_clamp_ttl(const struct zone *zone, int64_t ttl);

/* Why an address is not shown; ZONE_SHOWN where it is. */
enum zone_verdict {
    ZONE_SHOWN,
    ZONE_TENTATIVE,
    ZONE_DEPRECATED,
    ZONE_TEMPORARY,
    ZONE_SCOPE,
    ZONE_RULE,
    ZONE_FAMILY,
};
const char *zone_verdict_text(enum zone_verdict verdict); /* "tentative", ..., "zone-rule" */

/* Judges all addresses that a name has (of all its holders together, since a deprecated one is
 * shown only while the zone would otherwise show none of its family). `verdicts` has room for n. */
void zone_judge(const struct zone *zone, const struct address *addresses, size_t n,
                enum zone_verdict *verdicts);

/* SOA and NS of the zone. */
void zone_add_apex(const struct zone *zone, struct records *records);

/* The address records of one name. `addresses` need not be sorted or unique and may be reordered;
 * returns how many records were added. */
size_t zone_add_name(const struct zone *zone, struct records *records, const char *name,
                     uint32_t ttl, struct address *addresses, size_t n);

#endif
