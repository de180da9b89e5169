#include "zonefile.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zonekeys.h"

static const char suffix[] = ".zone";

static void read_zone(struct zone_reading *reading, const char *path, struct complaints *complaints)
{
    zone_init(reading->zone);
    reading->zone->database = strdup("main");
    reading->zone->file = strdup(path);
    if (!reading->zone->database || !reading->zone->file) {
        complain(complaints, path, 0, NULL, "%s", strerror(ENOMEM));
        return;
    }
    /* Of a file that cannot be read, no more is said than that. */
    if (inifile_read(path, zonekeys_entry, reading, complaints) > 0 && !reading->any_line)
        return;
    zonekeys_check(reading, path, complaints);
}

size_t zonefile_read(struct zone *zone, const char *path, const char *hostname,
                     struct complaints *complaints)
{
    size_t before = complaints->count;
    struct zone_reading reading = {.zone = zone, .hostname = hostname};

    read_zone(&reading, path, complaints);
    zone_complete(zone);
    return complaints->count - before;
}

static int is_zone_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), end = strlen(suffix);

    return entry->d_name[0] != '.' && length > end &&
           strcmp(entry->d_name + length - end, suffix) == 0;
}

/* Not alphasort(3), which depends on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static struct zone *append_zone(struct zonefile_set *set)
{
    struct zone **grown = realloc(set->zones, (set->n_zones + 1) * sizeof *grown);
    struct zone *zone = calloc(1, sizeof *zone);

    if (grown)
        set->zones = grown;
    if (!grown || !zone) {
        free(zone);
        return NULL;
    }
    set->zones[set->n_zones++] = zone;
    return zone;
}

/* The file at entries[i] has become the zone of that place. */
static void check_duplicate(const struct zonefile_set *set, size_t i, const char *directory,
                            struct dirent **entries, const char *path, unsigned line,
                            struct complaints *complaints)
{
    const char *name = set->zones[i]->name;

    for (size_t j = 0; *name && j < i; j++) {
        if (strcmp(set->zones[j]->name, name) != 0)
            continue;
        complain(complaints, path, line, "name", "%s is the zone of %s/%s already", name, directory,
                 entries[j]->d_name);
        return;
    }
}

static bool read_file(struct zonefile_set *set, const char *directory, struct dirent **entries,
                      size_t i, const char *hostname, struct complaints *complaints)
{
    struct zone_reading reading = {.hostname = hostname};
    char *path;

    if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
        return false;
    reading.zone = append_zone(set);
    if (reading.zone) {
        read_zone(&reading, path, complaints);
        check_duplicate(set, i, directory, entries, path, reading.name_line, complaints);
    }
    free(path);
    return reading.zone;
}

static const struct zone *first_beside(const struct zonefile_set *set, const struct zone *reverse)
{
    for (size_t i = 0; i < set->n_zones; i++)
        if (!set->zones[i]->reverse && set->zones[i]->database && reverse->database &&
            strcmp(set->zones[i]->database, reverse->database) == 0)
            return set->zones[i];
    return NULL;
}

/* Nobody can register the server's name in a reverse zone: where none is given, it has the servers
 * and the contact of the zone beside it in its database, in the order of the files. */
static void complete(const struct zonefile_set *set)
{
    for (size_t i = 0; i < set->n_zones; i++)
        if (!set->zones[i]->reverse)
            zone_complete(set->zones[i]);
    for (size_t i = 0; i < set->n_zones; i++) {
        struct zone *zone = set->zones[i];
        const struct zone *beside = zone->reverse ? first_beside(set, zone) : NULL;

        if (beside && zone->n_nameservers == 0) {
            memcpy(zone->nameservers, beside->nameservers, sizeof zone->nameservers);
            zone->n_nameservers = beside->n_nameservers;
        }
        if (beside && !zone->contact[0])
            strcpy(zone->contact, beside->contact);
        if (zone->reverse)
            zone_complete(zone);
    }
}

static int compare_zones(const void *left, const void *right)
{
    const struct zone *const *a = left, *const *b = right;

    return strcmp((*a)->name, (*b)->name);
}

static bool put_in_order(struct zonefile_set *set)
{
    if (set->n_zones > 0)
        qsort(set->zones, set->n_zones, sizeof *set->zones, compare_zones);
    return zones_note_servers(set->zones, set->n_zones);
}

/* A name belongs to the deepest zone that it is in, and the rules of others are not asked. */
static void warn_of_idle_rules(const struct zonefile_set *set, const struct zone *zone,
                               struct complaints *complaints)
{
    for (size_t i = 0; i < zone->names.n; i++) {
        const struct name_rule *rule = &zone->names.rules[i];
        const struct zone *deepest =
            zone_of((const struct zone *const *)set->zones, set->n_zones, rule->name);

        if (deepest != zone)
            warn_about(complaints, zone->file, rule->line, "names",
                       "%s%s: has no effect: the name is in zone %s", rule->below ? "*." : "",
                       rule->name, deepest->name);
    }
}

size_t zonefile_read_directory(struct zonefile_set *set, const char *directory,
                               const char *hostname, struct complaints *complaints)
{
    size_t before = complaints->count;
    struct dirent **entries;
    int n = scandir(directory, &entries, is_zone_file, by_name);

    if (n < 0) {
        complain(complaints, directory, 0, NULL, "%s", strerror(errno));
        return 1;
    }
    for (int i = 0; i < n; i++) {
        if (!read_file(set, directory, entries, (size_t)i, hostname, complaints)) {
            complain(complaints, directory, 0, NULL, "%s", strerror(ENOMEM));
            break;
        }
    }
    complete(set);
    if (!put_in_order(set))
        complain(complaints, directory, 0, NULL, "%s", strerror(ENOMEM));
    for (size_t i = 0; i < set->n_zones && complaints->count == before; i++)
        warn_of_idle_rules(set, set->zones[i], complaints);
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return complaints->count - before;
}

void zonefile_set_fini(struct zonefile_set *set)
{
    for (size_t i = 0; i < set->n_zones; i++) {
        zone_fini(set->zones[i]);
        free(set->zones[i]);
    }
    free(set->zones);
    set->zones = NULL;
    set->n_zones = 0;
}
