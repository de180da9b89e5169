#include "permit.h"

#include "name-rules.h"
#include "people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Finds the rule for the name, and whether it is one of the zone's own names. */
static struct permit find(const struct zone *zone, const char *name)
{
    struct permit permit = {.zone = zone, .rule = name_rules_find(&zone->names, name)};
    if (permit.rule) {
        permit.verdict = PERMIT_RULE;
        return permit;
    }
    permit.served = zone_served_by(zone, name);
    permit.verdict = permit.served || strcmp(name, zone->name) == 0 ? PERMIT_OWN : PERMIT_FREE;
    return permit;
}

struct permit permit_judge(const struct zone *zone, const char *name,
                           const struct zone_publisher *publisher)
{
    struct permit permit = find(zone, name);
    if (!zone_admits(zone, publisher))
        permit.verdict = PERMIT_NOT_ADMITTED;
    else if (permit.verdict == PERMIT_RULE && !people_include(&permit.rule->people, publisher))
        permit.verdict = PERMIT_NOT_BY_RULE;
    else if (permit.verdict == PERMIT_OWN && publisher->uid != 0 && publisher->uid != zone->owner)
        permit.verdict = PERMIT_NOT_OWN;
    return permit;
}

bool permit_given(const struct permit *permit)
{
    return permit->verdict == PERMIT_FREE || permit->verdict == PERMIT_RULE ||
           permit->verdict == PERMIT_OWN;
}

void permit_why(char why[static PERMIT_WHY_MAX], const struct permit *permit, const char *name,
                const struct zone_publisher *publisher)
{
    const char *file = permit->zone->file ? permit->zone->file : permit->zone->name;
    why[0] = '\0';
    switch (permit->verdict) {
    case PERMIT_NOT_ADMITTED:
        snprintf(why, PERMIT_WHY_MAX, "zone %s does not admit uid %" PRIu32, permit->zone->name,
                 publisher->uid);
        break;
    case PERMIT_NOT_BY_RULE:
        snprintf(why, PERMIT_WHY_MAX, "%s is reserved for others than uid %" PRIu32 " by %s:%u",
                 name, publisher->uid, file, permit->rule->line);
        break;
    case PERMIT_NOT_OWN:
        snprintf(why, PERMIT_WHY_MAX,
                 "%s is %s of zone %s, and so for root and uid %" PRIu32
                 " alone, unless `names` of zone %s gives it to others",
                 name, permit->served ? "a name server" : "the name",
                 permit->served ? permit->served->name : permit->zone->name, permit->zone->owner,
                 permit->zone->name);
        break;
    default:
        break;
    }
}

void permit_rule(char text[static PERMIT_RULE_MAX], const struct zone *zone, const char *name)
{
    struct permit permit = find(zone, name);
    if (permit.rule)
        snprintf(text, PERMIT_RULE_MAX, "%s:%u", zone->file ? zone->file : zone->name,
                 permit.rule->line);
    else
        strcpy(text, permit.verdict == PERMIT_OWN ? "own" : "");
    for (char *octet = text; *octet; octet++)
        if ((unsigned char)*octet <= ' ' || (unsigned char)*octet > '~')
            *octet = '?';
}
