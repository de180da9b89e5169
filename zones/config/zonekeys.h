/* The keys of a zone file, and the checks of their values. Pure. */
#ifndef ZONES_ZONEKEYS_H
#define ZONES_ZONEKEYS_H

#include "../zone.h"
#include "inifile.h"

struct findings;

/* A zone file while it is read into a zone. */
struct zone_reading {
    struct zone *zone;
    struct findings *findings;
    const char *hostname;
    bool hosted; /* the host's name was used */
    /* If the prefix consists of several reverse zones: which of them is being read, and how many
     * there are. */
    unsigned part, n_parts;
    unsigned any_line, name_line, ttl_line, ttl_min_line, ttl_max_line; /* 0: not given */
};

/* Reads a key into the zone: an inifile_entry whose context is a struct zone_reading. */
void zonekeys_entry(void *context, const struct inifile_place *place, const char *section,
                    const char *name, const char *value, struct complaints *complaints);

/* Reports mistakes that can only be seen when all keys were read. */
void zonekeys_check(struct zone_reading *reading, const char *path, struct complaints *complaints);

#endif
