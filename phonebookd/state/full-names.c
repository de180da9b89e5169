#include "full-names.h"

#include "../../zones/name.h"
#include "../../zones/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool expansion_init(struct expansion *expansion, const struct zone *const *zones, size_t n_zones)
{
    *expansion = (struct expansion){.zones = zones, .n_zones = n_zones};
    expansion->names = calloc(n_zones + 1, sizeof *expansion->names);
    return expansion->names != NULL;
}

void expansion_fini(struct expansion *expansion)
{
    free(expansion->names);
    expansion->names = NULL;
}

static const struct zone *zone_for(const struct expansion *expansion, const char *name)
{
    return zone_of(expansion->zones, expansion->n_zones, name);
}

/* Of several, a rule is told before a zone that does not admit him: it says more. */
static void deny(struct expansion *expansion, const struct permit *permit, const char *name)
{
    bool admitted = permit->verdict != PERMIT_NOT_ADMITTED;

    expansion->n_kept_out += admitted;
    if (expansion->n_denied++ > 0 &&
        (expansion->denied.verdict != PERMIT_NOT_ADMITTED || !admitted))
        return;
    expansion->denied = *permit;
    strcpy(expansion->denied_name, name);
}

static bool accepted_before(const struct expansion *expansion, const char *name)
{
    const struct expansion_request *request = expansion->request;

    return request->accepted && request->accepted(request->context, name);
}

/* The same name twice is once. False where it is too deep in its zone. */
static bool add_name(struct expansion *expansion, const char *name,
                     char why[static EXPANSION_WHY_MAX])
{
    const struct zone *zone = zone_for(expansion, name);
    struct permit permit;

    for (size_t i = 0; i < expansion->n_names; i++)
        if (strcmp(expansion->names[i].name, name) == 0)
            return true;
    if (!zone_takes(zone, name))
        return true;
    permit = permit_judge(expansion->zones, expansion->n_zones, zone, name,
                          &expansion->request->publisher);
    if (!permit_given(&permit) &&
        (permit.verdict == PERMIT_NOT_ADMITTED || !accepted_before(expansion, name))) {
        deny(expansion, &permit, name);
        return true;
    }
    if (zone_labels_below(zone, name) > zone->labels_max) {
        snprintf(why, EXPANSION_WHY_MAX,
                 "%s has %zu labels below zone %s, which takes at most %u (labels-max)", name,
                 zone_labels_below(zone, name), zone->name, zone->labels_max);
        return false;
    }
    strcpy(expansion->names[expansion->n_names].name, name);
    expansion->names[expansion->n_names].reserved = permit.verdict != PERMIT_FREE;
    expansion->names[expansion->n_names++].zone = zone;
    return true;
}

static enum expansion_outcome expand_absolute(struct expansion *expansion, const char *name,
                                              char why[static EXPANSION_WHY_MAX])
{
    const struct zone *zone = zone_for(expansion, name);

    if (!zone) {
        snprintf(why, EXPANSION_WHY_MAX, "%s is in no zone of this phonebook", name);
        return EXPANSION_ZONE;
    }
    if (!add_name(expansion, name, why))
        return EXPANSION_NAME;
    if (expansion->n_names > 0 || expansion->n_denied > 0)
        return EXPANSION_OK;
    snprintf(why, EXPANSION_WHY_MAX,
             zone->reverse ? "zone %s is a reverse zone: its names follow from the addresses"
                           : "zone %s takes no wildcard names",
             zone->name);
    return EXPANSION_ZONE;
}

/* `name` is canonical, or NULL for the apex. */
static enum expansion_outcome expand_relative(struct expansion *expansion, const char *name,
                                              char why[static EXPANSION_WHY_MAX])
{
    char full[NAME_TEXT_MAX + 1];

    for (size_t i = 0; i < expansion->n_zones; i++) {
        const struct zone *zone = expansion->zones[i];

        if (!zone->relative || zone->reverse)
            continue;
        if (!name || name_join(full, name, zone->name) == NAME_OK) {
            if (!add_name(expansion, name ? full : zone->name, why))
                return EXPANSION_NAME;
        } else if (!zone_admits(zone, &expansion->request->publisher)) {
            deny(expansion, &(struct permit){.verdict = PERMIT_NOT_ADMITTED, .zone = zone}, name);
        } else {
            snprintf(why, EXPANSION_WHY_MAX, "%s.%s is longer than %d octets", name, zone->name,
                     NAME_TEXT_MAX);
            return EXPANSION_NAME;
        }
    }
    return EXPANSION_OK;
}

static enum expansion_outcome explain_nothing(const struct expansion *expansion,
                                              const char *requested,
                                              char why[static EXPANSION_WHY_MAX])
{
    size_t length;

    if (expansion->n_denied == 0) {
        snprintf(why, EXPANSION_WHY_MAX, "no zone of this phonebook takes %s names",
                 requested[0] == '*' ? "wildcard" : "relative");
        return EXPANSION_ZONE;
    }
    permit_why(why, &expansion->denied, expansion->denied_name, &expansion->request->publisher);
    length = strlen(why);
    if (expansion->n_denied > 1)
        snprintf(why + length, EXPANSION_WHY_MAX - length, " (zones that refuse it: %zu)",
                 expansion->n_denied);
    return EXPANSION_DENIED;
}

enum expansion_outcome expand(struct expansion *expansion, const struct expansion_request *request,
                              char why[static EXPANSION_WHY_MAX])
{
    const char *requested = request->name;
    char name[NAME_TEXT_MAX + 1];
    size_t length = strlen(requested);
    bool apex = strcmp(requested, "@") == 0;
    enum name_outcome bad = apex ? NAME_OK : name_canonical(name, requested, length);
    enum expansion_outcome outcome;

    expansion->n_names = expansion->n_denied = expansion->n_kept_out = 0;
    expansion->request = request;
    if (bad != NAME_OK) {
        snprintf(why, EXPANSION_WHY_MAX, "%s", name_outcome_text(bad));
        return EXPANSION_NAME;
    }
    if (!apex && (requested[length - 1] == '.' || zone_for(expansion, name)))
        outcome = expand_absolute(expansion, name, why);
    else
        outcome = expand_relative(expansion, apex ? NULL : name, why);
    if (outcome == EXPANSION_OK && expansion->n_names == 0)
        return explain_nothing(expansion, requested, why);
    return outcome;
}
