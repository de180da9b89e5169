/* Who holds which name: the names of a request, who may have them, and what is left afterwards. */
#include "../../phonebookd/state/registry.h"

#include "../../phonebookd/limits.h"
#include "room.h"

#include <stdio.h>

#define TTL_OF(seconds)                                                                            \
    ((struct request_options){.ttl = (seconds), .wait = -1, .linger = -1, .id = -1})

enum { ZONES = 4, SINCE = 1700000000 };

struct world {
    struct room room;           /* box.example, deep.internal, internal, wild.example; no holders */
    struct registration *added; /* by the last request() */
    char why[REGISTRY_WHY_MAX];
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct zone *zones = world->room.zones;
    room_init(&world->room, "box.example=main deep.internal=main internal=main wild.example=main",
              0);
    zones[1].relative = false;
    zones[3].relative = false;
    zones[3].wildcards = true;
    for (int i = 0; i < ZONES; i++)
        zones[i].owner = 7; /* who may have an apex below */
    *state = world;
    return 0;
}

/* Each test has dropped what it added, so nothing may be left. */
static int teardown(void **state)
{
    struct world *world = *state;
    int left = room_has_left(&world->room);
    room_fini(&world->room);
    free(world);
    return left;
}

static enum registry_outcome request_on(struct world *world, struct holder *holder,
                                        const char *name, const char *interface)
{
    return registry_add(&world->room.registry, holder, name, interface, &no_request_options, SINCE,
                        false, &world->added, world->why);
}

static enum registry_outcome request(struct world *world, struct holder *holder, const char *name)
{
    return request_on(world, holder, name, "eth0");
}

static void append(void *entry, void *context)
{
    struct listing *listing = entry;
    char *text = context;
    if (*text)
        strcat(text, " ");
    strcat(text, listing->name);
}

static void expect_listings(struct world *world, const char *expected)
{
    char names[4096] = "";
    listings_each(&world->room.registry.listings, append, names);
    assert_string_equal(names, expected);
}

/* Steps from name to name, while names may be removed. */
static void expect_steps(struct world *world, const char *expected)
{
    char names[4096] = "", zone[NAME_TEXT_MAX + 1] = "", name[NAME_TEXT_MAX + 1] = "";
    const struct listing *next;
    while ((next = listings_next(&world->room.registry.listings, zone, name))) {
        append((struct listing *)next, names);
        strcpy(zone, next->zone->name);
        strcpy(name, next->name);
    }
    assert_string_equal(names, expected);
}

static void expect_names(const struct registration *registration, const char *expected)
{
    char names[4096] = "";
    for (size_t i = 0; i < registration->n_claims; i++)
        append(registration->claims[i].listing, names);
    assert_string_equal(names, expected);
}

static void expect_why(const struct world *world, const char *part)
{
    if (!strstr(world->why, part))
        fail_msg("\"%s\" does not say \"%s\"", world->why, part);
}

static const struct listing *listing_of(const struct registration *registration, size_t i)
{
    return registration->claims[i].listing;
}

#define LABEL63 "a23456789012345678901234567890123456789012345678901234567890123"
#define NAME253                                                                                    \
    LABEL63 "." LABEL63 "." LABEL63 "."                                                            \
            "a234567890123456789012345678901234567890123456789012345678901"
#define NAME241                                                                                    \
    LABEL63 "." LABEL63 "." LABEL63 "."                                                            \
            "a234567890123456789012345678901234567890123456789"
#define NAME242 NAME241 "x"

static void a_request_becomes_full_names(void **state)
{
    static const struct {
        const char *name, *becomes;
    } cases[] = {
        {"www", "www.box.example www.internal"},
        {"WwW", "www.box.example www.internal"},
        {"a.b-c.d_e", "a.b-c.d_e.box.example a.b-c.d_e.internal"},
        {"@", "box.example internal"},
        /* absolute: by the zone, or by the dot */
        {"www.internal", "www.internal"},
        {"www.internal.", "www.internal"},
        {"internal", "internal"},
        {"INTERNAL.", "internal"},
        {"x.wild.example", "x.wild.example"},
        {"wild.example", "wild.example"},
        /* ends in a zone's letters, but is not below it */
        {"www-internal", "www-internal.box.example www-internal.internal"},
        {"xinternal", "xinternal.box.example xinternal.internal"},
        /* the deepest zone */
        {"www.deep.internal", "www.deep.internal"},
        {"deep.internal", "deep.internal"},
        {"www.deep", "www.deep.box.example www.deep.internal"},
        /* wildcards if the zone allows them */
        {"*.wild.example", "*.wild.example"},
        {"*.a.wild.example.", "*.a.wild.example"},
        {NAME241, NAME241 ".box.example " NAME241 ".internal"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct holder holder = {.uid = 7, .owner = 7};
        if (request(world, &holder, cases[i].name) != REGISTRY_OK)
            fail_msg("%s: %s", cases[i].name, world->why);
        expect_names(world->added, cases[i].becomes);
        expect_listings(world, cases[i].becomes);
        assert_string_equal(world->added->name, cases[i].name);
        assert_int_equal(world->added->since, SINCE);
        registry_drop_holder(&world->room.registry, &holder);
        expect_listings(world, "");
    }
}

static void a_name_belongs_to_the_deepest_zone(void **state)
{
    struct world *world = *state;
    struct holder holder = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &holder, "www.deep.internal"), REGISTRY_OK);
    assert_ptr_equal(listing_of(world->added, 0)->zone, world->room.list[1]);
    assert_int_equal(request(world, &holder, "www.internal"), REGISTRY_OK);
    assert_ptr_equal(listing_of(world->added, 0)->zone, world->room.list[2]);
    /* "internal" appended, but the full name is the deeper zone's */
    assert_int_equal(request(world, &holder, "www.deep"), REGISTRY_OK);
    assert_ptr_equal(listing_of(world->added, 1)->zone, world->room.list[1]);
    registry_drop_holder(&world->room.registry, &holder);
}

static void refused_requests_change_nothing(void **state)
{
    static const struct {
        const char *name;
        enum registry_outcome outcome;
        const char *why;
    } cases[] = {
        {"", REGISTRY_NAME, ""},
        {".", REGISTRY_NAME, ""},
        {"a..b", REGISTRY_NAME, ""},
        {"-\x01", REGISTRY_NAME, ""},
        {"w:w", REGISTRY_NAME, ""},
        {"w w", REGISTRY_NAME, ""},
        {"*", REGISTRY_NAME, ""},
        {"a.*.internal", REGISTRY_NAME, ""},
        {"x*.internal", REGISTRY_NAME, ""},
        {"@.internal", REGISTRY_NAME, ""},
        {LABEL63 "x", REGISTRY_NAME, "63"},
        {NAME253 "x", REGISTRY_NAME, "253"},
        {NAME253, REGISTRY_NAME, "a23456789"}, /* this zone makes it too long */
        {NAME242, REGISTRY_NAME, ".box.example is longer than 253 octets"},
        {"www.", REGISTRY_ZONE, "www is in no zone"},
        {"example.", REGISTRY_ZONE, "example is in no zone"},
        {"www.example.org.", REGISTRY_ZONE, "www.example.org"},
        {"*.internal", REGISTRY_ZONE, "wildcard"},
        {"*.www", REGISTRY_ZONE, "wildcard"},
    };
    struct world *world = *state;
    struct holder holder = {.uid = 7, .owner = 7};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum registry_outcome outcome = request(world, &holder, cases[i].name);
        if (outcome != cases[i].outcome)
            fail_msg("%s: outcome %d, %s", cases[i].name, outcome, world->why);
        expect_why(world, cases[i].why);
        assert_true(world->why[0]);
        assert_null(holder.registrations);
        expect_listings(world, "");
        assert_null(world->room.accounts.by_owner);
    }
}

static void a_relative_name_needs_a_zone_that_takes_it(void **state)
{
    struct world *world = *state;
    world->room.zones[0].relative = world->room.zones[2].relative = false;
    struct holder holder = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &holder, "www"), REGISTRY_ZONE);
    expect_why(world, "takes relative names");
    assert_int_equal(request(world, &holder, "@"), REGISTRY_ZONE);
    registry_init(&world->room.registry, &world->room.accounts, NULL, 0);
    assert_int_equal(request(world, &holder, "www"), REGISTRY_ZONE);
    assert_int_equal(request(world, &holder, "www.internal."), REGISTRY_ZONE);
}

static void a_relative_wildcard_gets_into_zones_that_allow_it(void **state)
{
    struct world *world = *state;
    world->room.zones[2].wildcards = true;
    struct holder holder = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &holder, "*.www"), REGISTRY_OK);
    expect_names(world->added, "*.www.internal");
    registry_drop_holder(&world->room.registry, &holder);
}

static void connections_of_one_uid_share_a_name(void **state)
{
    struct world *world = *state;
    struct holder first = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &first, "www.internal"), REGISTRY_OK);
    const struct listing *listing = listing_of(world->added, 0);
    ((struct listing *)listing)->state = LISTING_SHOWN;
    struct holder second = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &second, "www"), REGISTRY_OK);
    assert_int_equal(request_on(world, &first, "www.internal", "eth1"), REGISTRY_OK);
    assert_ptr_equal(listing_of(world->added, 0), listing);
    assert_int_equal(listing->state, LISTING_NEW); /* to be looked at again */
    expect_listings(world, "www.box.example www.internal");
    assert_int_equal(world->room.registry.listings.n, 2);

    registry_drop_holder(&world->room.registry, &first);
    expect_listings(world, "www.box.example www.internal");
    registry_drop_holder(&world->room.registry, &second);
    expect_listings(world, "");
}

/* From the middle, the end and the beginning of a listing's list. */
static void holders_may_leave_in_any_order(void **state)
{
    struct world *world = *state;
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct holder holders[3] = {
            {.uid = 7, .owner = 7}, {.uid = 7, .owner = 7}, {.uid = 7, .owner = 7}};
        for (int j = 0; j < 3; j++)
            assert_int_equal(request(world, &holders[j], "www.internal"), REGISTRY_OK);
        for (int j = 0; j < 3; j++) {
            const struct claim *claim = listing_of(world->added, 0)->claims;
            for (int left = 0; claim; claim = claim->next, left++) {
                assert_true(left < 3 - j);
                assert_true(!claim->next || claim->next->previous == claim);
            }
            if (orders[i][j] == 2 && j < 2) /* look at one that stays */
                world->added = holders[orders[i][2]].registrations;
            registry_drop_holder(&world->room.registry, &holders[orders[i][j]]);
        }
        expect_listings(world, "");
    }
}

static void another_uid_is_refused_a_held_name(void **state)
{
    struct world *world = *state;
    struct holder first = {.uid = 7, .owner = 7, .pid = 4711};
    assert_int_equal(request_on(world, &first, "www.internal", "macv0"), REGISTRY_OK);
    struct holder second = {.uid = 8, .owner = 8};
    assert_int_equal(request(world, &second, "www"), REGISTRY_IN_USE);
    expect_why(world, "www.internal");
    expect_why(world, "uid 7");
    expect_why(world, "4711");
    expect_why(world, "macv0");
    /* no part of it was registered, in the other zone either */
    expect_listings(world, "www.internal");
    assert_null(second.registrations);
    registry_drop_holder(&world->room.registry, &first);
    assert_int_equal(request(world, &second, "www"), REGISTRY_OK);
    assert_int_equal(request(world, &first, "WWW.Internal."), REGISTRY_IN_USE);
    registry_drop_holder(&world->room.registry, &second);
}

/* Static files have "alias" in every zone. */
static bool static_alias(void *owner, const struct zone *zone, const char *name,
                         char why[static REGISTRY_WHY_MAX])
{
    (void)owner, (void)zone;
    snprintf(why, REGISTRY_WHY_MAX, "%s: file:7 has a CNAME", name);
    return strncmp(name, "alias.", 6) == 0;
}

static void a_name_that_a_static_file_has_is_refused_unless_held(void **state)
{
    struct world *world = *state;
    world->room.registry.clashes_with_static = static_alias;
    struct holder holder = {.uid = 0};
    assert_int_equal(request(world, &holder, "alias"), REGISTRY_IN_USE);
    expect_why(world, "file:7 has a CNAME");
    expect_listings(world, "");
    assert_int_equal(request(world, &holder, "www"), REGISTRY_OK);
    world->room.registry.clashes_with_static = NULL;
    assert_int_equal(request(world, &holder, "alias"), REGISTRY_OK);
    world->room.registry.clashes_with_static = static_alias; /* the file came later */
    assert_int_equal(request(world, &holder, "alias"), REGISTRY_OK);
    struct holder second = {.uid = 0};
    assert_int_equal(request(world, &second, "alias"), REGISTRY_OK);
    registry_drop_holder(&world->room.registry, &holder);
    registry_drop_holder(&world->room.registry, &second);
}

static void root_takes_no_name_from_its_holder(void **state)
{
    struct world *world = *state;
    struct holder first = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &first, "www"), REGISTRY_OK);
    struct holder root = {.uid = 0, .owner = 0};
    assert_int_equal(request(world, &root, "www"), REGISTRY_IN_USE);
    registry_drop_holder(&world->room.registry, &first);
}

static void a_repeated_request_renews_the_registration(void **state)
{
    struct world *world = *state;
    struct holder holder = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &holder, "www.internal"), REGISTRY_OK);
    struct registration *first = world->added;
    struct listing *listing = first->claims[0].listing;
    listing->state = LISTING_SHOWN;
    first->kept = true;

    assert_int_equal(request(world, &holder, "www.internal"), REGISTRY_OK);
    assert_ptr_equal(world->added, first);
    assert_true(first->kept);
    assert_int_equal(listing->state, LISTING_SHOWN);

    assert_int_equal(registry_add(&world->room.registry, &holder, "www.internal", "eth0",
                                  &TTL_OF(30), SINCE + 5, false, &world->added, world->why),
                     REGISTRY_OK);
    assert_ptr_equal(world->added, first);
    assert_int_equal(first->options.ttl, 30);
    assert_int_equal(first->since, SINCE);
    assert_false(first->kept);
    assert_int_equal(listing->state, LISTING_NEW);
    assert_int_equal(holder.n_registrations, 1);

    /* another interface is another registration */
    assert_int_equal(request_on(world, &holder, "www.internal", "eth1"), REGISTRY_OK);
    assert_int_equal(holder.n_registrations, 2);
    registry_drop(&world->room.registry, first);
    expect_listings(world, "www.internal");
    registry_drop_holder(&world->room.registry, &holder);
}

static void a_drop_takes_one_registration_alone(void **state)
{
    struct world *world = *state;
    struct holder holder = {.uid = 7, .owner = 7};
    static const char *const names[] = {"a.internal", "b.internal", "c.internal"};
    struct registration *all[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(request(world, &holder, names[i]), REGISTRY_OK);
        all[i] = world->added;
    }
    registry_drop(&world->room.registry, all[1]);
    expect_listings(world, "a.internal c.internal");
    registry_drop(&world->room.registry, all[2]);
    expect_listings(world, "a.internal");
    assert_int_equal(holder.n_registrations, 1);
    assert_ptr_equal(holder.registrations, all[0]);
    registry_drop(&world->room.registry, all[0]);
}

static size_t fill(struct world *world, struct holder *holder, size_t first, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%zu.internal", first + i);
        if (request(world, holder, name) != REGISTRY_OK)
            return i;
    }
    return most;
}

static void a_connection_has_a_limit_of_registrations(void **state)
{
    struct world *world = *state;
    struct holder holders[2] = {{.uid = 7, .owner = 7}, {.uid = 0, .owner = 0}};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fill(world, &holders[i], 0, 100), REGISTRATIONS_PER_CONNECTION);
        assert_int_equal(request(world, &holders[i], "more"), REGISTRY_LIMIT);
        expect_why(world, "64");
        /* one that it has already is accepted */
        assert_int_equal(request(world, &holders[i], "n5.internal"), REGISTRY_OK);
        registry_drop(&world->room.registry, world->added);
        assert_int_equal(request(world, &holders[i], "more"), REGISTRY_OK);
        registry_drop_holder(&world->room.registry, &holders[i]);
    }
}

static void a_uid_has_a_limit_of_registrations(void **state)
{
    enum { FULL = REGISTRATIONS_PER_USER / REGISTRATIONS_PER_CONNECTION };
    struct world *world = *state;
    struct holder holders[FULL + 1] = {0};
    for (int i = 0; i <= FULL; i++)
        holders[i].uid = holders[i].owner = 7;
    for (int i = 0; i < FULL; i++)
        assert_int_equal(fill(world, &holders[i], (size_t)i * 100, REGISTRATIONS_PER_CONNECTION),
                         REGISTRATIONS_PER_CONNECTION);
    assert_int_equal(request(world, &holders[FULL], "more"), REGISTRY_LIMIT);
    expect_why(world, "uid 7 holds 512");
    expect_why(world, "512");
    assert_int_equal(world->room.registry.listings.n, REGISTRATIONS_PER_USER);
    struct holder other = {.uid = 8, .owner = 8};
    assert_int_equal(request(world, &other, "more"), REGISTRY_OK);
    registry_drop_holder(&world->room.registry, &other);
    /* a former phonebookd accepted it, perhaps with another limit */
    assert_int_equal(registry_add(&world->room.registry, &holders[FULL], "more", "eth0",
                                  &no_request_options, SINCE, true, &world->added, world->why),
                     REGISTRY_OK);
    for (int i = 0; i <= FULL; i++)
        registry_drop_holder(&world->room.registry, &holders[i]);
}

static void root_has_no_limit_of_registrations(void **state)
{
    enum { MANY = 20 };
    struct world *world = *state;
    struct holder holders[MANY] = {0};
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(fill(world, &holders[i], i * 100, REGISTRATIONS_PER_CONNECTION),
                         REGISTRATIONS_PER_CONNECTION);
    for (int i = 0; i < MANY; i++)
        registry_drop_holder(&world->room.registry, &holders[i]);
}

/* What a former phonebookd accepted counts, and is never refused; a part is for root. */
static void all_users_together_have_a_limit(void **state)
{
    enum { ALL = 2 * ACCOUNTS_ROOT_SHARE, OTHERS = ALL - 2 };
    struct world *world = *state;
    struct holder user = {.uid = 7, .owner = 7};
    size_t *total = &world->room.accounts.total[ACCOUNT_REGISTRATIONS];
    assert_int_equal(fill(world, &user, 0, OTHERS - 1), OTHERS - 1);
    *total = ALL;
    struct holder other = {.uid = 8, .owner = 8};
    assert_int_equal(fill(world, &other, 100, 10), 1);
    assert_int_equal(request(world, &user, "more"), REGISTRY_FULL);
    expect_why(world, "uid 7 holds 29 registrations, and 2 of 32 are left: the rest is kept for "
                      "root");
    assert_int_equal(request(world, &user, "n0.internal"), REGISTRY_OK); /* which it has */
    struct holder root = {.uid = 0, .owner = 0};
    assert_int_equal(fill(world, &root, 200, 10), 2);
    assert_int_equal(request(world, &root, "more"), REGISTRY_FULL);
    assert_int_equal(registry_add(&world->room.registry, &user, "taken", "eth0",
                                  &no_request_options, SINCE, true, &world->added, world->why),
                     REGISTRY_OK);
    registry_drop_holder(&world->room.registry, &root);
    assert_int_equal(request(world, &other, "more"), REGISTRY_FULL); /* one too many exists */
    registry_drop(&world->room.registry, user.registrations);
    registry_drop(&world->room.registry, user.registrations);
    assert_int_equal(request(world, &other, "more"), REGISTRY_OK);
    registry_drop_holder(&world->room.registry, &user);
    registry_drop_holder(&world->room.registry, &other);
    *total = 1; /* even then there is room for one */
    assert_int_equal(request(world, &other, "more"), REGISTRY_OK);
    registry_drop_holder(&world->room.registry, &other);
}

/* The refusal says how much is left. */
static void one_user_may_have_half_of_what_is_left(void **state)
{
    struct world *world = *state;
    world->room.accounts.total[ACCOUNT_REGISTRATIONS] = 64;
    struct holder user = {.uid = 7, .owner = 7};
    assert_int_equal(fill(world, &user, 0, 20), 20);
    struct holder sub = {.uid = 100007, .owner = 7};
    assert_int_equal(fill(world, &sub, 100, 20), 12);
    assert_int_equal(request(world, &sub, "more"), REGISTRY_LIMIT);
    expect_why(world, "uid 7 with its range (subuid) holds 32 registrations, and 32 of 64 are "
                      "left: a user may hold half of what others do not hold");
    struct holder other = {.uid = 8, .owner = 8};
    assert_int_equal(fill(world, &other, 200, 20), 16);
    registry_drop_holder(&world->room.registry, &user);
    registry_drop_holder(&world->room.registry, &sub);
    registry_drop_holder(&world->room.registry, &other);
    assert_null(world->room.accounts.by_owner);
}

static void labels_are_counted_in_new_requests_alone(void **state)
{
    struct world *world = *state;
    struct zone *zone = (struct zone *)zone_of(world->room.registry.zones,
                                               world->room.registry.n_zones, "x.internal");
    assert_non_null(zone);
    if (!zone) /* the analyzer does not know that the test has ended */
        return;
    zone->labels_max = 1;
    struct holder user = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &user, "a.b.internal"), REGISTRY_NAME);
    expect_why(world, "labels-max");
    for (enum registry_origin from = REGISTRY_TAKEN; from <= REGISTRY_TAKEN_IN_PART; from++) {
        assert_int_equal(registry_add(&world->room.registry, &user, "a.b.internal", "eth0",
                                      &no_request_options, SINCE, from, &world->added, world->why),
                         REGISTRY_OK);
        assert_int_equal(world->added->n_claims, 1);
        registry_drop_holder(&world->room.registry, &user);
    }
    zone->labels_max = 8;
}

/* Two users may have this uid. */
static void connections_of_the_overflow_uid_share_no_name(void **state)
{
    struct world *world = *state;
    struct holder first = {.uid = 65534, .owner = 65534, .nobody = true}, second = first;
    assert_int_equal(request(world, &first, "www.internal"), REGISTRY_OK);
    assert_int_equal(request(world, &second, "www.internal"), REGISTRY_IN_USE);
    expect_why(world, "several users may be behind that uid");
    assert_int_equal(request(world, &second, "a.www.internal"), REGISTRY_DENIED);
    assert_int_equal(request(world, &first, "a.www.internal"), REGISTRY_OK);
    assert_int_equal(registry_add(&world->room.registry, &first, "www.internal", "eth1",
                                  &no_request_options, SINCE, REGISTRY_ASKED, &world->added,
                                  world->why),
                     REGISTRY_OK); /* its own name */
    assert_int_equal(registry_add(&world->room.registry, &second, "www.internal", "eth0",
                                  &no_request_options, SINCE, REGISTRY_TAKEN, &world->added,
                                  world->why),
                     REGISTRY_OK); /* a former phonebookd accepted it */
    registry_drop_holder(&world->room.registry, &first);
    registry_drop_holder(&world->room.registry, &second);
}

static void listings_are_walked_by_zone_and_name(void **state)
{
    static const char *const names[][5] = {{"b", "a.internal", "@", "z.wild.example", "a.b"},
                                           {"a.b", "z.wild.example", "@", "a.internal", "b"}};
    static const char in_order[] = "a.b.box.example b.box.example box.example "
                                   "a.b.internal a.internal b.internal internal z.wild.example";
    struct world *world = *state;
    for (int i = 0; i < 2; i++) {
        struct holder holder = {.uid = 7, .owner = 7};
        for (int j = 0; j < 5; j++)
            assert_int_equal(request(world, &holder, names[i][j]), REGISTRY_OK);
        expect_listings(world, in_order);
        expect_steps(world, in_order);
        registry_drop_holder(&world->room.registry, &holder);
    }
}

/* ---- other zones ---- */

static struct namespace somewhere;
static char lost_names[1024];

static void note_lost(const struct registration *registration, const char *why)
{
    snprintf(lost_names + strlen(lost_names), sizeof lost_names - strlen(lost_names), "%s(%u) %s;",
             registration->name, registration->holder->uid, why);
}

static void set_zones(struct world *world, const struct zone *const *zones, size_t n_zones,
                      struct holder *const *holders, size_t n_holders)
{
    lost_names[0] = '\0';
    assert_true(
        registry_set_zones(&world->room.registry, zones, n_zones, holders, n_holders, note_lost));
}

static void new_zones_make_new_names(void **state)
{
    struct world *world = *state;
    struct zone example = made_zone("example.net", "main"), internal = made_zone("internal", "x");
    const struct zone *zones[] = {&example, &internal};
    struct holder a = {.uid = 7, .owner = 7, .namespace = &somewhere},
                  b = {.uid = 8, .owner = 8, .namespace = &somewhere};
    struct holder *holders[] = {&a, &b};
    assert_int_equal(request(world, &a, "www"), REGISTRY_OK);
    assert_int_equal(request(world, &b, "mail.internal"), REGISTRY_OK);
    assert_int_equal(request(world, &a, "gone.wild.example"), REGISTRY_OK);
    set_zones(world, zones, 2, holders, 2);
    /* "gone.wild.example" is in no zone any more, so it is relative now */
    expect_listings(world, "gone.wild.example.example.net www.example.net "
                           "gone.wild.example.internal mail.internal www.internal");
    assert_string_equal(lost_names, "");
    assert_ptr_equal(listing_of(b.registrations, 0)->zone, &internal);
    assert_int_equal(listing_of(b.registrations, 0)->state, LISTING_NEW);
    set_zones(world, world->room.list, ZONES, holders, 2);
    expect_listings(world, "www.box.example mail.internal www.internal gone.wild.example");
    registry_drop_holder(&world->room.registry, &a);
    registry_drop_holder(&world->room.registry, &b);
    zone_fini(&example);
    zone_fini(&internal);
}

static void a_registration_without_a_zone_waits_for_one(void **state)
{
    struct world *world = *state;
    struct holder a = {.uid = 7, .owner = 7, .namespace = &somewhere};
    struct holder *holders[] = {&a};
    assert_int_equal(request(world, &a, "www.internal."), REGISTRY_OK);
    set_zones(world, &world->room.list[0], 1, holders, 1);
    assert_string_equal(lost_names,
                        "www.internal.(7) www.internal is in no zone of this phonebook;");
    expect_listings(world, "");
    assert_int_equal(a.n_registrations, 1);
    assert_int_equal(a.registrations->n_claims, 0);
    assert_int_equal(request(world, &a, "www.internal."), REGISTRY_ZONE); /* not "ok" and no name */
    assert_int_equal(a.n_registrations, 1);
    set_zones(world, world->room.list, ZONES, holders, 1);
    expect_listings(world, "www.internal");
    assert_string_equal(lost_names, "");
    set_zones(world, NULL, 0, holders, 1);
    registry_drop_holder(&world->room.registry, &a);
}

static void the_older_registration_gets_the_name(void **state)
{
    struct world *world = *state;
    struct holder young = {.uid = 7, .owner = 7, .pid = 70, .namespace = &somewhere},
                  old = {.uid = 8, .owner = 8, .pid = 80, .namespace = &somewhere};
    struct holder *holders[] = {&young, &old};
    /* apart as long as only one of the two zones takes relative names */
    world->room.zones[0].relative = false;
    struct registration *added;
    assert_int_equal(registry_add(&world->room.registry, &young, "a.box.example", "eth0",
                                  &no_request_options, SINCE + 9, false, &added, world->why),
                     REGISTRY_OK);
    assert_int_equal(registry_add(&world->room.registry, &young, "b", "eth0", &no_request_options,
                                  SINCE + 9, false, &added, world->why),
                     REGISTRY_OK);
    assert_int_equal(registry_add(&world->room.registry, &old, "a", "eth5", &no_request_options,
                                  SINCE, false, &added, world->why),
                     REGISTRY_OK);
    world->room.zones[0].relative = true;
    set_zones(world, world->room.list, ZONES, holders, 2);
    expect_listings(world, "a.box.example b.box.example a.internal b.internal");
    assert_int_equal(listing_of(old.registrations, 0)->uid, 8);
    assert_non_null(strstr(lost_names, "a.box.example(7) a.box.example is held by uid 8 (pid 80"));
    /* only whole registrations: one that clashes in a zone is in none */
    assert_int_equal(young.n_registrations, 2);
    assert_int_equal(request(world, &young, "a.box.example"), REGISTRY_IN_USE);
    registry_drop_holder(&world->room.registry, &old);
    expect_listings(world, "b.box.example b.internal");
    assert_int_equal(request(world, &young, "a.box.example"), REGISTRY_OK); /* now it is free */
    assert_int_equal(young.n_registrations, 2);
    expect_listings(world, "a.box.example b.box.example b.internal");
    set_zones(world, world->room.list, ZONES, holders, 1);
    expect_listings(world, "a.box.example b.box.example b.internal");
    registry_drop_holder(&world->room.registry, &young);
}

static void what_was_accepted_is_kept_until_a_zone_takes_it(void **state)
{
    struct world *world = *state;
    struct holder a = {.uid = 7, .owner = 7, .namespace = &somewhere}, b = {.uid = 8, .owner = 8};
    struct holder *holders[] = {&a, &b};
    struct registration *r =
        registry_keep(&world->room.registry, &a, "www.other.", "eth0", &TTL_OF(5), SINCE);
    assert_int_equal(a.n_registrations, 1);
    assert_int_equal(r->n_claims, 0);
    assert_ptr_equal(
        registry_keep(&world->room.registry, &a, "www.other.", "eth0", &TTL_OF(6), SINCE), r);
    assert_int_equal(r->options.ttl, 6);
    assert_int_equal(r->since, SINCE);
    expect_listings(world, "");
    struct zone other = made_zone("other", "main");
    const struct zone *zones[] = {&other};
    set_zones(world, zones, 1, holders, 2);
    expect_listings(world, "www.other");
    assert_int_equal(r->options.ttl, 6);

    /* a holder without a namespace has no name */
    registry_keep(&world->room.registry, &b, "b", "eth0", &no_request_options, SINCE);
    set_zones(world, zones, 1, holders, 2);
    assert_string_equal(lost_names, "");
    expect_listings(world, "www.other");
    assert_int_equal(request(world, &b, "b"), REGISTRY_OK); /* its holder has a namespace now */
    assert_int_equal(b.n_registrations, 1);
    expect_listings(world, "b.other www.other");
    registry_drop_holder(&world->room.registry, &a);
    registry_drop_holder(&world->room.registry, &b);
    zone_fini(&other);
}

static void a_walk_goes_on_behind_a_listing_that_has_gone(void **state)
{
    static const char *const cases[][3] = {
        {"", "", "b.box.example"},
        {"box.example", "b.box.example", "d.box.example"},
        {"box.example", "c.box.example", "d.box.example"},
        {"box.example", "d.box.example", "b.internal"},
        {"deep.internal", "x.deep.internal", "b.internal"},
        {"internal", "c.internal", "d.internal"},
        {"internal", "d.internal", NULL},
        {"zzz", "", NULL},
    };
    struct world *world = *state;
    assert_null(listings_next(&world->room.registry.listings, "", ""));
    struct holder holder = {.uid = 7, .owner = 7};
    assert_int_equal(request(world, &holder, "b"), REGISTRY_OK);
    assert_int_equal(request(world, &holder, "c"), REGISTRY_OK);
    struct registration *gone = world->added;
    assert_int_equal(request(world, &holder, "d"), REGISTRY_OK);
    registry_drop(&world->room.registry, gone);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct listing *next =
            listings_next(&world->room.registry.listings, cases[i][0], cases[i][1]);
        if (cases[i][2])
            assert_string_equal(next->name, cases[i][2]);
        else
            assert_null(next);
    }
    registry_drop_holder(&world->room.registry, &holder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_request_becomes_full_names),
        TEST(a_name_belongs_to_the_deepest_zone),
        TEST(refused_requests_change_nothing),
        TEST(a_relative_name_needs_a_zone_that_takes_it),
        TEST(a_relative_wildcard_gets_into_zones_that_allow_it),
        TEST(connections_of_one_uid_share_a_name),
        TEST(holders_may_leave_in_any_order),
        TEST(another_uid_is_refused_a_held_name),
        TEST(a_name_that_a_static_file_has_is_refused_unless_held),
        TEST(root_takes_no_name_from_its_holder),
        TEST(a_repeated_request_renews_the_registration),
        TEST(a_drop_takes_one_registration_alone),
        TEST(a_connection_has_a_limit_of_registrations),
        TEST(a_uid_has_a_limit_of_registrations),
        TEST(root_has_no_limit_of_registrations),
        TEST(all_users_together_have_a_limit),
        TEST(one_user_may_have_half_of_what_is_left),
        TEST(connections_of_the_overflow_uid_share_no_name),
        TEST(labels_are_counted_in_new_requests_alone),
        TEST(listings_are_walked_by_zone_and_name),
        TEST(a_walk_goes_on_behind_a_listing_that_has_gone),
        TEST(new_zones_make_new_names),
        TEST(a_registration_without_a_zone_waits_for_one),
        TEST(the_older_registration_gets_the_name),
        TEST(what_was_accepted_is_kept_until_a_zone_takes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
