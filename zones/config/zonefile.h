/* Reads zone files (phonebook.zone(5)). */
#ifndef ZONES_ZONEFILE_H
#define ZONES_ZONEFILE_H

#include "../zone.h"
#include "inifile.h"

struct findings;

/* Reads one file into *zone, which the caller owns and ends with zone_fini() whatever is returned.
 * `hostname` is what %h stands for. Returns the number of complaints added. What that name makes
 * wrong is a warning, and leaves zone->name empty: the zone is to be left out. */
size_t zonefile_read(struct zone *zone, const char *path, const char *hostname,
                     struct complaints *complaints);

/* Zones in the order of their names. */
struct zonefile_set {
    struct zone **zones; /* owned, each too */
    size_t n_zones;
};
/* Reads a directory's *.zone files, in the order of the files' names, as `findings` remembers them
 * or is to, into an empty set. A zone that is left out is not in it. Returns the number of
 * complaints added. */
size_t zonefile_read_directory(struct zonefile_set *set, struct findings *findings,
                               const char *directory, const char *hostname,
                               struct complaints *complaints);
void zonefile_set_fini(struct zonefile_set *set);

#endif
