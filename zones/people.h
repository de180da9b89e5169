/* Sets of users and groups. Pure. */
#ifndef ZONES_PEOPLE_H
#define ZONES_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEOPLE_MAX = 64 }; /* users; and the same number of groups */

struct people {
    uint32_t uids[PEOPLE_MAX], gids[PEOPLE_MAX];
    size_t n_uids, n_gids;
};

/* The user who wants to register a name. */
struct zone_publisher {
    uint32_t uid;
    const uint32_t *gids; /* not owned; the groups that are known */
    size_t n_gids;
};

/* Always true for uid 0. */
bool people_include(const struct people *people, const struct zone_publisher *publisher);

#endif
