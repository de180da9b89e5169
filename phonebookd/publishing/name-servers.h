/* Finds the name servers of a database's zones that have no address: resolvers that are referred to
 * such a server cannot ask it. Only names in zones of this phonebookd are checked. Each is reported
 * once, until it has an address. Pure. */
#ifndef PHONEBOOKD_NAME_SERVERS_H
#define PHONEBOOKD_NAME_SERVERS_H

#include "../state/registry.h"
#include "kept.h"

struct name_servers {
    void *lacking; /* a tsearch(3) tree of texts: the names that were reported */
    /* The zone's name server lacks an address; or with `has`, it has one again. */
    void (*told)(void *owner, const struct zone *zone, const char *name, bool has);
    void *owner;
};
void name_servers_init(struct name_servers *servers,
                       void (*told)(void *owner, const struct zone *zone, const char *name,
                                    bool has),
                       void *owner);
void name_servers_fini(struct name_servers *servers); /* also forgets what was reported */

/* Does the name have an address now, of a holder or in a static file? */
bool name_servers_has_address(const struct registry *registry, const struct zone *zone,
                              const char *name, const struct kept_images *images);
/* Checks all name servers of the zones in this database, with these static files. If memory runs
 * out, a line may be logged twice. */
void name_servers_look(struct name_servers *servers, const struct registry *registry,
                       const char *database, const struct kept_images *images);

#endif
