#include "people.h"

static bool has(const uint32_t *ids, size_t n, uint32_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

bool people_include(const struct people *people, const struct zone_publisher *publisher)
{
    if (publisher->uid == 0 || has(people->uids, people->n_uids, publisher->uid))
        return true;
    for (size_t i = 0; i < publisher->n_gids; i++)
        if (has(people->gids, people->n_gids, publisher->gids[i]))
            return true;
    return false;
}
