#include "on-change.h"

#include "../../common/array.h"
#include "../../common/words.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../log.h"
#include "on-change-facts.h"
#include "program.h"

#include <stdlib.h>
#include <string.h>

struct on_change {
    const struct zone *zone; /* not owned */
    struct program *program;
    char *facts[ON_CHANGE_FACTS]; /* owned; of the latest change */
    char *given[ON_CHANGE_FACTS]; /* owned; of the running program */
    char *additions[ON_CHANGE_FACTS + 1];
    uint64_t digest; /* of the zone's records in the latest change */
};

static void free_facts(char *facts[static ON_CHANGE_FACTS])
{
    for (size_t i = 0; i < ON_CHANGE_FACTS; i++) {
        free(facts[i]);
        facts[i] = NULL;
    }
}

/* ---- one program ---- */

/* A fact that there was no memory for is left out. */
static void on_prepare(void *owner, char ***arguments, char ***additions)
{
    struct on_change *on_change = owner;
    if (on_change->facts[0]) { /* else nothing is newer: the same again */
        free_facts(on_change->given);
        memcpy(on_change->given, on_change->facts, sizeof on_change->given);
        memset(on_change->facts, 0, sizeof on_change->facts);
    }
    size_t n = 0;
    for (size_t i = 0; i < ON_CHANGE_FACTS; i++)
        if (on_change->given[i])
            on_change->additions[n++] = on_change->given[i];
    on_change->additions[n] = NULL;
    *arguments = on_change->zone->on_change;
    *additions = on_change->additions;
}

static void on_ended(void *owner, const char *fault, bool recovered)
{
    struct on_change *on_change = owner;
    const char *zone = on_change->zone->name, *program = on_change->zone->on_change[0];
    if (fault)
        log_caused(LOG_PROGRAM, LOG_NOBODY, "zone %s: on-change: %s %s", zone, program, fault);
    else if (recovered)
        log_caused_over(LOG_PROGRAM, LOG_NOBODY, "zone %s: on-change: %s succeeded", zone, program);
}

static const struct program_ops program_ops = {.prepare = on_prepare, .ended = on_ended};

static void run(struct on_change *on_change, const struct kept *kept, const struct kept_zone *zone,
                const char *directory, uint32_t serial)
{
    on_change->digest = zone->digest;
    free_facts(on_change->facts);
    on_change_facts(on_change->facts, kept, zone, directory, serial);
    program_start(on_change->program);
}

/* NULL if memory ran out. */
static struct on_change *new_program(struct launcher *launcher, const struct zone *zone)
{
    struct on_change *made = calloc(1, sizeof *made);
    if (made)
        made->program = program_new(launcher, ON_CHANGE_LIMIT_MS, &program_ops, made);
    if (!made || !made->program) {
        free(made);
        return NULL;
    }
    made->zone = zone;
    return made;
}

static void close_program(struct on_change *on_change)
{
    program_close(on_change->program); /* from here on it calls none of our functions */
    free_facts(on_change->facts);
    free_facts(on_change->given);
    free(on_change);
}

/* ---- all programs ---- */

static struct on_change *find(const struct on_changes *set, const char *zone)
{
    for (size_t i = 0; i < set->n_programs; i++)
        if (strcmp(set->programs[i]->zone->name, zone) == 0)
            return set->programs[i];
    return NULL;
}

static struct on_change *add(struct on_changes *set, const struct zone *zone)
{
    struct on_change **added = array_append(&set->programs, set->n_programs, sizeof *added);
    if (added && (*added = new_program(set->launcher, zone))) {
        set->n_programs++;
        return *added;
    }
    log_caused(LOG_PROGRAM, LOG_NOBODY, "zone %s: on-change is not run: out of memory", zone->name);
    return NULL;
}

void on_changes_run(struct on_changes *set, const struct kept *kept, const char *directory,
                    uint32_t serial, bool all)
{
    for (size_t i = 0; i < kept->n_zones; i++) {
        const struct kept_zone *kept_zone = &kept->zones[i];
        const struct zone *zone = kept_zone->zone;
        struct on_change *known = zone->on_change ? find(set, zone->name) : NULL;
        if (!zone->on_change || (known && !all && known->digest == kept_zone->digest))
            continue;
        if (!known)
            known = add(set, zone);
        if (known)
            run(known, kept, kept_zone, directory, serial);
    }
}

void on_changes_retry(const struct on_changes *set)
{
    for (size_t i = 0; i < set->n_programs; i++)
        program_retry(set->programs[i]->program);
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
        const struct zone *before = on_change->zone,
                          *zone = find_zone(zones, n_zones, database, before->name);
        if (!zone || !words_equal(zone->on_change, before->on_change)) {
            close_program(on_change);
            continue;
        }
        on_change->zone = zone;
        set->programs[n++] = on_change;
    }
    set->n_programs = n;
}

void on_changes_close(struct on_changes *set)
{
    for (size_t i = 0; i < set->n_programs; i++)
        close_program(set->programs[i]);
    free(set->programs);
    set->programs = NULL;
    set->n_programs = 0;
}
