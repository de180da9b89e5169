/* The texts for the environment of an on-change program. */
#include "../../phonebookd/publishing/on-change-facts.h"

#include "looked.h"
#include "room.h"

enum { SERIAL = 7 };

struct world {
    struct room room;
    struct looked main;
};

/* internal has two name servers, of which "ns.below.internal" is in the zone below. */
static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "below.internal=main internal=main", 2);
    struct zone *zone = &world->room.zones[1];
    strcpy(zone->nameservers[0], "ns.internal");
    strcpy(zone->nameservers[1], "ns.below.internal");
    zone->n_nameservers = 2;
    made_servers(world->room.list, world->room.n_zones);
    for (int i = 0; i < 2; i++)
        world->room.zones[i].on_change = calloc(1, sizeof(char *)); /* else no prefix is counted */
    looked_init(&world->main, "main", &world->room.registry);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    room_empty(&world->room);
    looked_fini(&world->main);
    room_fini(&world->room);
    free(world);
    return 0;
}

static void claim(struct world *world, int holder, const char *name)
{
    room_claim(&world->room, holder, name, "eth0", &no_request_options, 1, REGISTRY_ASKED);
}

static void expect_facts(struct world *world, const char *servers, const char *prefixes)
{
    const char *const expected[ON_CHANGE_FACTS] = {"PHONEBOOK_ZONE=internal", "PHONEBOOK_SERIAL=7",
                                                   "PHONEBOOK_DIRECTORY=/run/main", servers,
                                                   prefixes};
    const struct kept *kept = &world->main.keeping.kept;
    looked_and_made(&world->main);
    char *facts[ON_CHANGE_FACTS];
    on_change_facts(facts, kept, kept_zone_of(kept, "internal"), "/run/main", SERIAL);
    for (int i = 0; i < ON_CHANGE_FACTS; i++) {
        assert_string_equal(facts[i], expected[i]);
        free(facts[i]);
    }
}

static void a_server_without_an_address_is_its_name(void **state)
{
    struct world *world = *state;
    expect_facts(world, "PHONEBOOK_NAMESERVERS=ns.internal ns.below.internal",
                 "PHONEBOOK_PREFIXES=");
}

static void each_address_of_a_server_is_a_word(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 fd00:1::1");
    made_links(world->room.holders[1].namespace, "eth0 10.0.0.2");
    claim(world, 0, "ns.internal");
    claim(world, 1, "ns.internal");
    claim(world, 0, "ns.below.internal"); /* this name is in the other zone */
    expect_facts(world,
                 "PHONEBOOK_NAMESERVERS=ns.internal=10.0.0.1 ns.internal=10.0.0.2 "
                 "ns.internal=fd00:1::1 ns.below.internal",
                 "PHONEBOOK_PREFIXES=fd00:1::/64");
}

static void each_prefix_is_named_once(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 fd00:1::1 fd00:1::2 fd00:2::1");
    claim(world, 0, "www.internal");
    claim(world, 0, "db.internal");
    expect_facts(world, "PHONEBOOK_NAMESERVERS=ns.internal ns.below.internal",
                 "PHONEBOOK_PREFIXES=fd00:1::/64 fd00:2::/64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_server_without_an_address_is_its_name),
        TEST(each_address_of_a_server_is_a_word),
        TEST(each_prefix_is_named_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
