/* Reads zone files as phonebookd does at its start, for tests of all kinds. */
#ifndef TESTS_UNIT_READ_ZONES_H
#define TESTS_UNIT_READ_ZONES_H

#include "../../zones/config/complaints.h"
#include "../../zones/config/findings-system.h"
#include "../../zones/config/zonefile.h"
#include "../../zones/config/zonekeys.h"

static inline size_t read_directory(struct zonefile_set *set, const char *directory,
                                    const char *hostname, struct complaints *complaints)
{
    struct findings findings = {.source = findings_system};
    size_t count = zonefile_read_directory(set, &findings, directory, hostname, complaints);
    findings_fini(&findings);
    return count;
}

static inline size_t read_zone(struct zone *zone, const char *path, const char *hostname,
                               struct complaints *complaints)
{
    struct findings findings = {.source = findings_system};
    struct zone_reading reading = {zone, &findings, .hostname = hostname};
    size_t before = complaints->count;
    zonefile_read(&reading, path, complaints);
    zone_complete(zone);
    findings_fini(&findings);
    return complaints->count - before;
}

#endif
