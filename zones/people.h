/* Sets of users and groups, and whether one who asks is in them. Pure. */
#ifndef ZONES_PEOPLE_H
#define ZONES_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEOPLE_MAX = 64 }; /* users, and as many groups */

struct people {
    uint32_t uids[PEOPLE_MAX], gids[PEOPLE_MAX];
    size_t n_uids, n_gids;
};

/* Who wants to register. */
struct zone_publisher {
    uint32_t uid;
    const uint32_t *gids; /* not owned; those that are known */
    size_t n_gids;
};

/* True for uid 0 too, whoever is in the set. */
bool people_include(const struct people *people, const struct zone_publisher *publisher);

#endif
