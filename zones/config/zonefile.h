/* Reads zone files (phonebook.zone(5)). Pure. */
#ifndef ZONES_ZONEFILE_H
#define ZONES_ZONEFILE_H

#include "../zone.h"

struct complaints;
struct findings;
struct zone_reading;

/* Reads one file into reading->zone, which the caller frees with zone_fini() in any case. A mistake
 * that comes from the host's name is a warning, and leaves zone->name empty: the caller leaves this
 * zone out. */
void zonefile_read(struct zone_reading *reading, const char *path, struct complaints *complaints);

/* Zones, sorted by name. */
struct zonefile_set {
    struct zone **zones; /* owned, each too */
    size_t n_zones;
};
/* Reads all *.zone files of a directory into an empty set, in the order of the files' names. Each
 * file comes from `findings`. Zones that have to be left out are not in the set. Returns the number
 * of complaints added. */
size_t zonefile_read_directory(struct zonefile_set *set, struct findings *findings,
                               const char *directory, const char *hostname,
                               struct complaints *complaints);
/* Keeps unchanged zones as the same objects: exchanges each zone whose file is not in `files` for
 * its equal in `before`. Only contents of files may differ between the two readings. Returns the
 * number of the other zones, in `changed`, which has room for all. If the zones' names differ,
 * exchanges nothing and returns all zones. */
size_t zonefile_set_keep(struct zonefile_set *set, struct zonefile_set *before,
                         const char *const *files, size_t n_files, const struct zone **changed);
void zonefile_set_fini(struct zonefile_set *set);

#endif
