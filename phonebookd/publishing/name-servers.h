/* The name servers of a database's zones that lie in these zones and have no address: whoever is
 * sent to such a zone finds nobody to ask. Each is told of once, until it has one. Pure. */
#ifndef PHONEBOOKD_NAME_SERVERS_H
#define PHONEBOOKD_NAME_SERVERS_H

#include "../state/registry.h"
#include "kept.h"

struct name_servers {
    void *lacking; /* a tsearch(3) tree of texts: the names that were told of */
    /* The name server of the zone lacks an address, or has one again. */
    void (*told)(void *owner, const struct zone *zone, const char *name, bool has);
    void *owner;
};
void name_servers_init(struct name_servers *servers,
                       void (*told)(void *owner, const struct zone *zone, const char *name,
                                    bool has),
                       void *owner);
void name_servers_fini(struct name_servers *servers); /* forgets what was told, too */

/* Has one an address, of somebody who holds it or of a static file? As publishing has it now. */
bool name_servers_has_address(const struct registry *registry, const struct zone *zone,
                              const char *name, const struct kept_images *images);
/* Looks at all of them: in the zones of this database, with these static files. A lack of memory
 * doubles a line of the log. */
void name_servers_look(struct name_servers *servers, const struct registry *registry,
                       const char *database, const struct kept_images *images);

#endif
