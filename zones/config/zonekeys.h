/* The keys of a zone file, each with what may be wrong about its value. */
#ifndef ZONES_ZONEKEYS_H
#define ZONES_ZONEKEYS_H

#include "../zone.h"
#include "inifile.h"

struct findings;

/* A zone file on its way into a zone. */
struct zone_reading {
    struct zone *zone;
    struct findings *findings;
    const char *hostname;
    bool hosted;            /* it has been used */
    unsigned part, n_parts; /* which of the reverse zones that the prefix of the name consists of is
                             * read; how many they are */
    unsigned any_line, name_line, ttl_line, ttl_min_line, ttl_max_line; /* 0: not given */
};

/* One key of the file into the zone: an inifile_entry whose context is a struct zone_reading. */
void zonekeys_entry(void *context, const struct inifile_place *place, const char *section,
                    const char *name, const char *value, struct complaints *complaints);

/* Complains of what can only be seen when all keys are read. */
void zonekeys_check(struct zone_reading *reading, const char *path, struct complaints *complaints);

#endif
