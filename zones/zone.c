#include "zone.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

void zone_init(struct zone *zone)
{
    memset(zone, 0, sizeof *zone);
    zone->rules[0].kind = ADDRESS_RULE_CLASS;
    zone->rules[0].class = ADDRESS_GLOBAL;
    zone->rules[1].kind = ADDRESS_RULE_CLASS;
    zone->rules[1].class = ADDRESS_PRIVATE;
    zone->n_rules = 2;
    zone->families = ZONE_IPV4 | ZONE_IPV6;
    zone->relative = true;
    zone->ttl = ZONE_TTL_DEFAULT;
    zone->ttl_max = ZONE_TTL_MAX_DEFAULT;
    zone->linger_max = ZONE_LINGER_MAX_DEFAULT;
    zone->negative_ttl = ZONE_NEGATIVE_TTL_DEFAULT;
}

/* A zone's name can be too long to have anything below it. */
static void default_name(char name[static NAME_TEXT_MAX + 1], const char *label, const char *zone)
{
    if (name_join(name, label, zone) != NAME_OK)
        strcpy(name, zone);
}

void zone_complete(struct zone *zone)
{
    if (zone->n_nameservers == 0) {
        default_name(zone->nameservers[0], "ns", zone->name);
        zone->n_nameservers = 1;
    }
    if (!zone->contact[0])
        default_name(zone->contact, "hostmaster", zone->name);
}

void zone_fini(struct zone *zone)
{
    free(zone->database);
    free(zone->file);
    zone->database = zone->file = NULL;
    for (char **word = zone->on_change; word && *word; word++)
        free(*word);
    free(zone->on_change);
    zone->on_change = NULL;
}

const struct zone *zone_of(const struct zone *const *zones, size_t n_zones, const char *name)
{
    const struct zone *deepest = NULL;

    for (size_t i = 0; i < n_zones; i++) {
        if (!name_within(name, zones[i]->name))
            continue;
        if (!deepest || strlen(zones[i]->name) > strlen(deepest->name))
            deepest = zones[i];
    }
    return deepest;
}

uint32_t zone_clamp_ttl(const struct zone *zone, int64_t ttl)
{
    if (ttl < 0)
        ttl = zone->ttl;
    if (ttl < zone->ttl_min)
        return zone->ttl_min;
    return ttl > zone->ttl_max ? zone->ttl_max : (uint32_t)ttl;
}

const char *zone_verdict_text(enum zone_verdict verdict)
{
    switch (verdict) {
    case ZONE_SHOWN:
        return "shown";
    case ZONE_TENTATIVE:
        return "tentative";
    case ZONE_DEPRECATED:
        return "deprecated";
    case ZONE_TEMPORARY:
        return "temporary";
    case ZONE_SCOPE:
        return "scope";
    case ZONE_RULE:
        return "zone-rule";
    case ZONE_FAMILY:
        return "family";
    }
    return "unknown";
}

static unsigned family_of(const struct address *address)
{
    return address->family == AF_INET ? ZONE_IPV4 : ZONE_IPV6;
}

/* The verdict on an address alone, deprecated or not. */
static enum zone_verdict judge_alone(const struct zone *zone, const struct address *address)
{
    if (address->state & ADDRESS_TENTATIVE)
        return ZONE_TENTATIVE;
    if ((address->state & ADDRESS_TEMPORARY) && !zone->temporary)
        return ZONE_TEMPORARY;
    if (!(family_of(address) & zone->families))
        return ZONE_FAMILY;
    switch (address_rules_judge(zone->rules, zone->n_rules, address)) {
    case ADDRESS_ACCEPTED:
        return ZONE_SHOWN;
    case ADDRESS_UNSCOPED:
        return ZONE_SCOPE;
    case ADDRESS_REFUSED:
        break;
    }
    return ZONE_RULE;
}

void zone_judge(const struct zone *zone, const struct address *addresses, size_t n,
                enum zone_verdict *verdicts)
{
    unsigned preferred = 0; /* the families that have a preferred address to show */

    for (size_t i = 0; i < n; i++) {
        verdicts[i] = judge_alone(zone, &addresses[i]);
        if (verdicts[i] == ZONE_SHOWN && !(addresses[i].state & ADDRESS_DEPRECATED))
            preferred |= family_of(&addresses[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (verdicts[i] == ZONE_SHOWN && (addresses[i].state & ADDRESS_DEPRECATED) &&
            (preferred & family_of(&addresses[i])))
            verdicts[i] = ZONE_DEPRECATED;
}

void zone_add_apex(const struct zone *zone, struct records *records)
{
    records_add_soa(records, zone->name, zone->nameservers[0], zone->contact, zone->negative_ttl,
                    zone->negative_ttl);
    for (size_t i = 0; i < zone->n_nameservers; i++)
        records_add_ns(records, zone->name, zone->nameservers[i], zone->ttl);
}

static int compare(const void *a, const void *b)
{
    return address_compare(a, b);
}

/* Drops what is not shown on its own and returns how many are left, at the front. */
static size_t keep_shown(const struct zone *zone, struct address *addresses, size_t n,
                         unsigned *preferred)
{
    size_t kept = 0;

    *preferred = 0;
    for (size_t i = 0; i < n; i++) {
        struct address address = addresses[i];

        if (judge_alone(zone, &address) != ZONE_SHOWN)
            continue;
        if (!(address.state & ADDRESS_DEPRECATED))
            *preferred |= family_of(&address);
        addresses[i] = addresses[kept];
        addresses[kept++] = address;
    }
    return kept;
}

/* The same judgement as zone_judge(), without room for n verdicts: among the addresses that would
 * be shown alone, the deprecated ones of a family give way to its preferred ones. */
size_t zone_add_name(const struct zone *zone, struct records *records, const char *name,
                     uint32_t ttl, struct address *addresses, size_t n)
{
    unsigned preferred;
    const struct address *last = NULL;
    size_t added = 0;

    n = keep_shown(zone, addresses, n, &preferred);
    if (n > 1)
        qsort(addresses, n, sizeof *addresses, compare);
    for (size_t i = 0; i < n; i++) {
        const struct address *address = &addresses[i];

        if ((address->state & ADDRESS_DEPRECATED) && (preferred & family_of(address)))
            continue;
        if (last && address_compare(last, address) == 0)
            continue;
        records_add_address(records, name, address, ttl);
        last = address;
        added++;
    }
    return added;
}
