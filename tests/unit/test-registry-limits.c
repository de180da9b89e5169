/* How many addresses names may have: which registrations are refused, with which text, and what a
 * name that grew shows. */
#include "../../phonebookd/limits.h"
#include "looked.h"
#include "room.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { ZONES = 3, HOLDERS = 40, SINCE = 1 };

struct world {
    struct room room; /* a.example (database other), internal, lan; the newest cookie first */
    struct looked main, other; /* databases */
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct holder *holders = world->room.holders;
    room_init(&world->room, "a.example=other internal=main lan=main", HOLDERS);
    for (int i = 0; i < ZONES; i++)
        world->room.zones[i].relative = false;
    for (int i = 0; i < HOLDERS / 2; i++) {
        struct namespace *namespace = holders[i].namespace;
        holders[i].namespace = holders[HOLDERS - 1 - i].namespace;
        holders[HOLDERS - 1 - i].namespace = namespace;
    }
    for (int i = 0; i < HOLDERS; i++)
        holders[i].uid = holders[i].owner = 7;
    looked_init(&world->main, "main", &world->room.registry);
    looked_init(&world->other, "other", &world->room.registry);
    *state = world;
    return 0;
}

/* When nothing is registered, nothing is counted. */
static int teardown(void **state)
{
    struct world *world = *state;
    room_empty(&world->room);
    for (int i = 0; i < 2; i++) { /* then users who owe time are forgotten */
        looked_at(&world->main, UINT32_MAX);
        looked_at(&world->other, UINT32_MAX);
    }
    int left = room_has_left(&world->room) || world->room.registry.listings.budgets.by_name ||
               world->room.registry.listings.budgets.by_owner;
    looked_fini(&world->main);
    looked_fini(&world->other);
    room_fini(&world->room);
    free(world);
    return left;
}

/* Gives the holder's namespace this one link, with n addresses, and another name for it. */
static void grow(struct world *world, int holder, const char *name, size_t n)
{
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    snapshot_add_link(&snapshot, 5, true, name);
    snapshot_add_altname(&snapshot, 5, "also");
    for (size_t i = 0; i < n; i++) {
        struct address address = {
            .family = i % 2 ? AF_INET : AF_INET6,
            .octets = {i % 2 ? 10 : 0xfd, (uint8_t)holder, (uint8_t)(i >> 8), (uint8_t)i}};
        snapshot_add_address(&snapshot, 5, &address);
    }
    snapshot_finish(&snapshot);
    assert_int_equal(snapshot.n_cut, 0);
    interfaces_replace(world->room.holders[holder].namespace, &snapshot);
    snapshot_fini(&snapshot);
}

static enum registry_outcome request_on(struct world *world, int holder, const char *name,
                                        const char *interface)
{
    strcpy(world->why, "");
    return registry_add(&world->room.registry, &world->room.holders[holder], name, interface,
                        &no_request_options, SINCE, false, &world->added, world->why);
}

static enum registry_outcome request(struct world *world, int holder, const char *name)
{
    return request_on(world, holder, name, "eth0");
}

static void collect_now(struct world *world, const char *database)
{
    looked_and_made(strcmp(database, "main") == 0 ? &world->main : &world->other);
}

static const struct listing *listing_of(const struct world *world, const char *name)
{
    const struct zone *zone = zone_of(world->room.list, ZONES, name);
    const struct listing *listing = listings_find(&world->room.registry.listings, zone, name);
    assert_non_null(listing);
    return listing;
}

static const struct budget *budget_of(const struct world *world, const char *name)
{
    return listing_of(world, name)->budget;
}

/* However many registrations name the link, by any of its names. */
static void a_link_counts_once_in_a_name(void **state)
{
    enum { EACH = 1000 };
    static const char *const interfaces[] = {"eth0", "also"};
    struct world *world = *state;
    grow(world, 0, "eth0", EACH);
    world->room.holders[1].namespace = world->room.holders[2].namespace =
        world->room.holders[0].namespace;
    for (int i = 0; i < 6; i++)
        assert_int_equal(request_on(world, i / 2, "www.internal", interfaces[i % 2]), REGISTRY_OK);
    assert_int_equal(budget_of(world, "www.internal")->held, EACH);
    struct listing_addresses found = {.n = 0};
    assert_true(
        listing_addresses_find(&found, (struct listing *)listing_of(world, "www.internal")));
    assert_int_equal(found.n, EACH);
    for (const struct claim *c = listing_of(world, "www.internal")->claims; c; c = c->next)
        assert_true(c->first == 0 && c->n == EACH && c->left_out == 0);
    collect_now(world, "main");
    assert_int_equal(budget_of(world, "www.internal")->used, EACH);
    /* the registration that counts it ends */
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    collect_now(world, "main");
    assert_int_equal(budget_of(world, "www.internal")->held, EACH);
    assert_int_equal(request(world, 3, "www.internal"), REGISTRY_OK);
    grow(world, 3, "eth0", 10);
    collect_now(world, "main");
    assert_int_equal(budget_of(world, "www.internal")->held, EACH + 10);
    grow(world, 3, "eth0", 0);
    collect_now(world, "main");
    assert_int_equal(budget_of(world, "www.internal")->held, EACH);
    listing_addresses_fini(&found);
}

static void a_name_has_a_limit_of_addresses(void **state)
{
    struct world *world = *state;
    grow(world, 0, "eth0", NAME_ADDRESSES_MAX);
    grow(world, 1, "eth0", 1);
    assert_int_equal(request(world, 0, "www.internal"), REGISTRY_OK);
    assert_int_equal(request_on(world, 0, "www.internal", "also"), REGISTRY_OK);
    assert_int_equal(request(world, 1, "www.internal"), REGISTRY_LIMIT);
    assert_string_equal(world->why,
                        "www.internal has 8192 addresses already, and interface eth0 has 1 more: a "
                        "name has at most 8192; register it on interfaces with fewer");
    assert_int_equal(world->room.holders[1].n_registrations, 0);
    assert_int_equal(listing_of(world, "www.internal")->counted, NAME_ADDRESSES_MAX);
    assert_int_equal(request(world, 1, "mail.internal"), REGISTRY_OK);
    assert_int_equal(request_on(world, 1, "www.internal", "none"), REGISTRY_OK); /* adds none */
    /* the addresses of the first are free at once */
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    assert_int_equal(request(world, 1, "www.internal"), REGISTRY_OK);
}

static void a_refused_request_changes_nothing(void **state)
{
    struct world *world = *state;
    grow(world, 0, "eth0", NAME_ADDRESSES_MAX);
    grow(world, 1, "eth0", 1);
    world->room.zones[1].relative = world->room.zones[2].relative = true;
    assert_int_equal(request(world, 0, "www.lan"), REGISTRY_OK);
    collect_now(world, "main");
    struct listing *listing = (struct listing *)listing_of(world, "www.lan");
    assert_int_equal(listing->state, LISTING_SHOWN);
    assert_int_equal(request(world, 1, "www"), REGISTRY_LIMIT);
    assert_int_equal(listing->state, LISTING_SHOWN);
    assert_int_equal(world->room.registry.listings.n, 1);
    assert_int_equal(listing->budget->n_names, 1);
    assert_int_equal(listing->budget->held, NAME_ADDRESSES_MAX);
}

/* Uses all addresses that uid 7 may have in database main. */
static void fill(struct world *world, int holder, const char *zone)
{
    grow(world, holder, "eth0", NAME_ADDRESSES_MAX);
    for (int i = 0; i < USER_ADDRESSES_MAX / NAME_ADDRESSES_MAX; i++) {
        char name[64];
        sprintf(name, "n%d.h%d.%s", i, holder, zone);
        assert_int_equal(request(world, holder, name), REGISTRY_OK);
    }
}

static void a_user_has_a_limit_of_addresses(void **state)
{
    struct world *world = *state;
    fill(world, 0, "internal");
    grow(world, 1, "eth0", 1);
    assert_int_equal(request(world, 1, "www.lan"), REGISTRY_LIMIT);
    assert_string_equal(world->why,
                        "the names of uid 7 in database main have 65536 addresses already, and "
                        "this adds 1: those of one user have at most 65536; hold fewer names, or "
                        "register them on interfaces with fewer addresses");
    assert_int_equal(request(world, 1, "www.a.example"), REGISTRY_OK); /* another database */
    world->room.holders[2].uid = world->room.holders[2].owner = 8;
    grow(world, 2, "eth0", 1);
    assert_int_equal(request(world, 2, "www.lan"), REGISTRY_OK);
    registry_drop_holder(&world->room.registry, &world->room.holders[2]);
    registry_drop(&world->room.registry, world->room.holders[0].registrations);
    assert_int_equal(request(world, 1, "www.lan"), REGISTRY_OK);
}

static void a_name_in_two_zones_counts_twice(void **state)
{
    struct world *world = *state;
    fill(world, 0, "internal");
    registry_drop(&world->room.registry, world->room.holders[0].registrations);
    world->room.zones[1].relative = world->room.zones[2].relative = true;
    grow(world, 1, "eth0", NAME_ADDRESSES_MAX / 2 + 1);
    assert_int_equal(request(world, 1, "www"), REGISTRY_LIMIT);
    assert_non_null(strstr(world->why, "have 57344 addresses already, and this adds 8194"));
    grow(world, 1, "eth0", NAME_ADDRESSES_MAX / 2);
    assert_int_equal(request(world, 1, "www"), REGISTRY_OK);
}

static void a_database_has_a_limit_of_addresses(void **state)
{
    enum { USERS = DATABASE_ADDRESSES_MAX / USER_ADDRESSES_MAX };
    struct world *world = *state;
    for (int i = 0; i < USERS; i++) {
        world->room.holders[i].uid = world->room.holders[i].owner = 100 + (uint32_t)i;
        fill(world, i, "internal");
    }
    world->room.holders[USERS].uid = world->room.holders[USERS].owner = 0;
    grow(world, USERS, "eth0", 1);
    assert_int_equal(request(world, USERS, "www.lan"), REGISTRY_LIMIT);
    assert_string_equal(world->why,
                        "the names in database main have 1048576 addresses already, and this adds "
                        "1: they have at most 1048576; register it on an interface with fewer "
                        "addresses");
    assert_int_equal(request(world, USERS, "www.a.example"), REGISTRY_OK);
}

static void root_has_no_limit_of_addresses_of_its_own(void **state)
{
    struct world *world = *state;
    grow(world, 0, "eth0", NAME_ADDRESSES_MAX);
    world->room.holders[0].uid = world->room.holders[0].owner = 0;
    for (int i = 0; i < 20; i++) {
        char name[64];
        sprintf(name, "n%d.lan", i);
        assert_int_equal(request(world, 0, name), REGISTRY_OK);
    }
    collect_now(world, "main");
    assert_int_equal(budget_of(world, "n0.lan")->used, 20 * NAME_ADDRESSES_MAX);
}

static void what_was_accepted_before_is_never_refused(void **state)
{
    struct world *world = *state;
    fill(world, 0, "internal");
    grow(world, 1, "eth0", 100);
    assert_int_equal(registry_add(&world->room.registry, &world->room.holders[1], "www.lan", "eth0",
                                  &no_request_options, SINCE, true, &world->added, world->why),
                     REGISTRY_OK);
    assert_int_equal(budget_of(world, "www.lan")->held, USER_ADDRESSES_MAX + 100);
    collect_now(world, "main");
    assert_int_equal(listing_of(world, "www.lan")->left_out, 100);
    assert_int_equal(budget_of(world, "www.lan")->used, USER_ADDRESSES_MAX);
    /* nor a repeated request of a holder */
    assert_int_equal(request(world, 1, "www.lan"), REGISTRY_OK);
}

/* In the order of cookies: holder 1 comes before holder 0. */
static void a_name_that_grew_shows_its_first_addresses(void **state)
{
    struct world *world = *state;
    grow(world, 0, "eth0", 10);
    grow(world, 1, "eth0", 10);
    assert_int_equal(request(world, 0, "www.lan"), REGISTRY_OK);
    assert_int_equal(request(world, 1, "www.lan"), REGISTRY_OK);
    collect_now(world, "main");
    const struct listing *listing = listing_of(world, "www.lan");
    assert_true(listing->left_out == 0 && world->main.n_short == 0);
    grow(world, 0, "eth0", NAME_ADDRESSES_MAX);
    collect_now(world, "main");
    assert_int_equal(listing->left_out, 10);
    assert_int_equal(world->added->claims->n, 10);
    assert_int_equal(world->room.holders[0].registrations->claims->first, 10);
    assert_int_equal(world->room.holders[0].registrations->claims->n, NAME_ADDRESSES_MAX - 10);
    assert_int_equal(world->room.holders[0].registrations->claims->left_out, 10);
    assert_int_equal(world->main.n_short, 1);
    collect_now(world, "main");
    assert_int_equal(world->main.n_short, 0); /* it was reported before */
    grow(world, 0, "eth0", 10);
    collect_now(world, "main");
    assert_int_equal(listing->left_out, 0);
    grow(world, 0, "eth0", NAME_ADDRESSES_MAX);
    collect_now(world, "main");
    assert_int_equal(world->main.n_short, 1);
}

static char *state_text(const struct world *world)
{
    char *text = malloc(4096), *to = text;
    *to = '\0';
    for (int i = 0; i < 10; i++) {
        char name[64];
        sprintf(name, "n%d.lan", i);
        to += sprintf(to, "%u ", listing_of(world, name)->left_out);
    }
    return text;
}

/* Released addresses go to the names that wait. */
static void the_first_name_keeps_its_share(void **state)
{
    static const char *const expected[] = {"0 0 0 0 0 0 0 0 8192 8192 ",
                                           "8192 8192 0 0 0 0 0 0 0 0 "};
    struct world *world = *state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 10; i++) {
            int holder = round ? 9 - i : i;
            char name[64];
            sprintf(name, "n%d.lan", holder);
            grow(world, holder, "eth0", 1);
            assert_int_equal(request(world, holder, name), REGISTRY_OK);
        }
        for (int i = 0; i < 10; i++)
            grow(world, i, "eth0", NAME_ADDRESSES_MAX);
        collect_now(world, "main");
        assert_int_equal(budget_of(world, "n0.lan")->used, USER_ADDRESSES_MAX);
        char *text = state_text(world);
        assert_string_equal(text, expected[round]);
        free(text);
        /* changes of others have no effect */
        grow(world, 5, "eth0", NAME_ADDRESSES_MAX - 1);
        collect_now(world, "main");
        assert_int_equal(listing_of(world, round ? "n1.lan" : "n8.lan")->left_out,
                         NAME_ADDRESSES_MAX - 1);
        registry_drop_holder(&world->room.registry, &world->room.holders[4]);
        collect_now(world, "main");
        assert_int_equal(listing_of(world, round ? "n1.lan" : "n8.lan")->left_out, 0);
        assert_int_equal(listing_of(world, round ? "n0.lan" : "n9.lan")->left_out,
                         NAME_ADDRESSES_MAX - 1);
        assert_true(looked_right(&world->main));
        for (int i = 0; i < 10; i++)
            registry_drop_holder(&world->room.registry, &world->room.holders[i]);
    }
}

static void one_users_growth_takes_nothing_from_another(void **state)
{
    struct world *world = *state;
    fill(world, 0, "internal");
    grow(world, 1, "eth0", 0);
    assert_int_equal(request(world, 1, "a.internal"), REGISTRY_OK);
    grow(world, 1, "eth0", NAME_ADDRESSES_MAX); /* the others came first */
    world->room.holders[2].uid = world->room.holders[2].owner = 8;
    grow(world, 2, "eth0", 100);
    assert_int_equal(request(world, 2, "zz.lan"), REGISTRY_OK);
    collect_now(world, "main");
    assert_int_equal(listing_of(world, "a.internal")->left_out, NAME_ADDRESSES_MAX);
    assert_int_equal(listing_of(world, "n7.h0.internal")->left_out, 0);
    assert_int_equal(listing_of(world, "zz.lan")->left_out, 0);
}

/* It takes the remnant's charge over, and gives it back. */
static void a_refused_registration_charges_nothing(void **state)
{
    struct world *world = *state;
    grow(world, 0, "eth0", 1);
    assert_int_equal(request(world, 0, "www.internal"), REGISTRY_OK);
    world->added->options.linger = 10;
    registry_linger(&world->room.registry, &world->room.holders[0], 0);
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    fill(world, 1, "lan");
    int held = 0;
    while (accounts_charge(&world->room.accounts, 7, ACCOUNT_REGISTRATIONS).outcome == ACCOUNT_FINE)
        held++;
    assert_int_equal(held, REGISTRATIONS_PER_USER - 9);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(request(world, 0, "www.internal"), REGISTRY_LIMIT);
        assert_non_null(strstr(world->why, "65536 addresses already"));
    }
    assert_int_equal(request_on(world, 0, "mail.internal", "none"), REGISTRY_LIMIT);
    assert_int_equal(request_on(world, 0, "www.internal", "none"), REGISTRY_OK);
    while (held-- > 0)
        accounts_release(&world->room.accounts, 7, ACCOUNT_REGISTRATIONS);
}

static void a_link_lingers_once_for_the_longest_time_asked(void **state)
{
    struct world *world = *state;
    grow(world, 0, "eth0", 3);
    assert_int_equal(request(world, 0, "www.internal"), REGISTRY_OK);
    world->added->options.linger = 10;
    assert_int_equal(request_on(world, 0, "www.internal", "also"), REGISTRY_OK);
    world->added->options.linger = 20;
    assert_true(registry_linger(&world->room.registry, &world->room.holders[0], 1000));
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    assert_non_null(world->room.registry.remnants);
    assert_null(world->room.registry.remnants->next_all);
    assert_string_equal(world->room.registry.remnants->former->interface, "also");
    assert_int_equal(registry_next_expiry(&world->room.registry), 21000);
    collect_now(world, "main");
    assert_int_equal(budget_of(world, "www.internal")->used, 3);
    assert_true(registry_expire(&world->room.registry, 21000));
}

static void ends_within_a_second_are_one(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 10; i++) {
        grow(world, i, "eth0", 1);
        char name[64];
        sprintf(name, "n%d.lan", i);
        assert_int_equal(request(world, i, name), REGISTRY_OK);
        world->added->options.linger = 10;
        registry_linger(&world->room.registry, &world->room.holders[i], 5001 + (uint64_t)i * 111);
        registry_drop_holder(&world->room.registry, &world->room.holders[i]);
    }
    assert_int_equal(registry_next_expiry(&world->room.registry), 16000);
    assert_false(registry_expire(&world->room.registry, 15999));
    assert_true(registry_expire(&world->room.registry, 16000));
    assert_int_equal(registry_next_expiry(&world->room.registry), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_link_counts_once_in_a_name),
        TEST(a_name_has_a_limit_of_addresses),
        TEST(a_refused_request_changes_nothing),
        TEST(a_user_has_a_limit_of_addresses),
        TEST(a_name_in_two_zones_counts_twice),
        TEST(a_database_has_a_limit_of_addresses),
        TEST(root_has_no_limit_of_addresses_of_its_own),
        TEST(what_was_accepted_before_is_never_refused),
        TEST(a_name_that_grew_shows_its_first_addresses),
        TEST(the_first_name_keeps_its_share),
        TEST(one_users_growth_takes_nothing_from_another),
        TEST(a_refused_registration_charges_nothing),
        TEST(a_link_lingers_once_for_the_longest_time_asked),
        TEST(ends_within_a_second_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
