/* The places at a socket that serves a limited number of clients at a time. Pure.
 *
 * uid 0 has places of its own. Any other owner (owners.h) can have `per_user` places, and all of
 * them together `all`. */
#ifndef PHONEBOOKD_PLACES_H
#define PHONEBOOKD_PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct place {
    uint32_t owner;
    uint64_t since; /* in ms on any clock that never goes back */
    TAILQ_ENTRY(place) others;
};
TAILQ_HEAD(places, place); /* oldest first */

struct place_limits {
    unsigned root, per_user, all;
    uint64_t kept_ms; /* an older place may be given to another client */
};

bool places_have_room(const struct places *places, const struct place_limits *limits,
                      uint32_t owner);

/* Without room: the place that a new client of this owner replaces, or NULL. The owner with the
 * most places loses his oldest one to an owner with at least two fewer. Otherwise the oldest place
 * of the owner with the most (or of an owner at his own limit) is replaced, if it is older than
 * `kept_ms`. */
struct place *places_replaceable(const struct places *places, const struct place_limits *limits,
                                 uint32_t owner, uint64_t now);

#endif
