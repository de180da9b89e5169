/* Reverse zones: prefixes and names, and addresses in, PTR records out. */
#include "../../zones/reverse.h"

#include "../reference/zone-records.h"
#include "made.h"
#include "shown.h"

#include <arpa/inet.h>

#define NIBBLES "0.0.0.0.0.0.0.0.0.0.0.0"
#define CAFE NIBBLES ".e.f.a.c.4.6.d.f.ip6.arpa" /* fd64:cafe:0:0:0::/80 */

static const struct {
    const char *prefix, *name;
} pairs[] = {
    {"0.0.0.0/0", "in-addr.arpa"},
    {"10.0.0.0/8", "10.in-addr.arpa"},
    {"172.16.0.0/16", "16.172.in-addr.arpa"},
    {"192.0.2.0/24", "2.0.192.in-addr.arpa"},
    {"192.0.2.255/32", "255.2.0.192.in-addr.arpa"},
    {"100.101.9.0/24", "9.101.100.in-addr.arpa"},
    {"192.0.2.0/25", "0/25.2.0.192.in-addr.arpa"}, /* RFC 2317 */
    {"192.0.2.224/27", "224/27.2.0.192.in-addr.arpa"},
    {"192.0.2.254/31", "254/31.2.0.192.in-addr.arpa"},
    {"::/0", "ip6.arpa"},
    {"f000::/4", "f.ip6.arpa"},
    {"2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa"},
    {"2001:db8:abcd:ef00::/56", "f.e.d.c.b.a.8.b.d.0.1.0.0.2.ip6.arpa"},
    {"fd64:cafe::/80", CAFE},
    {"::1/128", "1.0.0.0." NIBBLES ".0.0.0.0." NIBBLES ".ip6.arpa"},
};

static void a_prefix_becomes_a_name_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct address_prefix prefix;
        assert_null(address_prefix_parse(&prefix, pairs[i].prefix));
        char name[NAME_TEXT_MAX + 1];
        reverse_name(name, &prefix.address, prefix.bits);
        assert_string_equal(name, pairs[i].name);
        assert_true(reverse_is_name(name));
        struct address_prefix read;
        assert_true(reverse_parse(&read, name));
        assert_int_equal(read.bits, prefix.bits);
        assert_int_equal(address_compare(&read.address, &prefix.address), 0);
    }
}

static void other_names_are_no_prefixes(void **state)
{
    static const char *const cases[] = {
        "internal",
        "arpa",
        "xip6.arpa",
        "ip6.arpa.example",
        "256.in-addr.arpa",
        "1000.in-addr.arpa",
        "01.in-addr.arpa",
        "00.in-addr.arpa",
        "x.in-addr.arpa",
        "1x.in-addr.arpa",
        "-1.in-addr.arpa",
        /* RFC 2317, with mistakes */
        "0-25.2.0.192.in-addr.arpa",
        "0/24.2.0.192.in-addr.arpa",
        "0/32.2.0.192.in-addr.arpa",
        "1/27.2.0.192.in-addr.arpa",
        "032/27.2.0.192.in-addr.arpa",
        "32/027.2.0.192.in-addr.arpa",
        "32/.2.0.192.in-addr.arpa",
        "/27.2.0.192.in-addr.arpa",
        "16-47.2.0.192.in-addr.arpa",
        "63-32.2.0.192.in-addr.arpa",
        "0-255.2.0.192.in-addr.arpa",
        "32-32.2.0.192.in-addr.arpa",
        "256/27.2.0.192.in-addr.arpa",
        "32/27.0.192.in-addr.arpa",
        "32/27.in-addr.arpa",
        "32/27.8.b.d.0.1.0.0.2.ip6.arpa",
        "1.1.2.0.192.in-addr.arpa",
        "10.ip6.arpa",
        "g.ip6.arpa",
        "ab.cd.ip6.arpa",
        "0.1.0.0.0." NIBBLES ".0.0.0.0." NIBBLES ".ip6.arpa",
    };
    (void)state;
    struct address_prefix prefix;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (reverse_parse(&prefix, cases[i]))
            fail_msg("%s was read", cases[i]);
}

static void addresses_are_inside_their_prefix(void **state)
{
    static const struct {
        const char *prefix, *address;
        bool inside;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.0", true},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/24", "2001:db8::", false},
        {"0.0.0.0/0", "203.0.113.1", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "2001:db8::1", true},
        {"fd64:cafe::/64", "fd64:cafe::1", true},
        {"fd64:cafe::/64", "fd64:cafe:0:1::1", false},
        {"2001:db8:0:10::/60", "2001:db8:0:1f::1", true},
        {"2001:db8:0:10::/60", "2001:db8:0:20::1", false},
        {"192.0.2.1/32", "192.0.2.1", true},
        {"192.0.2.1/32", "192.0.2.0", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address_prefix prefix;
        assert_null(address_prefix_parse(&prefix, cases[i].prefix));
        struct address address;
        assert_true(address_parse(&address, cases[i].address));
        if (address_within(&address, &prefix) != cases[i].inside)
            fail_msg("%s in %s", cases[i].address, cases[i].prefix);
    }
}

static void a_prefix_has_a_length_and_no_bits_beyond_it(void **state)
{
    static const struct {
        const char *text, *wrong;
        bool clean;
    } cases[] = {
        {"fd64:cafe::/64", NULL, true},
        {"fd64:cafe::1/64", NULL, false},
        {"192.0.2.128/25", NULL, true},
        {"192.0.2.128/24", NULL, false},
        {"fd64::", "has no prefix length", true},
        {"/64", "is not an address", true},
        {"internal/8", "is not an address", true},
        {"10.0.0.0/33", "the prefix length must be 0 to 32", true},
        {"10.0.0.0/", "the prefix length must be 0 to 32", true},
        {"fd64::/129", "the prefix length must be 0 to 128", true},
        {"fd64::/+64", "the prefix length must be 0 to 128", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address_prefix prefix;
        const char *wrong = address_prefix_parse(&prefix, cases[i].text);
        if (cases[i].wrong)
            assert_string_equal(wrong, cases[i].wrong);
        else
            assert_null(wrong);
        if (!wrong)
            assert_int_equal(address_prefix_cut(&prefix, prefix.bits), cases[i].clean);
    }
}

/* ---- the zone ---- */

enum { ZONES = 4 };

struct world {
    struct zone zones[ZONES];
    const struct zone *list[ZONES];
    struct records records;
    struct fit_cuts cuts;
};

static struct zone reverse_zone(const char *text, const char *database)
{
    struct zone zone = made_zone("x", database);
    zone.reverse = true;
    assert_null(address_prefix_parse(&zone.prefix, text));
    reverse_name(zone.name, &zone.prefix.address, zone.prefix.bits);
    return zone;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->zones[0] = reverse_zone("10.0.0.0/8", "main");
    world->zones[1] = reverse_zone("10.1.2.0/24", "main");
    world->zones[2] = reverse_zone("10.1.3.0/24", "other");
    world->zones[3] = reverse_zone("fd64:cafe::/80", "main");
    world->zones[0].ttl = 77;
    for (int i = 0; i < ZONES; i++)
        world->list[i] = &world->zones[i];
    records_init(&world->records);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < ZONES; i++)
        zone_fini(&world->zones[i]);
    records_fini(&world->records);
    fit_cuts_fini(&world->cuts);
    free(world);
    return 0;
}

/* "www.internal=10.0.0.1 ...": the records of the other zones. */
static void pointers_are(struct world *world, int zone, const char *names, const char *expected)
{
    char *copy = strdup(names);
    records_clear(&world->records);
    world->cuts.n = 0;
    records_add_soa(&world->records, "internal", "ns.internal", "hostmaster.internal", 5, 5);
    char *rest;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        struct address address;
        assert_true(address_parse(&address, equals + 1));
        records_add_addresses(&world->records, word, &address, 1, 60);
    }
    size_t end = world->records.length;
    struct address late;
    assert_true(address_parse(&late, "10.0.0.1"));
    records_add_addresses(&world->records, "late.internal", &late, 1, 60); /* not a source */
    size_t start = world->records.length;
    zone_add_pointers(&world->zones[zone], world->list, ZONES, &world->records, end, NULL,
                      &world->cuts);
    shown_are(&world->records, start, expected);
    free(copy);
}

static void each_address_points_to_its_names(void **state)
{
    static const struct {
        int zone;
        const char *names, *expected;
    } cases[] = {
        {0, "", ""},
        {0, "www.internal=10.0.0.1", "PTR 1.0.0.10.in-addr.arpa www.internal"},
        {0, "www.internal=192.168.0.1 www.internal=fd64:cafe::1", ""},
        {0, "b.internal=10.0.0.2 a.internal=10.0.0.10 a.internal=10.0.0.1",
         "PTR 1.0.0.10.in-addr.arpa a.internal; PTR 2.0.0.10.in-addr.arpa b.internal; "
         "PTR 10.0.0.10.in-addr.arpa a.internal"},
        /* several names, each once, from any zone */
        {0, "b.internal=10.0.0.1 a.internal=10.0.0.1 a.example=10.0.0.1 a.internal=10.0.0.1",
         "PTR 1.0.0.10.in-addr.arpa a.example; PTR 1.0.0.10.in-addr.arpa a.internal; "
         "PTR 1.0.0.10.in-addr.arpa b.internal"},
        {0, "*.internal=10.0.0.1 internal=10.0.0.1", "PTR 1.0.0.10.in-addr.arpa internal"},
        /* it is in the deepest zone of the database */
        {0, "a.internal=10.1.2.3", ""},
        {1, "a.internal=10.1.2.3", "PTR 3.2.1.10.in-addr.arpa a.internal"},
        {0, "a.internal=10.1.3.3", "PTR 3.3.1.10.in-addr.arpa a.internal"},
        {3, "a.internal=fd64:cafe::a:b a.internal=fd64:cafe:0:1::1 a.internal=10.0.0.1",
         "PTR b.0.0.0.a.0.0.0.0.0.0.0." CAFE " a.internal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        pointers_are(*state, cases[i].zone, cases[i].names, cases[i].expected);
}

static void a_pointer_has_the_ttl_of_the_reverse_zone(void **state)
{
    struct world *world = *state;
    pointers_are(world, 0, "a=10.0.0.1", "PTR 1.0.0.10.in-addr.arpa a");
    size_t cursor = 0;
    struct record record;
    while (records_next(&world->records, &cursor, &record))
        ;
    assert_int_equal(record.ttl, 77);
}

/* Names of 60 octets and a dot: 512 - 12 - 28 is room for six. */
static void pointers_are_cut_to_what_fits(void **state)
{
    struct world *world = *state;
    char names[2048] = "";
    for (int i = 9; i >= 0; i--) {
        char name[128];
        snprintf(name, sizeof name, "%d%059d.a", i, 0);
        sprintf(names + strlen(names), "%s=10.0.0.1 ", name);
    }
    char expected[2048] = "";
    for (int i = 0; i < 6; i++)
        sprintf(expected + strlen(expected), "%sPTR 1.0.0.10.in-addr.arpa %d%059d.a", i ? "; " : "",
                i, 0);
    pointers_are(world, 0, names, expected);
    assert_int_equal(world->cuts.n, 1);
    assert_string_equal(world->cuts.cuts[0].owner, "1.0.0.10.in-addr.arpa");
    assert_int_equal(world->cuts.cuts[0].type, RECORD_PTR);
    assert_int_equal(world->cuts.cuts[0].kept, 6);
    assert_int_equal(world->cuts.cuts[0].all, 10);
}

static void pointers_are_added_while_the_set_grows(void **state)
{
    enum { MANY = 2000 };
    struct world *world = *state;
    for (int i = 0; i < MANY; i++) {
        struct address address = {.family = AF_INET, .octets = {10, 9, (uint8_t)(i / 250)}};
        address.octets[3] = (uint8_t)(i % 250);
        char owner[32];
        snprintf(owner, sizeof owner, "h%d.internal", i);
        records_add_addresses(&world->records, owner, &address, 1, 60);
    }
    size_t cursor;
    size_t end = cursor = world->records.length;
    zone_add_pointers(&world->zones[0], world->list, ZONES, &world->records, end, NULL,
                      &world->cuts);
    char last[NAME_TEXT_MAX + 1] = "";
    size_t n = 0;
    struct record record;
    for (; records_next(&world->records, &cursor, &record); n++) {
        char name[NAME_TEXT_MAX + 1];
        snprintf(name, sizeof name, "h%zu.internal", n);
        assert_string_equal(record.target, name);
        assert_string_not_equal(record.owner, last);
        strcpy(last, record.owner);
    }
    assert_int_equal(n, MANY);
    assert_int_equal(world->cuts.n, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prefix_becomes_a_name_and_back),
        cmocka_unit_test(other_names_are_no_prefixes),
        cmocka_unit_test(addresses_are_inside_their_prefix),
        cmocka_unit_test(a_prefix_has_a_length_and_no_bits_beyond_it),
        TEST(each_address_points_to_its_names),
        TEST(a_pointer_has_the_ttl_of_the_reverse_zone),
        TEST(pointers_are_cut_to_what_fits),
        TEST(pointers_are_added_while_the_set_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
