/* Empty non-terminals: names in, placeholders out. */
#include "../reference/zone-records.h"
#include "room.h"
#include "shown.h"

struct world {
    struct room room;
    struct records records;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "deep.sub.internal=main example=main internal=main x.y.internal=other",
              0);
    records_init(&world->records);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    room_fini(&world->room);
    records_fini(&world->records);
    free(world);
    return 0;
}

/* The records of these owners, followed by the placeholders. */
static void gaps_are(struct world *world, const char *apex, const char *owners,
                     const char *expected)
{
    const struct zone *zone = zone_of(world->room.list, world->room.n_zones, apex);
    char *copy = strdup(owners);
    records_clear(&world->records);
    records_add_ptr(&world->records, "before.a.b.c.example", "x", 1); /* of another zone */
    size_t start = world->records.length;
    records_add_ns(&world->records, apex, "ns", 60);
    char *rest;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        records_add_ns(&world->records, word, "ns", 60);
    size_t end = world->records.length;
    zone_add_gaps(zone, world->room.list, zone ? world->room.n_zones : 0, &world->records, start,
                  NULL);
    shown_are(&world->records, end, expected);
    free(copy);
}

static void each_empty_name_between_gets_a_placeholder(void **state)
{
    static const struct {
        const char *apex, *owners, *expected;
    } cases[] = {
        {"example", "", ""},
        {"example", "www.example", ""},
        {"example", "db.app.example", "- app.example"},
        {"example", "db.app.example web.app.example", "- app.example"},
        {"example", "app.example db.app.example", ""},
        {"example", "db.app.example app.example", ""},
        {"example", "a.b.c.example", "- b.c.example; - c.example"},
        {"example", "a.b.c.example z.c.example", "- b.c.example; - c.example"},
        {"example", "a.b.c.example c.example", "- b.c.example"},
        {"example", "a.b.c.example b.c.example", "- c.example"},
        {"example", "p.a.example q.b.example r.a.example", "- a.example; - b.example"},
        {"example", "z.y.example b.a.example", "- a.example; - y.example"},
        /* a wildcard creates the names in queries, not its parent */
        {"example", "*.example", ""},
        {"example", "*.a.example", "- a.example"},
        {"example", "*.a.example a.example", ""},
        {"example", "*.example b.a.example", "- a.example"},
        {"example", "a.example *.a.example x.b.example *.b.example", "- b.example"},
        /* zones below, of the same database */
        {"internal", "", "- sub.internal"},
        {"internal", "sub.internal", ""},
        {"internal", "a.sub.internal", "- sub.internal"},
        {"deep.sub.internal", "a.b.deep.sub.internal", "- b.deep.sub.internal"},
        {"x.y.internal", "b.a.x.y.internal", "- a.x.y.internal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        gaps_are(*state, cases[i].apex, cases[i].owners, cases[i].expected);
}

static void a_placeholder_has_the_negative_ttl(void **state)
{
    struct world *world = *state;
    world->room.zones[1].negative_ttl = 17;
    gaps_are(world, "example", "b.a.example", "- a.example");
    size_t cursor = world->records.length - (12 + sizeof "a.example"); /* the last one */
    struct record record;
    assert_true(records_next(&world->records, &cursor, &record));
    assert_string_equal(record.owner, "a.example");
    assert_int_equal(record.ttl, 17);
}

/* In any order, and more than fit into the initial memory. */
static void placeholders_of_many_names_are_there_once(void **state)
{
    enum { MANY = 3000 };
    struct world *world = *state;
    for (int i = 0; i < MANY; i++) {
        char owner[64];
        snprintf(owner, sizeof owner, "h.%d.%d.example", i * 7 % MANY % 10, i * 7 % MANY);
        records_add_ns(&world->records, owner, "ns", 60);
    }
    size_t cursor = world->records.length;
    zone_add_gaps(&world->room.zones[1], world->room.list, world->room.n_zones, &world->records, 0,
                  NULL);
    char last[NAME_TEXT_MAX + 1] = "";
    size_t n = 0;
    struct record record;
    while (records_next(&world->records, &cursor, &record)) {
        assert_int_equal(record.type, RECORD_PLACEHOLDER);
        assert_true(strcmp(last, record.owner) < 0);
        strcpy(last, record.owner);
        n++;
    }
    assert_int_equal(n, 2 * MANY);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(each_empty_name_between_gets_a_placeholder),
        TEST(a_placeholder_has_the_negative_ttl),
        TEST(placeholders_of_many_names_are_there_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
