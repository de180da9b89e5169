#include "name-servers.h"

#include "../../zones/static-image.h"
#include "../../zones/zone.h"
#include "../state/listings.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

void name_servers_init(struct name_servers *servers,
                       void (*told)(void *owner, const struct zone *zone, const char *name,
                                    bool has),
                       void *owner)
{
    *servers = (struct name_servers){.told = told, .owner = owner};
}

void name_servers_fini(struct name_servers *servers)
{
    tdestroy(servers->lacking, free);
    servers->lacking = NULL;
}

bool name_servers_has_address(const struct registry *registry, const struct zone *zone,
                              const char *name, const struct kept_images *images)
{
    const struct listing *listing = listings_find(&registry->listings, zone, name);
    return (listing && (listing->state == LISTING_SHOWN || listing->state == LISTING_LINGERING)) ||
           kept_images_have(images, name) & STATIC_ADDRESS;
}

static void remember(struct name_servers *servers, const char *name)
{
    char *copy = strdup(name);
    if (copy && !tsearch(copy, &servers->lacking, compare))
        free(copy);
}

static void forget(struct name_servers *servers, char *told)
{
    tdelete(told, &servers->lacking, compare);
    free(told);
}

static void look_at(struct name_servers *servers, const struct zone *zone,
                    const struct zone_server *server, bool has)
{
    char *const *told = tfind(server->name, &servers->lacking, compare);
    if (has != !told)
        servers->told(servers->owner, zone_of_server(zone, server), server->name, has);
    if (has && told)
        forget(servers, *told);
    else if (!has && !told)
        remember(servers, server->name);
}

void name_servers_look(struct name_servers *servers, const struct registry *registry,
                       const char *database, const struct kept_images *images)
{
    for (size_t i = 0; i < registry->n_zones; i++) {
        const struct zone *zone = registry->zones[i];
        if (strcmp(zone->database, database) != 0)
            continue;
        for (size_t j = 0; j < zone->n_servers; j++) {
            const struct zone_server *server = &zone->servers[j];
            if (j == 0 || strcmp(server[-1].name, server->name) != 0)
                look_at(servers, zone, server,
                        name_servers_has_address(registry, zone, server->name, images));
        }
    }
}
