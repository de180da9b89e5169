#include "../common/array.h"
#include "zone.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct zone_server *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->of->name, b->of->name);
}

static bool add(struct zone *zone, const char *name, const struct zone *of)
{
    struct zone_server *added = array_append(&zone->servers, zone->n_servers, sizeof *added);
    if (!added)
        return false;
    *added = (struct zone_server){name, of};
    zone->n_servers++;
    return true;
}

static bool add_all(struct zone *const *zones, size_t n_zones, const struct zone *of)
{
    for (size_t i = 0; i < of->n_nameservers; i++) {
        const char *name = of->nameservers[i];
        struct zone *zone =
            (struct zone *)zone_of((const struct zone *const *)zones, n_zones, name);
        if (zone && !add(zone, name, of))
            return false;
    }
    return true;
}

bool zones_note_servers(struct zone *const *zones, size_t n_zones)
{
    for (size_t i = 0; i < n_zones; i++)
        zones[i]->n_servers = 0;
    bool enough = true;
    for (size_t i = 0; i < n_zones && enough; i++)
        enough = add_all(zones, n_zones, zones[i]);
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i]->n_servers > 0)
            qsort(zones[i]->servers, zones[i]->n_servers, sizeof *zones[i]->servers, compare);
    return enough;
}

bool zone_same_servers(const struct zone *a, const struct zone *b)
{
    bool same = a->n_servers == b->n_servers;
    for (size_t i = 0; same && i < a->n_servers; i++)
        same = compare(&a->servers[i], &b->servers[i]) == 0;
    return same;
}

static void point(struct zone_server *server, const struct zone *of)
{
    size_t i = 0;
    while (strcmp(of->nameservers[i], server->name) != 0)
        i++;
    *server = (struct zone_server){of->nameservers[i], of};
}

void zones_point_servers(struct zone *const *zones, size_t n_zones)
{
    for (size_t i = 0; i < n_zones; i++)
        for (size_t j = 0; j < zones[i]->n_servers; j++) {
            struct zone_server *server = &zones[i]->servers[j];
            point(server, zone_of((const struct zone *const *)zones, n_zones, server->of->name));
        }
}

const struct zone *zone_served_by(const struct zone *zone, const char *name)
{
    size_t low = 0, high = zone->n_servers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(zone->servers[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->n_servers || strcmp(zone->servers[low].name, name) != 0)
        return NULL;
    return zone->servers[low].of;
}

const struct zone *zone_of_server(const struct zone *zone, const struct zone_server *server)
{
    for (size_t i = 0; i < zone->n_nameservers; i++)
        if (strcmp(zone->nameservers[i], server->name) == 0)
            return zone;
    return server->of;
}
