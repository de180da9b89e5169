/* Reads zone files (phonebook.zone(5)). */
#ifndef ZONES_ZONEFILE_H
#define ZONES_ZONEFILE_H

#include "../zone.h"

struct complaints;
struct findings;

/* Reads one file into *zone, which the caller frees with zone_fini() in any case. `hostname`
 * replaces %h. Returns the number of complaints added. A mistake that comes from `hostname` is a
 * warning, and leaves zone->name empty: the caller leaves this zone out. */
size_t zonefile_read(struct zone *zone, const char *path, const char *hostname,
                     struct complaints *complaints);

/* Zones, sorted by name. */
struct zonefile_set {
    struct zone **zones; /* owned, each too */
    size_t n_zones;
};
/* Reads all *.zone files of a directory into an empty set, in the order of the files' names. Each
 * file comes from `findings` or, if it is not there yet, from the disk into `findings`. Zones that
 * have to be left out are not in the set. Returns the number of complaints added. */
size_t zonefile_read_directory(struct zonefile_set *set, struct findings *findings,
                               const char *directory, const char *hostname,
                               struct complaints *complaints);
void zonefile_set_fini(struct zonefile_set *set);

#endif
