#include "full-names.h"

#include "../../zones/name.h"
#include "../../zones/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool full_names_init(struct full_names *full_names, const struct zone *const *zones, size_t n_zones)
{
    *full_names = (struct full_names){.zones = zones,
                                      .n_zones = n_zones,
                                      .parents = zones,
                                      .only = zones,
                                      .n_parents = n_zones,
                                      .n_only = n_zones};
    full_names->names = malloc((n_zones + 1) * sizeof *full_names->names);
    return full_names->names != NULL;
}

void full_names_fini(struct full_names *full_names)
{
    free(full_names->names);
    full_names->names = NULL;
}

static const struct zone *zone_for(const struct full_names *full_names, const char *name)
{
    return zone_of(full_names->zones, full_names->n_zones, name);
}

/* If several zones refuse, report a rule rather than a zone that does not admit him: it says
 * more. */
static void deny(struct full_names *full_names, const struct permit *permit, const char *name)
{
    bool admitted = permit->verdict != PERMIT_NOT_ADMITTED;
    full_names->n_kept_out += admitted;
    if (full_names->n_denied++ > 0 &&
        (full_names->denied.verdict != PERMIT_NOT_ADMITTED || !admitted))
        return;
    full_names->denied = *permit;
    strcpy(full_names->denied_name, name);
}

static bool accepted_before(const struct full_names *full_names, const char *name)
{
    const struct full_names_request *request = full_names->request;
    return request->accepted && request->accepted(request->context, name);
}

static bool is_left_out(const struct full_names *full_names, const struct zone *zone)
{
    return full_names->n_only < full_names->n_zones &&
           zone_of(full_names->only, full_names->n_only, zone->name) != zone;
}

/* Adds a name that was not added before. False if it has too many labels in its zone. */
static bool add_name(struct full_names *full_names, const struct zone *zone, const char *name,
                     char why[static FULL_NAMES_WHY_MAX])
{
    if (is_left_out(full_names, zone) || !zone_takes(zone, name))
        return true;
    struct permit permit = permit_judge(zone, name, &full_names->request->publisher);
    if (!permit_given(&permit) &&
        (permit.verdict == PERMIT_NOT_ADMITTED || !accepted_before(full_names, name))) {
        deny(full_names, &permit, name);
        return true;
    }
    if (!full_names->request->taken && zone_labels_below(zone, name) > zone->labels_max) {
        snprintf(why, FULL_NAMES_WHY_MAX,
                 "%s has %zu labels below zone %s, which takes at most %u (labels-max)", name,
                 zone_labels_below(zone, name), zone->name, zone->labels_max);
        return false;
    }
    strcpy(full_names->names[full_names->n_names].name, name);
    full_names->names[full_names->n_names].reserved = permit.verdict != PERMIT_FREE;
    full_names->names[full_names->n_names++].zone = zone;
    return true;
}

static enum full_names_outcome find_absolute(struct full_names *full_names, const char *name,
                                             char why[static FULL_NAMES_WHY_MAX])
{
    const struct zone *zone = zone_for(full_names, name);
    if (!zone) {
        snprintf(why, FULL_NAMES_WHY_MAX, "%s is in no zone of this phonebook", name);
        return FULL_NAMES_ZONE;
    }
    if (!add_name(full_names, zone, name, why))
        return FULL_NAMES_NAME;
    if (full_names->n_names > 0 || full_names->n_denied > 0)
        return FULL_NAMES_OK;
    snprintf(why, FULL_NAMES_WHY_MAX,
             zone->reverse ? "zone %s is a reverse zone: its names follow from the addresses"
                           : "zone %s takes no wildcard names",
             zone->name);
    return FULL_NAMES_ZONE;
}

/* Adds the name in this zone, or in a deeper one that contains it. */
static bool add_below(struct full_names *full_names, const struct zone *zone, const char *name,
                      char why[static FULL_NAMES_WHY_MAX])
{
    return add_name(full_names, zone_below(full_names->zones, full_names->n_zones, zone, name),
                    name, why);
}

/* `name` is canonical; NULL means the apex. Each zone makes another full name of it. */
static enum full_names_outcome find_relative(struct full_names *full_names, const char *name,
                                             char why[static FULL_NAMES_WHY_MAX])
{
    char full[NAME_TEXT_MAX + 1];
    for (size_t i = 0; i < full_names->n_parents; i++) {
        const struct zone *zone = full_names->parents[i];
        if (!zone->relative || zone->reverse)
            continue;
        if (!name || name_join(full, name, zone->name) == NAME_OK) {
            if (!add_below(full_names, zone, name ? full : zone->name, why))
                return FULL_NAMES_NAME;
        } else if (!zone_admits(zone, &full_names->request->publisher)) {
            deny(full_names, &(struct permit){.verdict = PERMIT_NOT_ADMITTED, .zone = zone}, name);
        } else {
            snprintf(why, FULL_NAMES_WHY_MAX, "%s.%s is longer than %d octets", name, zone->name,
                     NAME_TEXT_MAX);
            return FULL_NAMES_NAME;
        }
    }
    return FULL_NAMES_OK;
}

static enum full_names_outcome explain_nothing(const struct full_names *full_names,
                                               const char *requested,
                                               char why[static FULL_NAMES_WHY_MAX])
{
    if (full_names->n_denied == 0) {
        snprintf(why, FULL_NAMES_WHY_MAX, "no zone of this phonebook takes %s names",
                 requested[0] == '*' ? "wildcard" : "relative");
        return FULL_NAMES_ZONE;
    }
    permit_why(why, &full_names->denied, full_names->denied_name, &full_names->request->publisher);
    size_t length = strlen(why);
    if (full_names->n_denied > 1)
        snprintf(why + length, FULL_NAMES_WHY_MAX - length, " (zones that refuse it: %zu)",
                 full_names->n_denied);
    return FULL_NAMES_DENIED;
}

enum full_names_outcome full_names_find(struct full_names *full_names,
                                        const struct full_names_request *request,
                                        char why[static FULL_NAMES_WHY_MAX])
{
    const char *requested = request->name;
    size_t length = strlen(requested);
    bool apex = strcmp(requested, "@") == 0;
    char name[NAME_TEXT_MAX + 1];
    enum name_outcome bad = apex ? NAME_OK : name_canonical(name, requested, length);
    full_names->n_names = full_names->n_denied = full_names->n_kept_out = 0;
    full_names->request = request;
    if (bad != NAME_OK) {
        snprintf(why, FULL_NAMES_WHY_MAX, "%s", name_outcome_text(bad));
        return FULL_NAMES_NAME;
    }
    enum full_names_outcome outcome;
    if (!apex && (requested[length - 1] == '.' || zone_for(full_names, name)))
        outcome = find_absolute(full_names, name, why);
    else
        outcome = find_relative(full_names, apex ? NULL : name, why);
    if (outcome == FULL_NAMES_OK && full_names->n_names == 0)
        return explain_nothing(full_names, requested, why);
    return outcome;
}
