/* Which clients have a place at a socket, and which lose it. */
#include "../../phonebookd/clients/places.h"
#include "test.h"

#include <string.h>

enum { PLACES_MAX = 16, KEPT = 30, NONE = -1, ROOM = -2 };

static const struct place_limits limits = {.root = 2, .per_user = 3, .all = 6, .kept_ms = KEPT};

/* The owners of all places, as digits, the oldest first; they came 1 ms apart. A new client of
 * `owner` comes `after` ms after the last. It finds ROOM, or replaces the place with this index, or
 * NONE. */
static const struct {
    const char *places;
    uint32_t owner;
    uint64_t after;
    int expected;
} cases[] = {
    {"", 1, 0, ROOM},
    {"", 0, 0, ROOM},
    {"11", 1, 0, ROOM},
    {"0", 0, 0, ROOM},
    /* at his own limit */
    {"111", 1, 0, NONE},
    {"111", 1, KEPT, 0},
    {"2111", 1, KEPT, 1},
    {"00", 0, 0, NONE},
    {"00", 0, KEPT, 0},
    /* root's places are only root's, and the others only the others' */
    {"00", 1, 0, ROOM},
    {"111222", 0, 0, ROOM},
    {"0011222", 1, 0, ROOM},
    /* all are taken: the user with the most loses one at once to a user with fewer */
    {"112223", 3, 0, 2},
    {"111222", 3, 0, 0},
    {"222111", 3, 0, 0},
    {"00111222", 3, 0, 2},
    {"332211", 4, 0, 0},
    /* but not to a user who would then have as many */
    {"332211", 1, 0, NONE},
    {"332211", 1, KEPT, 0},
    {"123456", 7, 0, NONE},
    {"123456", 7, KEPT, 0},
};

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct places places = TAILQ_HEAD_INITIALIZER(places);
        size_t n = strlen(cases[i].places);
        uint64_t now = n + cases[i].after;
        struct place room[PLACES_MAX];
        for (size_t j = 0; j < n; j++) {
            room[j] = (struct place){.owner = (uint32_t)(cases[i].places[j] - '0'), .since = j};
            TAILQ_INSERT_TAIL(&places, &room[j], others);
        }
        int found = ROOM;
        if (!places_have_room(&places, &limits, cases[i].owner)) {
            struct place *replaced = places_replaceable(&places, &limits, cases[i].owner, now);
            found = replaced ? (int)(replaced - room) : NONE;
        }
        if (found != cases[i].expected)
            fail_msg("case %zu: %s, owner %u: %d", i, cases[i].places, cases[i].owner, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
