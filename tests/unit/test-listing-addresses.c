/* The addresses that all holders of a name have together. */
#include "../../phonebookd/state/listing-addresses.h"

#include "room.h"

#include <stdio.h>

enum { HOLDERS = 3 };

struct world {
    struct room room; /* each holder in a namespace of its own */
    struct listing_addresses found;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "internal=main", HOLDERS);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    room_fini(&world->room);
    listing_addresses_fini(&world->found);
    free(world);
    return 0;
}

static struct registration *claim(struct world *world, int holder, const char *interface,
                                  int64_t ttl)
{
    const struct request_options options = {.ttl = ttl, .wait = -1, .linger = -1, .id = -1};
    return room_claim(&world->room, holder, "www", interface, &options, 1, REGISTRY_ASKED);
}

static void expect(struct world *world, const struct registration *of, const char *expected)
{
    assert_true(listing_addresses_find(&world->found, of->claims[0].listing));
    char all[512] = "";
    for (size_t i = 0; i < world->found.n; i++) {
        strcat(all, i ? " " : "");
        char text[ADDRESS_TEXT_MAX];
        strcat(all, address_text(text, &world->found.addresses[i]));
    }
    assert_string_equal(all, expected);
}

static void an_unknown_interface_has_no_address(void **state)
{
    struct world *world = *state;
    const struct registration *r = claim(world, 0, "eth0", -1);
    assert_null(registration_link(r));
    expect(world, r, "");
    made_links(world->room.holders[0].namespace, "lo 127.0.0.1");
    assert_null(registration_link(r));
    expect(world, r, "");
}

static void addresses_follow_the_interface(void **state)
{
    struct world *world = *state;
    const struct registration *r = claim(world, 0, "eth0", -1);
    struct namespace *namespace = r->holder->namespace;
    made_links(namespace, "lo 127.0.0.1, eth0 10.0.0.1 fd00::1=tentative, eth1 10.0.0.9");
    assert_non_null(registration_link(r));
    expect(world, r, "10.0.0.1 fd00::1");
    assert_int_equal(world->found.addresses[1].state, ADDRESS_TENTATIVE);
    made_links(namespace, "eth0 10.0.0.2");
    expect(world, r, "10.0.0.2");
    made_links(namespace, "eth0");
    assert_non_null(registration_link(r));
    expect(world, r, "");
    made_links(namespace, "other 10.0.0.2");
    expect(world, r, "");
    made_links(namespace, "eth0 10.0.0.3");
    expect(world, r, "10.0.0.3");
}

/* The kernel keeps its IPv4 addresses. */
static void an_interface_that_is_down_has_no_address(void **state)
{
    struct world *world = *state;
    const struct registration *r = claim(world, 0, "eth0", -1);
    made_links(r->holder->namespace, "-eth0 10.0.0.1");
    assert_null(registration_link(r));
    expect(world, r, "");
}

static void the_addresses_of_all_holders_are_one_list(void **state)
{
    struct world *world = *state;
    const struct registration *r = claim(world, 0, "eth0", -1);
    claim(world, 1, "eth0", -1);
    claim(world, 2, "eth7", -1);
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 10.0.0.2");
    made_links(world->room.holders[1].namespace, "-eth0 10.0.1.1");
    made_links(world->room.holders[2].namespace, "eth0 10.0.2.1, eth7 10.0.2.7");
    expect(world, r, "10.0.0.1 10.0.0.2 10.0.2.7"); /* one namespace after the other */
    claim(world, 0, "eth0", 30);                    /* the same again */
    expect(world, r, "10.0.0.1 10.0.0.2 10.0.2.7");
    made_links(world->room.holders[1].namespace, "eth0 10.0.1.1");
    expect(world, r, "10.0.0.1 10.0.0.2 10.0.1.1 10.0.2.7");
    registry_drop_holder(&world->room.registry, &world->room.holders[2]);
    expect(world, r, "10.0.0.1 10.0.0.2 10.0.1.1");
}

static struct registration *claim_family(struct world *world, int holder, const char *interface,
                                         enum request_family family)
{
    struct request_options options = no_request_options;
    options.family = family;
    return room_claim(&world->room, holder, "www", interface, &options, 1, REGISTRY_ASKED);
}

static void expect_part(struct world *world, const struct registration *of, const char *expected)
{
    const struct claim *claim = &of->claims[0];
    char all[512] = "";
    for (size_t i = 0; i < claim->n; i++) {
        strcat(all, i ? " " : "");
        char text[ADDRESS_TEXT_MAX];
        strcat(all, address_text(text, &world->found.addresses[claim->first + i]));
    }
    assert_string_equal(all, expected);
}

/* Each registration gets its own. */
static void each_family_counts_the_registrations_that_want_it(void **state)
{
    static const struct {
        const char *link;
        enum request_family first, second;
        const char *expected, *of_first, *of_second, *counted;
    } cases[] = {
        {"eth0 10.0.0.1 10.0.0.2 fd00::1", REQUEST_IPV4, REQUEST_IPV4, "10.0.0.1 10.0.0.2",
         "10.0.0.1 10.0.0.2", "10.0.0.1 10.0.0.2", "2"},
        {"eth0 10.0.0.1 fd00::1 fd00::2", REQUEST_IPV6, REQUEST_IPV6, "fd00::1 fd00::2",
         "fd00::1 fd00::2", "fd00::1 fd00::2", "2"},
        {"eth0 10.0.0.1 fd00::1 fd00::2", REQUEST_IPV4, REQUEST_IPV6, "10.0.0.1 fd00::1 fd00::2",
         "10.0.0.1", "fd00::1 fd00::2", "3"},
        {"eth0 10.0.0.1 fd00::1", REQUEST_IPV6, REQUEST_BOTH, "10.0.0.1 fd00::1", "fd00::1",
         "10.0.0.1 fd00::1", "2"},
        {"eth0 10.0.0.1", REQUEST_IPV6, REQUEST_IPV4, "10.0.0.1", "", "10.0.0.1", "1"},
        {"eth0 fd00::1", REQUEST_IPV4, REQUEST_IPV4, "", "", "", "0"},
        {"eth0", REQUEST_IPV4, REQUEST_IPV6, "", "", "", "0"},
    };
    struct world *world = *state;
    struct registration *first = claim_family(world, 0, "eth0", REQUEST_IPV4);
    struct holder beside = {.namespace = world->room.holders[0].namespace};
    world->room.holders[1].namespace = beside.namespace; /* two connections in one namespace */
    struct registration *second = claim_family(world, 1, "eth0", REQUEST_IPV4);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        claim_family(world, 0, "eth0", cases[i].first);
        claim_family(world, 1, "eth0", cases[i].second);
        made_links(beside.namespace, cases[i].link);
        expect(world, first, cases[i].expected);
        expect_part(world, first, cases[i].of_first);
        expect_part(world, second, cases[i].of_second);
        char counted[16];
        snprintf(counted, sizeof counted, "%u", first->claims[0].listing->counted);
        assert_string_equal(counted, cases[i].counted);
    }
}

/* Many clients may wait for names on one interface. */
static void the_verdict_of_the_zone_is_noted_in_each_claim(void **state)
{
    struct world *world = *state;
    const struct registration *r[3];
    for (int i = 0; i < 3; i++)
        r[i] = claim(world, i, "eth0", -1);
    made_links(world->room.holders[0].namespace, "eth0 fd00::1=tentative fe80::1");
    made_links(world->room.holders[1].namespace, "eth0 10.0.0.1 fe80::1");
    expect(world, r[0], "fd00::1 fe80::1 10.0.0.1 fe80::1");
    listing_addresses_judge(&world->found, r[0]->claims[0].listing);
    assert_int_equal(r[0]->claims[0].foremost, ZONE_TENTATIVE);
    assert_true(r[0]->claims[0].awaits);
    assert_int_equal(r[1]->claims[0].foremost, ZONE_SHOWN);
    assert_false(r[1]->claims[0].awaits);
    assert_int_equal(r[2]->claims[0].foremost, ZONE_SHOWN); /* it has no link yet */
    made_links(world->room.holders[0].namespace, "eth0 fe80::1");
    made_links(world->room.holders[1].namespace, "-eth0 10.0.0.1");
    expect(world, r[0], "fe80::1");
    listing_addresses_judge(&world->found, r[0]->claims[0].listing);
    assert_int_equal(r[0]->claims[0].foremost, ZONE_SCOPE);
    assert_false(r[0]->claims[0].awaits);
    assert_int_equal(r[1]->claims[0].foremost, ZONE_SHOWN);
}

static void thousands_of_addresses_are_found(void **state)
{
    enum { MANY = 300 };
    struct world *world = *state;
    const struct registration *r = claim(world, 0, "eth0", -1);
    char links[MANY * 16] = "eth0";
    for (int i = 0; i < MANY; i++) {
        char word[32];
        snprintf(word, sizeof word, " 10.1.%d.%d", i / 256, i % 256);
        strcat(links, word);
    }
    for (int round = 0; round < 2; round++) {
        made_links(r->holder->namespace, links);
        assert_true(listing_addresses_find(&world->found, r->claims[0].listing));
        assert_int_equal(world->found.n, MANY);
        made_links(r->holder->namespace, "eth0 10.0.0.1");
        expect(world, r, "10.0.0.1");
    }
}

static void the_shortest_ttl_counts(void **state)
{
    static const struct {
        int64_t ttl;
        uint32_t expected;
    } cases[] = {
        {-1, 60},           /* the zone's own */
        {300, 60},          /* a longer one does not affect the others */
        {40, 40},  {5, 10}, /* the zone's least */
        {-1, 10},
    };
    struct world *world = *state;
    world->room.zones[0].ttl_min = 10;
    world->room.zones[0].ttl_max = 200;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char interface[16];
        snprintf(interface, sizeof interface, "eth%zu", i);
        const struct registration *r = claim(world, 0, interface, cases[i].ttl);
        assert_int_equal(listing_ttl(r->claims[0].listing, false), cases[i].expected);
    }
}

static void no_ttl_is_longer_than_the_zones(void **state)
{
    struct world *world = *state;
    const struct registration *r = claim(world, 0, "eth0", INT32_MAX);
    assert_int_equal(listing_ttl(r->claims[0].listing, false), ZONE_TTL_MAX_DEFAULT);
    world->room.zones[0].ttl_max = ZONE_TTL_LIMIT;
    assert_int_equal(listing_ttl(r->claims[0].listing, false), INT32_MAX);
    claim(world, 0, "eth0", 0);
    assert_int_equal(listing_ttl(r->claims[0].listing, false), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_unknown_interface_has_no_address),
        TEST(addresses_follow_the_interface),
        TEST(an_interface_that_is_down_has_no_address),
        TEST(the_addresses_of_all_holders_are_one_list),
        TEST(each_family_counts_the_registrations_that_want_it),
        TEST(the_verdict_of_the_zone_is_noted_in_each_claim),
        TEST(thousands_of_addresses_are_found),
        TEST(the_shortest_ttl_counts),
        TEST(no_ttl_is_longer_than_the_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
