#include "places.h"

#include <stddef.h>

/* The places of one owner. */
struct share {
    struct place *oldest; /* NULL: there is none */
    unsigned n;
};

static struct share share_of(const struct places *places, uint32_t owner)
{
    struct share share = {NULL, 0};
    struct place *place;
    TAILQ_FOREACH (place, places, others)
        if (place->owner == owner && share.n++ == 0)
            share.oldest = place;
    return share;
}

/* The share of the owner with the most places, except root; among equals, of the one who came
 * first. */
static struct share largest_share(const struct places *places)
{
    struct share largest = {NULL, 0};
    struct place *place;
    TAILQ_FOREACH (place, places, others) {
        struct share share = share_of(places, place->owner);
        if (place->owner != 0 && share.n > largest.n)
            largest = share;
    }
    return largest;
}

static bool is_at_limit(const struct place_limits *limits, uint32_t owner, unsigned n)
{
    return n >= (owner == 0 ? limits->root : limits->per_user);
}

bool places_have_room(const struct places *places, const struct place_limits *limits,
                      uint32_t owner)
{
    unsigned all = 0;
    struct place *place;
    TAILQ_FOREACH (place, places, others)
        all += place->owner != 0;
    return !is_at_limit(limits, owner, share_of(places, owner).n) &&
           (owner == 0 || all < limits->all);
}

struct place *places_replaceable(const struct places *places, const struct place_limits *limits,
                                 uint32_t owner, uint64_t now)
{
    struct share own = share_of(places, owner), largest = largest_share(places);
    struct place *oldest = is_at_limit(limits, owner, own.n) ? own.oldest : largest.oldest;
    if (oldest != own.oldest && largest.n > own.n + 1)
        return oldest; /* an owner with fewer places need not wait */
    return oldest && now - oldest->since >= limits->kept_ms ? oldest : NULL;
}
