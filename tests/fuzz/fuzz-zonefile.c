/* Any octets as a zone file: without a complaint, it makes a complete zone. */
#include "../../zones/config/complaints.h"
#include "../../zones/config/findings-system.h"
#include "../../zones/config/zonefile.h"
#include "../../zones/config/zonekeys.h"
#include "../../zones/reverse.h"
#include "../unit/read-zones.h"
#include "../unit/require.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

/* The prefix gives the name, and the name gives the prefix. */
static void check_reverse(const struct zone *zone)
{
    require(zone->reverse == reverse_is_name(zone->name));
    if (!zone->reverse)
        return;
    char name[NAME_TEXT_MAX + 1];
    reverse_name(name, &zone->prefix.address, zone->prefix.bits);
    require(strcmp(name, zone->name) == 0 || reverse_is_classless(&zone->prefix));
    struct address_prefix prefix;
    require(reverse_parse(&prefix, zone->name) && prefix.bits == zone->prefix.bits);
    require(address_compare(&prefix.address, &zone->prefix.address) == 0);
}

static void check_lists(const struct zone *zone)
{
    require(zone->n_gateways <= ZONE_GATEWAYS_MAX);
    require(zone->publishers.n_uids <= PEOPLE_MAX && zone->publishers.n_gids <= PEOPLE_MAX);
    require(zone->restricted || zone->publishers.n_uids + zone->publishers.n_gids == 0);
    for (size_t i = 1; i < zone->n_gateways; i++)
        require(address_compare(&zone->gateways[i - 1], &zone->gateways[i]) < 0);
}

/* Each rule decides about its name; a name without a rule is free. */
static void check_rules(const struct zone *zone)
{
    const struct name_rules *rules = &zone->names;
    require(rules->n <= NAME_RULES_MAX);
    char below[NAME_TEXT_MAX + 1];
    for (size_t i = 0; i < rules->n; i++) {
        const struct name_rule *rule = &rules->rules[i];
        require(name_within(rule->name, zone->name) && rule->line > 0);
        require(rules->groups || rule->people.n_gids == 0);
        if (!rule->below)
            require(name_rules_find(rules, rule->name) == rule);
        else if (name_join(below, "*", rule->name) == NAME_OK)
            require(name_rules_find(rules, below) == rule);
    }
    require(rules->n > 0 || !name_rules_find(rules, zone->name));
}

static void check(const struct zone *zone, const struct complaints *complaints, size_t count)
{
    require(count == complaints->count);
    size_t lines = 0;
    for (size_t i = 0; i < complaints->length; i++)
        lines += complaints->text[i] == '\n';
    require(lines >= count + complaints->n_warnings); /* a complaint may quote what it likes, but
                                                         each has its line */
    if (count > 0)
        return;
    require(zone->name[0] && zone->database && zone->n_nameservers > 0 && zone->contact[0]);
    require(zone->n_rules <= ZONE_RULES_MAX && zone->n_nameservers <= ZONE_NAMESERVERS_MAX);
    check_reverse(zone);
    check_lists(zone);
    require(zone->labels_max >= 1 && zone->labels_max <= NAME_LABELS_MAX);
    check_rules(zone);
    require(zone->ttl_min <= zone_clamp_ttl(zone, -1));
    require(zone_clamp_ttl(zone, -1) <= zone->ttl_max);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    int fd = memfd_create("zone", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, octets, size) == (ssize_t)size);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct complaints complaints = {0};
    struct zone zone;
    check(&zone, &complaints, read_zone(&zone, path, "host.example.net", &complaints));
    zone_fini(&zone);
    complaints_fini(&complaints);
    close(fd);
    return 0;
}
