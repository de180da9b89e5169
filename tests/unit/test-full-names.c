/* Which full names a request gets, in each zone, for which user. */
#include "../../phonebookd/state/full-names.h"

#include "made.h"

#include <stdio.h>

enum { ZONES = 5, USER = 1000, STRANGER = 2000, GROUP = 50 };

struct world {
    struct zone zones[ZONES];
    const struct zone *list[ZONES];
    struct full_names full_names;
};

/* Sorted by name, as in the daemon. */
static int setup(void **state)
{
    static const char *const names[ZONES] = {"10.in-addr.arpa", "box.example", "deep.internal",
                                             "internal", "v6.example"};
    struct world *world = calloc(1, sizeof *world);
    for (int i = 0; i < ZONES; i++) {
        world->zones[i] = made_zone(names[i], "main");
        world->zones[i].owner = USER;
        world->list[i] = &world->zones[i];
    }
    world->zones[0].reverse = true;
    world->zones[0].wildcards = true;
    world->zones[4].relative = false;
    made_servers(world->list, ZONES);
    assert_true(full_names_init(&world->full_names, world->list, ZONES));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    full_names_fini(&world->full_names);
    for (int i = 0; i < ZONES; i++)
        zone_fini(&world->zones[i]);
    free(world);
    return 0;
}

static void admit(struct zone *zone, uint32_t uid, uint32_t gid)
{
    zone->restricted = true;
    zone->publishers.n_uids = zone->publishers.n_gids = 0;
    if (uid)
        zone->publishers.uids[zone->publishers.n_uids++] = uid;
    if (gid)
        zone->publishers.gids[zone->publishers.n_gids++] = gid;
}

/* The names, or the outcome's letter and why. */
static void becomes(struct world *world, const struct zone_publisher *publisher, const char *name,
                    const char *expected)
{
    static const char letters[] = {
        [FULL_NAMES_NAME] = 'N', [FULL_NAMES_ZONE] = 'Z', [FULL_NAMES_DENIED] = 'D'};
    char found[2048] = "";
    const struct full_names_request request = {.name = name, .publisher = *publisher};
    char why[FULL_NAMES_WHY_MAX];
    enum full_names_outcome outcome = full_names_find(&world->full_names, &request, why);
    if (outcome != FULL_NAMES_OK)
        sprintf(found, "%c: %s", letters[outcome], why);
    for (size_t i = 0; outcome == FULL_NAMES_OK && i < world->full_names.n_names; i++) {
        const struct full_name *full_name = &world->full_names.names[i];
        sprintf(found + strlen(found), "%s%s", i ? " " : "", full_name->name);
        assert_true(name_within(full_name->name, full_name->zone->name));
    }
    assert_string_equal(found, expected);
}

static void a_name_is_found_in_each_zone_that_takes_it(void **state)
{
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"www", "www.box.example www.deep.internal www.internal"},
        {"WWW.Internal", "www.internal"},
        {"x.deep", "x.deep.box.example x.deep.deep.internal x.deep.internal"},
        {"@", "box.example deep.internal internal"},
        {"www.v6.example", "www.v6.example"},
        {"*.x", "Z: no zone of this phonebook takes wildcard names"},
        {"*.x.internal", "Z: zone internal takes no wildcard names"},
        {"www.example.", "Z: www.example is in no zone of this phonebook"},
        {"1.0.0.10.in-addr.arpa", "Z: zone 10.in-addr.arpa is a reverse zone: its names follow "
                                  "from the addresses"},
        {"*.10.in-addr.arpa", "Z: zone 10.in-addr.arpa is a reverse zone: its names follow from "
                              "the addresses"},
        {"10.in-addr.arpa.", "Z: zone 10.in-addr.arpa is a reverse zone: its names follow from "
                             "the addresses"},
        {"a b", "N: only letters, digits, hyphens and underscores can be in a label"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        becomes(*state, &(struct zone_publisher){.uid = USER}, cases[i].name, cases[i].expected);
}

static void a_wildcard_is_for_zones_that_take_wildcards(void **state)
{
    struct world *world = *state;
    world->zones[3].wildcards = true;
    struct zone_publisher user = {.uid = USER};
    becomes(world, &user, "*.x", "*.x.internal");
    becomes(world, &user, "*",
            "N: an asterisk can only be the whole first label, with others "
            "after it");
    becomes(world, &user, "*.internal", "*.internal");
    becomes(world, &user, "*.deep.internal", "Z: zone deep.internal takes no wildcard names");
}

static void a_relative_name_skips_zones_that_refuse_the_user(void **state)
{
    static const uint32_t gids[] = {3, GROUP};
    struct world *world = *state;
    struct zone_publisher member = {STRANGER, gids, 2};
    admit(&world->zones[3], USER, GROUP);
    struct zone_publisher user = {.uid = USER};
    becomes(world, &user, "www", "www.box.example www.deep.internal www.internal");
    becomes(world, &member, "www", "www.box.example www.deep.internal www.internal");
    struct zone_publisher root = {.uid = 0};
    becomes(world, &root, "www", "www.box.example www.deep.internal www.internal");
    struct zone_publisher stranger = {.uid = STRANGER};
    becomes(world, &stranger, "www", "www.box.example www.deep.internal");
    becomes(world, &stranger, "@",
            "D: box.example is the name of zone box.example, and so for root and uid 1000 alone, "
            "unless `names` of zone box.example gives it to others (zones that refuse it: 3)");
    becomes(world, &stranger, "www.internal", "D: zone internal does not admit uid 2000");
    becomes(world, &stranger, "internal.", "D: zone internal does not admit uid 2000");
    becomes(world, &stranger, "www.deep.internal", "www.deep.internal"); /* another zone */
    becomes(world, &stranger, "*.internal", "Z: zone internal takes no wildcard names");
    becomes(world, &stranger, "*.x", "Z: no zone of this phonebook takes wildcard names");
    world->zones[3].wildcards = true;
    becomes(world, &stranger, "*.x", "D: zone internal does not admit uid 2000");
    becomes(world, &user, "*.x", "*.x.internal");
}

static void the_deepest_zone_decides_about_a_name(void **state)
{
    struct world *world = *state;
    admit(&world->zones[2], USER, 0);
    struct zone_publisher stranger = {.uid = STRANGER};
    becomes(world, &stranger, "x.deep", "x.deep.box.example");
    becomes(world, &stranger, "x.deep.internal", "D: zone deep.internal does not admit uid 2000");
    becomes(world, &stranger, "x.internal", "x.internal");
}

static void a_name_that_no_zone_gives_is_denied(void **state)
{
    struct world *world = *state;
    for (int i = 1; i < ZONES; i++)
        admit(&world->zones[i], USER, GROUP);
    struct zone_publisher stranger = {.uid = STRANGER};
    becomes(world, &stranger, "www",
            "D: zone box.example does not admit uid 2000 (zones that refuse it: 3)");
    becomes(world, &stranger, "@",
            "D: zone box.example does not admit uid 2000 (zones that refuse it: 3)");
    admit(&world->zones[4], STRANGER, 0); /* takes no relative names */
    becomes(world, &stranger, "www",
            "D: zone box.example does not admit uid 2000 (zones that refuse it: 3)");
    becomes(world, &stranger, "www.v6.example", "www.v6.example");
}

/* The zone's own labels do not count. */
static void labels_below_the_zone_have_a_limit(void **state)
{
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"1.2.3.4.5.6.7.8.internal", "1.2.3.4.5.6.7.8.internal"},
        {"1.2.3.4.5.6.7.8.9.internal", "N: 1.2.3.4.5.6.7.8.9.internal has 9 labels below zone "
                                       "internal, which takes at most 8 (labels-max)"},
        {"1.2.3.4.5.6.7.8.deep.internal", "1.2.3.4.5.6.7.8.deep.internal"},
        {"1.2.3.4.5.6.7.8.v6.example", "N: 1.2.3.4.5.6.7.8.v6.example has 8 labels below zone "
                                       "v6.example, which takes at most 2 (labels-max)"},
        {"1.2.v6.example", "1.2.v6.example"},
        {"v6.example", "v6.example"},
        {"1.2.3.4.5.6.7.8",
         "1.2.3.4.5.6.7.8.box.example 1.2.3.4.5.6.7.8.deep.internal 1.2.3.4.5.6.7.8.internal"},
        {"1.2.3.4.5.6.7.8.9", "N: 1.2.3.4.5.6.7.8.9.box.example has 9 labels below zone "
                              "box.example, which takes at most 8 (labels-max)"},
    };
    struct world *world = *state;
    world->zones[4].labels_max = 2;
    struct zone_publisher user = {.uid = USER};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        becomes(world, &user, cases[i].name, cases[i].expected);
    world->zones[4].labels_max = 8;
    becomes(world, &user, "1.2.3.4.5.6.7.8.v6.example", "1.2.3.4.5.6.7.8.v6.example");
    for (int i = 1; i < 4; i++)
        world->zones[i].labels_max = 9;
    becomes(world, &user, "1.2.3.4.5.6.7.8.9",
            "1.2.3.4.5.6.7.8.9.box.example 1.2.3.4.5.6.7.8.9.deep.internal "
            "1.2.3.4.5.6.7.8.9.internal");
}

static void a_zone_that_refuses_the_user_counts_no_labels(void **state)
{
    struct world *world = *state;
    world->zones[1].labels_max = 1;
    admit(&world->zones[1], USER, 0);
    struct zone_publisher stranger = {.uid = STRANGER};
    becomes(world, &stranger, "a.b", "a.b.deep.internal a.b.internal");
}

static void reserve(struct zone *zone, const char *name, uint32_t uid)
{
    const char *why;
    struct name_rule *rule = name_rules_add(&zone->names, name, 5, &why);
    assert_non_null(rule);
    rule->people.uids[rule->people.n_uids++] = uid;
}

static void complete(struct zone *zone)
{
    name_rules_complete(&zone->names, zone->name, NULL, NULL);
}

/* The reply gives the rule as the reason. */
static void a_zone_with_a_refusing_rule_is_skipped(void **state)
{
    struct world *world = *state;
    reserve(&world->zones[3], "www", USER);
    reserve(&world->zones[3], "*.db", USER);
    complete(&world->zones[3]);
    struct zone_publisher user = {.uid = USER};
    becomes(world, &user, "www", "www.box.example www.deep.internal www.internal");
    struct zone_publisher stranger = {.uid = STRANGER};
    becomes(world, &stranger, "www", "www.box.example www.deep.internal");
    assert_int_equal(world->full_names.n_kept_out, 1);
    becomes(world, &stranger, "db", "db.box.example db.deep.internal db.internal");
    assert_int_equal(world->full_names.n_kept_out, 0);
    becomes(world, &stranger, "x.db", "x.db.box.example x.db.deep.internal");
    becomes(world, &stranger, "WWW.internal",
            "D: www.internal is reserved for others than uid 2000 "
            "by internal:5");
    admit(&world->zones[1], USER, 0);
    admit(&world->zones[2], USER, 0);
    becomes(world, &stranger, "www",
            "D: www.internal is reserved for others than uid 2000 by "
            "internal:5 (zones that refuse it: 3)");
    becomes(world, &stranger, "ns",
            "D: ns.internal is a name server of zone internal, and so for "
            "root and uid 1000 alone, unless `names` of zone internal gives "
            "it to others (zones that refuse it: 3)");
}

static bool is_www_internal(const void *context, const char *name)
{
    (void)context;
    return strcmp(name, "www.internal") == 0;
}

/* Rules for names are skipped. */
static void a_name_accepted_before_is_subject_to_publishers_alone(void **state)
{
    struct world *world = *state;
    struct full_names_request request = {
        .name = "www", .publisher.uid = STRANGER, .accepted = is_www_internal};
    for (int i = 1; i < 4; i++) {
        reserve(&world->zones[i], "www", USER);
        complete(&world->zones[i]);
    }
    char why[FULL_NAMES_WHY_MAX];
    assert_int_equal(full_names_find(&world->full_names, &request, why), FULL_NAMES_OK);
    assert_int_equal(world->full_names.n_names, 1);
    assert_string_equal(world->full_names.names[0].name, "www.internal");
    assert_int_equal(world->full_names.n_kept_out, 2);
    admit(&world->zones[3], USER, 0);
    assert_int_equal(full_names_find(&world->full_names, &request, why), FULL_NAMES_DENIED);
}

static void a_zone_that_refuses_the_user_measures_no_length(void **state)
{
    struct world *world = *state;
    char name[NAME_TEXT_MAX + 1];
    for (int i = 0; i < 244; i++)
        name[i] = i % 64 == 63 ? '.' : 'a';
    name[244] = '\0';
    world->zones[2].relative = false; /* 244 octets and ".internal" are the most */
    char expected[2 * NAME_TEXT_MAX];
    sprintf(expected, "N: %s.box.example is longer than 253 octets", name);
    struct zone_publisher stranger = {.uid = STRANGER};
    becomes(world, &stranger, name, expected);
    admit(&world->zones[1], USER, 0);
    sprintf(expected, "%s.internal", name);
    becomes(world, &stranger, name, expected);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_name_is_found_in_each_zone_that_takes_it),
        TEST(a_wildcard_is_for_zones_that_take_wildcards),
        TEST(a_relative_name_skips_zones_that_refuse_the_user),
        TEST(the_deepest_zone_decides_about_a_name),
        TEST(a_name_that_no_zone_gives_is_denied),
        TEST(a_zone_with_a_refusing_rule_is_skipped),
        TEST(a_name_accepted_before_is_subject_to_publishers_alone),
        TEST(a_zone_that_refuses_the_user_measures_no_length),
        TEST(labels_below_the_zone_have_a_limit),
        TEST(a_zone_that_refuses_the_user_counts_no_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
