#include "zone.h"

#include "../common/words.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

void zone_default_rules(struct zone *zone)
{
    static const struct address_rule rules[] = {
        {.kind = ADDRESS_RULE_CLASS, .class = ADDRESS_GLOBAL},
        {.kind = ADDRESS_RULE_CLASS, .class = ADDRESS_PRIVATE},
    };
    memcpy(zone->rules, rules, sizeof rules);
    zone->n_rules = sizeof rules / sizeof *rules;
}

void zone_init(struct zone *zone)
{
    memset(zone, 0, sizeof *zone);
    zone_default_rules(zone);
    zone->families = ZONE_IPV4 | ZONE_IPV6;
    zone->relative = true;
    zone->labels_max = ZONE_LABELS_MAX_DEFAULT;
    zone->ttl = ZONE_TTL_DEFAULT;
    zone->ttl_max = ZONE_TTL_MAX_DEFAULT;
    zone->linger_max = ZONE_LINGER_MAX_DEFAULT;
    zone->negative_ttl = ZONE_NEGATIVE_TTL_DEFAULT;
}

/* Takes the zone's name if that is too long to have names below it. */
static void default_name(char name[static NAME_TEXT_MAX + 1], const char *label, const char *zone)
{
    if (name_join(name, label, zone) != NAME_OK)
        strcpy(name, zone);
}

static int compare(const void *a, const void *b)
{
    return address_compare(a, b);
}

/* The addresses of one link are in order already. */
static bool in_order(const struct address *addresses, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (address_compare(&addresses[i - 1], &addresses[i]) > 0)
            return false;
    return true;
}

/* Sorts the addresses and drops repeated ones. Returns how many are left. */
static size_t put_in_order(struct address *addresses, size_t n)
{
    if (!in_order(addresses, n))
        qsort(addresses, n, sizeof *addresses, compare);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || address_compare(&addresses[i], &addresses[kept - 1]) != 0)
            addresses[kept++] = addresses[i];
    return kept;
}

void zone_complete(struct zone *zone)
{
    zone->n_gateways = put_in_order(zone->gateways, zone->n_gateways);
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
    words_free(zone->on_change);
    zone->on_change = NULL;
    name_rules_fini(&zone->names);
    free(zone->servers);
    zone->servers = NULL;
    zone->n_servers = 0;
}

static int compare_to_zone(const void *name, const void *zone)
{
    return strcmp(name, (*(const struct zone *const *)zone)->name);
}

/* The deepest zone of the name with a zone name longer than `octets`; or NULL. */
static const struct zone *deepest(const struct zone *const *zones, size_t n_zones, const char *name,
                                  size_t octets)
{
    const struct zone *const *found = NULL;
    for (; !found && n_zones > 0 && name && strlen(name) > octets; name = name_above(name))
        found = bsearch(name, zones, n_zones, sizeof *zones, compare_to_zone);
    return found ? *found : NULL;
}

const struct zone *zone_of(const struct zone *const *zones, size_t n_zones, const char *name)
{
    return deepest(zones, n_zones, name, 0);
}

const struct zone *zone_below(const struct zone *const *zones, size_t n_zones,
                              const struct zone *zone, const char *name)
{
    const struct zone *below = deepest(zones, n_zones, name, strlen(zone->name));
    return below ? below : zone;
}

bool zone_takes(const struct zone *zone, const char *name)
{
    return !zone->reverse && (zone->wildcards || !name_is_wildcard(name));
}

size_t zone_labels_below(const struct zone *zone, const char *name)
{
    return name_labels(name) - name_labels(zone->name);
}

bool zone_admits(const struct zone *zone, const struct zone_publisher *publisher)
{
    return !zone->restricted || people_include(&zone->publishers, publisher);
}

bool zones_ask_groups(const struct zone *const *zones, size_t n_zones)
{
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i]->publishers.n_gids > 0 || zones[i]->names.groups)
            return true;
    return false;
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
    static const char *const texts[] = {
        [ZONE_SHOWN] = "shown",         [ZONE_GATEWAY] = "gateway",
        [ZONE_TENTATIVE] = "tentative", [ZONE_DUPLICATE] = "duplicate",
        [ZONE_NO_ROOM] = "no-room",     [ZONE_DEPRECATED] = "deprecated",
        [ZONE_RULE] = "zone-rule",      [ZONE_FAMILY] = "family",
        [ZONE_TEMPORARY] = "temporary", [ZONE_SCOPE] = "scope",
    };
    return texts[verdict];
}

static unsigned family_of(const struct address *address)
{
    return address->family == AF_INET ? ZONE_IPV4 : ZONE_IPV6;
}

/* The verdict on an address as if it were the only one, without gateways and the limits of a
 * reply. */
static enum zone_verdict judge(const struct zone *zone, const struct living *living,
                               const struct address *address)
{
    if (address->state & ADDRESS_TENTATIVE)
        return ZONE_TENTATIVE;
    if (address->state & ADDRESS_DUPLICATE)
        return ZONE_DUPLICATE;
    if ((address->state & ADDRESS_TEMPORARY) && !zone->temporary)
        return ZONE_TEMPORARY;
    if (!(family_of(address) & zone->families))
        return ZONE_FAMILY;
    switch (address_rules_judge(zone->rules, zone->n_rules, address)) {
    case ADDRESS_ACCEPTED:
        return living_has(living, address) ? ZONE_SHOWN : ZONE_RULE;
    case ADDRESS_UNSCOPED:
        return ZONE_SCOPE;
    case ADDRESS_REFUSED:
        break;
    }
    return ZONE_RULE;
}

/* A deprecated address gives way only to one of its family that is shown, and one always fits. */
enum zone_verdict zone_foremost(const struct zone *zone, const struct living *living,
                                const struct address *addresses, size_t n)
{
    enum zone_verdict foremost = ZONE_SCOPE;
    for (size_t i = 0; i < n && foremost != ZONE_SHOWN; i++) {
        enum zone_verdict verdict = judge(zone, living, &addresses[i]);
        foremost = verdict < foremost ? verdict : foremost;
    }
    return foremost;
}

bool zone_shows_any(const struct zone *zone, const struct living *living,
                    const struct address *addresses, size_t n)
{
    return zone_foremost(zone, living, addresses, n) == ZONE_SHOWN;
}

bool zone_awaits_any(const struct zone *zone, const struct living *living,
                     const struct address *addresses, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct address settled = addresses[i];
        settled.state &= (uint8_t)~ADDRESS_TENTATIVE;
        if (addresses[i].state & ADDRESS_TENTATIVE && judge(zone, living, &settled) == ZONE_SHOWN)
            return true;
    }
    return false;
}

const struct address *zone_gateways(const struct zone *zone, unsigned families, size_t *n)
{
    const struct address *first = zone->gateways, *end = first + zone->n_gateways;
    families &= zone->families;
    while (first < end && !(family_of(first) & families))
        first++;
    while (first < end && !(family_of(end - 1) & families))
        end--;
    *n = (size_t)(end - first);
    return first;
}

static unsigned gateway_families(const struct zone *zone)
{
    unsigned families = 0;
    for (size_t i = 0; i < zone->n_gateways; i++)
        families |= family_of(&zone->gateways[i]) & zone->families;
    return families;
}

/* The first `room` addresses in sorted order. */
struct least {
    struct address addresses[FIT_RECORDS_MAX];
    size_t n, room;
};

static void least_add(struct least *least, const struct address *address)
{
    size_t at = least->n;
    while (at > 0 && address_compare(address, &least->addresses[at - 1]) < 0)
        at--;
    if (at > 0 && address_compare(address, &least->addresses[at - 1]) == 0)
        return;
    if (at == least->room)
        return;
    if (least->n < least->room)
        least->n++;
    memmove(&least->addresses[at + 1], &least->addresses[at],
            (least->n - at - 1) * sizeof *least->addresses);
    least->addresses[at] = *address;
}

/* The addresses that a name shows: [0] of IPv4, [1] of IPv6. Deprecated ones are shown only if the
 * family has no others. */
struct choice {
    struct least fresh[2], deprecated[2];
};

static size_t index_of(const struct address *address)
{
    return address->family != AF_INET;
}

static void choice_begin(struct choice *choice, const char *name)
{
    for (size_t i = 0; i < 2; i++) {
        choice->fresh[i].n = choice->deprecated[i].n = 0;
        choice->fresh[i].room = choice->deprecated[i].room = fit_room(name, i == 0 ? 4 : 16);
    }
}

static void choice_add(struct choice *choice, const struct address *address)
{
    bool deprecated = address->state & ADDRESS_DEPRECATED;
    least_add(&(deprecated ? choice->deprecated : choice->fresh)[index_of(address)], address);
}

static const struct least *chosen(const struct choice *choice, size_t i)
{
    return choice->fresh[i].n > 0 ? &choice->fresh[i] : &choice->deprecated[i];
}

size_t zone_copy_shown(const struct zone *zone, const struct living *living, const char *name,
                       const struct address *addresses, size_t n,
                       struct address shown[static ZONE_COPIED_MAX])
{
    struct choice choice;
    choice_begin(&choice, name);
    for (size_t i = 0; i < n; i++)
        if (judge(zone, living, &addresses[i]) == ZONE_SHOWN)
            choice_add(&choice, &addresses[i]);
    size_t copied = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct least *least = chosen(&choice, i);
        memcpy(shown + copied, least->addresses, least->n * sizeof *shown);
        copied += least->n;
    }
    return copied;
}

/* The verdict on an address that would be shown if it were alone. */
static enum zone_verdict compare_to_others(const struct choice *choice, unsigned replaced,
                                           const struct address *address)
{
    const struct least *least = chosen(choice, index_of(address));
    if (address->state & ADDRESS_DEPRECATED && choice->fresh[index_of(address)].n > 0)
        return ZONE_DEPRECATED;
    if (family_of(address) & replaced)
        return ZONE_GATEWAY;
    return bsearch(address, least->addresses, least->n, sizeof *address, compare) ? ZONE_SHOWN
                                                                                  : ZONE_NO_ROOM;
}

void zone_judge(const struct zone *zone, const struct living *living, const char *name,
                const struct address *addresses, size_t n, enum zone_verdict *verdicts)
{
    unsigned replaced = gateway_families(zone);
    struct choice choice;
    choice_begin(&choice, name);
    for (size_t i = 0; i < n; i++) {
        verdicts[i] = judge(zone, living, &addresses[i]);
        if (verdicts[i] == ZONE_SHOWN)
            choice_add(&choice, &addresses[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (verdicts[i] == ZONE_SHOWN)
            verdicts[i] = compare_to_others(&choice, replaced, &addresses[i]);
}

void zone_add_soa(const struct zone *zone, struct records *records)
{
    records_add_soa(records, zone->name, zone->nameservers[0], zone->contact, zone->negative_ttl,
                    zone->negative_ttl);
}

void zone_add_nameservers(const struct zone *zone, struct records *records)
{
    for (size_t i = 0; i < zone->n_nameservers; i++)
        records_add_ns(records, zone->name, zone->nameservers[i], zone->ttl);
}

/* Keeps the addresses to show, sorted and each once, even if not all fit. Returns how many. */
static size_t keep_shown(const struct zone *zone, const struct living *living,
                         struct address *addresses, size_t n)
{
    unsigned fresh = 0; /* families with an address that is not deprecated */
    size_t shown = 0;
    for (size_t i = 0; i < n; i++)
        if (judge(zone, living, &addresses[i]) == ZONE_SHOWN) {
            fresh |= addresses[i].state & ADDRESS_DEPRECATED ? 0 : family_of(&addresses[i]);
            addresses[shown++] = addresses[i];
        }
    size_t kept = 0;
    for (size_t i = 0; i < shown; i++)
        if (!(addresses[i].state & ADDRESS_DEPRECATED) || !(family_of(&addresses[i]) & fresh))
            addresses[kept++] = addresses[i];
    return put_in_order(addresses, kept);
}

/* Adds the addresses of one family, as many as fit. They are adjacent in the sorted array. */
static size_t add_family(struct records *records, const char *name, uint32_t ttl, uint8_t family,
                         const struct address *addresses, size_t n, struct fit_cuts *cuts)
{
    size_t first = 0;
    while (first < n && addresses[first].family != family)
        first++;
    if (first == n)
        return 0;
    struct fit fit;
    fit_begin(&fit, name);
    for (size_t i = first; i < n && addresses[i].family == family; i++)
        fit_take(&fit, address_length(&addresses[i]));
    records_add_addresses(records, name, &addresses[first], fit.kept, ttl);
    fit_end(&fit, name, family == AF_INET ? RECORD_A : RECORD_AAAA, cuts);
    return fit.kept;
}

size_t zone_add_name(const struct zone *zone, const struct living *living, struct records *records,
                     const char *name, uint32_t ttl, unsigned families, struct address *addresses,
                     size_t n, struct fit_cuts *cuts)
{
    static const uint8_t each[] = {AF_INET, AF_INET6};
    unsigned replaced = gateway_families(zone) & families;
    n = keep_shown(zone, living, addresses, n);
    if (n == 0)
        return 0;
    size_t added = 0;
    for (size_t i = 0; i < sizeof each; i++) {
        bool ours = replaced & (each[i] == AF_INET ? ZONE_IPV4 : ZONE_IPV6);
        added += add_family(records, name, ttl, each[i], ours ? zone->gateways : addresses,
                            ours ? zone->n_gateways : n, cuts);
    }
    return added;
}
