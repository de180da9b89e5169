#include "zonefile.h"

#include "../../common/array.h"
#include "../name.h"
#include "complaints.h"
#include "findings.h"
#include "inifile.h"
#include "zonekeys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char suffix[] = ".zone";

static void read_with(struct zone_reading *reading, const char *path, struct complaints *complaints)
{
    zone_init(reading->zone);
    reading->zone->database = strdup("main");
    reading->zone->file = strdup(path);
    if (!reading->zone->database || !reading->zone->file) {
        complain(complaints, path, 0, NULL, "%s", strerror(ENOMEM));
        return;
    }
    /* A file that cannot be read gets no other complaint. */
    if (inifile_read(reading->findings, path, zonekeys_entry, reading, complaints) > 0 &&
        !reading->any_line)
        return;
    zonekeys_check(reading, path, complaints);
}

/* Would the file be good if the host had another name? */
static bool is_good_elsewhere(struct findings *findings, const char *path)
{
    struct zone zone;
    struct zone_reading reading = {&zone, findings, .hostname = "h.invalid"};
    struct complaints complaints = {0};
    read_with(&reading, path, &complaints);
    size_t count = complaints.count;
    zone_fini(&zone);
    complaints_fini(&complaints);
    return count == 0;
}

static void leave_out(struct zone *zone, struct complaints *complaints)
{
    zone->name[0] = '\0';
    warn_about(complaints, zone->file, 0, NULL,
               "this zone is left out until the host has another name");
}

/* The host's name may change at any time, so mistakes that come from it are warnings only. */
void zonefile_read(struct zone_reading *reading, const char *path, struct complaints *complaints)
{
    struct complaints found = {0};
    read_with(reading, path, &found);
    bool left_out =
        found.count > 0 && reading->hosted && is_good_elsewhere(reading->findings, path);
    if (left_out) {
        found.n_warnings += found.count;
        found.count = 0;
    }
    complaints_add(complaints, &found);
    if (left_out)
        leave_out(reading->zone, complaints);
    complaints_fini(&found);
}

static struct zone *append_zone(struct zonefile_set *set)
{
    struct zone **added = array_append(&set->zones, set->n_zones, sizeof *added);
    if (!added || !(*added = calloc(1, sizeof **added)))
        return NULL;
    set->n_zones++;
    return *added;
}

/* If one of two zones with the same name is named after the host, it is left out. Otherwise this is
 * a mistake. */
static void check_duplicate(struct zone *earlier, struct zone *zone, unsigned line,
                            struct complaints *complaints)
{
    struct zone *hosted = zone->host_line ? zone : earlier;
    if (!hosted->host_line) {
        complain(complaints, zone->file, line, "name", "%s is the zone of %s already", zone->name,
                 earlier->file);
        return;
    }
    warn_about(complaints, hosted->file, hosted->host_line, "name", "%s is the zone of %s already",
               zone->name, hosted == zone ? earlier->file : zone->file);
    leave_out(hosted, complaints);
}

static void check_name(struct zonefile_set *set, const struct zone_reading *reading,
                       struct complaints *complaints)
{
    struct zone *zone = reading->zone;
    for (size_t i = 0; i + 1 < set->n_zones && zone->name[0]; i++)
        if (strcmp(set->zones[i]->name, zone->name) == 0)
            check_duplicate(set->zones[i], zone, reading->name_line, complaints);
}

/* The complaints about this file were added with its first zone. */
static bool read_part(struct zonefile_set *set, struct zone_reading *reading, const char *path,
                      struct complaints *complaints)
{
    reading->zone = append_zone(set);
    if (!reading->zone)
        return false;
    struct complaints again = {0};
    read_with(reading, path, &again);
    complaints_fini(&again);
    check_name(set, reading, complaints);
    return true;
}

/* Reads a zone; or all zones that a prefix consists of, if it ends inside a label of the reverse
 * tree. False if memory ran out. */
static bool read_file(struct zonefile_set *set, struct findings *findings, const char *path,
                      const char *hostname, struct complaints *complaints)
{
    struct zone_reading reading = {append_zone(set), findings, .hostname = hostname};
    size_t before = complaints->count;
    if (!reading.zone)
        return false;
    zonefile_read(&reading, path, complaints);
    check_name(set, &reading, complaints);
    bool enough = true;
    while (enough && complaints->count == before && ++reading.part < reading.n_parts)
        enough = read_part(set, &reading, path, complaints);
    return enough;
}

/* Drops the zones without a name (leave_out()). */
static void drop_left_out(struct zonefile_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_zones; i++) {
        if (set->zones[i]->name[0]) {
            set->zones[n++] = set->zones[i];
            continue;
        }
        zone_fini(set->zones[i]);
        free(set->zones[i]);
    }
    set->n_zones = n;
}

static const struct zone *first_beside(const struct zonefile_set *set, const struct zone *reverse)
{
    for (size_t i = 0; i < set->n_zones; i++)
        if (!set->zones[i]->reverse && set->zones[i]->database && reverse->database &&
            strcmp(set->zones[i]->database, reverse->database) == 0)
            return set->zones[i];
    return NULL;
}

/* Names of servers cannot be registered in a reverse zone. If it gives no servers or no contact, it
 * takes those of the first other zone in its database, in the order of the files. */
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

/* Only the rules of the deepest zone that contains a name apply to it. */
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

/* Is a zone of `internal`, for the own network alone, in the same database? */
static bool is_beside_internal(const struct zonefile_set *set, const struct zone *zone)
{
    for (size_t i = 0; i < set->n_zones; i++)
        if (name_within(set->zones[i]->name, "internal") &&
            strcmp(set->zones[i]->database, zone->database) == 0)
            return true;
    return false;
}

/* `name = %h` should be a name that others can look up; hostname(1) often prints only its first
 * label. */
static void warn_of_short_name(const struct zonefile_set *set, const struct zone *zone,
                               const char *hostname, struct complaints *complaints)
{
    char host[NAME_TEXT_MAX + 1];
    if (!zone->host_line || name_canonical(host, hostname, strlen(hostname)) != NAME_OK)
        return;
    if (name_labels(host) == 1 && name_within(zone->name, host) && !is_beside_internal(set, zone))
        warn_about(complaints, zone->file, zone->host_line, "name",
                   "the host's name is short, and so the zone is %s, which nobody elsewhere can "
                   "find: write its whole name in place of %%h",
                   zone->name);
}

static void check_like(const struct zonefile_set *set, const struct zone *zone,
                       struct complaints *complaints)
{
    switch (zone_like_fault(zone, (const struct zone *const *)set->zones, set->n_zones)) {
    case ZONE_LIKE_FINE:
        break;
    case ZONE_LIKE_ITSELF:
        complain(complaints, zone->file, zone->like_line, "addresses",
                 "like %s: is the zone itself: a zone is like a name in it or elsewhere",
                 zone->like);
        break;
    case ZONE_LIKE_CIRCLE:
        complain(complaints, zone->file, zone->like_line, "addresses",
                 "like %s: is a circle: the zone of that name is like another name, and so on, "
                 "back to a name that was in the row before",
                 zone->like);
        break;
    case ZONE_LIKE_NOWHERE:
        warn_about(complaints, zone->file, zone->like_line, "addresses",
                   "like %s: has no effect: no zone has this name", zone->like);
        break;
    }
}

static void check_likes(const struct zonefile_set *set, struct complaints *complaints)
{
    const struct zone *const *zones = (const struct zone *const *)set->zones;
    for (size_t i = 0; i < set->n_zones; i++)
        zone_resolve_like(set->zones[i], zones, set->n_zones);
    for (size_t i = 0; i < set->n_zones; i++)
        check_like(set, set->zones[i], complaints);
}

/* Reads the files with these names. False if memory ran out. */
static bool read_files(struct zonefile_set *set, struct findings *findings, const char *directory,
                       const struct finding *names, const char *hostname,
                       struct complaints *complaints)
{
    const char *end = names->octets + names->length;
    bool enough = true;
    for (const char *name = names->octets; enough && name < end; name += strlen(name) + 1) {
        char *path = NULL;
        enough = asprintf(&path, "%s/%s", directory, name) >= 0 &&
                 read_file(set, findings, path, hostname, complaints);
        free(path);
    }
    return enough;
}

size_t zonefile_read_directory(struct zonefile_set *set, struct findings *findings,
                               const char *directory, const char *hostname,
                               struct complaints *complaints)
{
    size_t before = complaints->count;
    const struct finding *names = findings_names(findings, directory, suffix);
    if (!names || names->error) {
        complain(complaints, directory, 0, NULL, "%s", strerror(names ? -names->error : ENOMEM));
        return 1;
    }
    if (names->length == 0)
        complain(complaints, directory, 0, NULL, "has no *%s file", suffix);
    if (!read_files(set, findings, directory, names, hostname, complaints))
        complain(complaints, directory, 0, NULL, "%s", strerror(ENOMEM));
    if (complaints->count == before)
        drop_left_out(set);
    complete(set);
    if (set->n_zones > 0)
        qsort(set->zones, set->n_zones, sizeof *set->zones, compare_zones);
    if (!zones_note_servers(set->zones, set->n_zones))
        complain(complaints, directory, 0, NULL, "%s", strerror(ENOMEM));
    if (complaints->count == before)
        check_likes(set, complaints);
    for (size_t i = 0; i < set->n_zones && complaints->count == before; i++) {
        warn_of_idle_rules(set, set->zones[i], complaints);
        warn_of_short_name(set, set->zones[i], hostname, complaints);
    }
    return complaints->count - before;
}

/* ---- zones that stay ---- */

static bool have_same_names(const struct zonefile_set *a, const struct zonefile_set *b)
{
    bool same = a->n_zones == b->n_zones;
    for (size_t i = 0; same && i < a->n_zones; i++)
        same = strcmp(a->zones[i]->name, b->zones[i]->name) == 0;
    return same;
}

/* What complete(), zones_note_servers() and check_likes() take from other zones. */
static bool have_same_of_others(const struct zone *a, const struct zone *b)
{
    bool same = strcmp(a->contact, b->contact) == 0 && strcmp(a->like, b->like) == 0 &&
                a->n_nameservers == b->n_nameservers && zone_same_servers(a, b);
    for (size_t i = 0; same && i < a->n_nameservers; i++)
        same = strcmp(a->nameservers[i], b->nameservers[i]) == 0;
    return same;
}

static bool is_of(const struct zone *zone, const char *const *files, size_t n_files)
{
    size_t i = 0;
    while (i < n_files && strcmp(files[i], zone->file) != 0)
        i++;
    return i < n_files;
}

size_t zonefile_set_keep(struct zonefile_set *set, struct zonefile_set *before,
                         const char *const *files, size_t n_files, const struct zone **changed)
{
    bool same_names = have_same_names(set, before);
    size_t n = 0;
    for (size_t i = 0; i < set->n_zones; i++) {
        struct zone *zone = set->zones[i];
        if (!same_names || strcmp(zone->file, before->zones[i]->file) != 0 ||
            is_of(zone, files, n_files) || !have_same_of_others(zone, before->zones[i])) {
            changed[n++] = zone;
            continue;
        }
        set->zones[i] = before->zones[i];
        before->zones[i] = zone;
    }
    zones_point_servers(set->zones, set->n_zones);
    return n;
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
