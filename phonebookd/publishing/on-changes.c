#include "on-changes.h"

#include "../../common/array.h"
#include "../../common/words.h"
#include "../log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct on_change *find(const struct on_changes *set, const char *zone)
{
    for (size_t i = 0; i < set->n_programs; i++)
        if (strcmp(on_change_zone(set->programs[i])->name, zone) == 0)
            return set->programs[i];
    return NULL;
}

static struct on_change *add(struct on_changes *set, const struct zone *zone)
{
    struct on_change **added = array_append(&set->programs, set->n_programs, sizeof(*added));
    int error = added ? on_change_new(added, set->launcher, zone) : -ENOMEM;

    if (!error) {
        set->n_programs++;
        return *added;
    }
    log_caused(LOG_PROGRAM, LOG_NOBODY, "zone %s: on-change is not run: %s", zone->name,
               strerror(-error));
    return NULL;
}

void on_changes_run(struct on_changes *set, const struct kept *kept, const char *directory,
                    uint32_t serial, bool all)
{
    for (size_t i = 0; i < kept->n_zones; i++) {
        const struct kept_zone *kept_zone = &kept->zones[i];
        const struct zone *zone = kept_zone->zone;
        struct on_change *known = zone->on_change ? find(set, zone->name) : NULL;

        if (!zone->on_change || (known && !all && on_change_has_run(known, kept_zone)))
            continue;
        if (!known)
            known = add(set, zone);
        if (known)
            on_change_run(known, kept, kept_zone, directory, serial);
    }
}

void on_changes_retry(const struct on_changes *set)
{
    for (size_t i = 0; i < set->n_programs; i++)
        on_change_retry(set->programs[i]);
}

/* The zone of the database that has this name, and a program. */
static const struct zone *find_zone(const struct zone *const *zones, size_t n_zones,
                                    const char *database, const char *name)
{
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i]->on_change && strcmp(zones[i]->name, name) == 0 &&
            strcmp(zones[i]->database, database) == 0)
            return zones[i];
    return NULL;
}

void on_changes_set_zones(struct on_changes *set, const struct zone *const *zones, size_t n_zones,
                          const char *database)
{
    size_t n = 0;

    for (size_t i = 0; i < set->n_programs; i++) {
        struct on_change *on_change = set->programs[i];
        const struct zone *before = on_change_zone(on_change),
                          *zone = find_zone(zones, n_zones, database, before->name);

        if (!zone || !words_equal(zone->on_change, before->on_change)) {
            on_change_close(on_change);
            continue;
        }
        on_change_set_zone(on_change, zone);
        set->programs[n++] = on_change;
    }
    set->n_programs = n;
}

void on_changes_close(struct on_changes *set)
{
    for (size_t i = 0; i < set->n_programs; i++)
        on_change_close(set->programs[i]);
    free(set->programs);
    set->programs = NULL;
    set->n_programs = 0;
}
