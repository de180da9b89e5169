/* The registry when memory runs out: each allocation fails once, and then nothing has changed. */
#include "../../phonebookd/state/registry.h"

#include "failing-memory.h"
#include "room.h"

enum { SINCE = 1700000000, ENOUGH = 100 /* allocations of one call */ };

struct world {
    struct room room; /* no holders */
    char why[REGISTRY_WHY_MAX];
};

static int setup(void **state)
{
    static struct world world;
    room_init(&world.room, "box.example=main internal=main", 0);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    int left = room_has_left(&world->room);
    room_fini(&world->room);
    return left;
}

static size_t add_until_it_works(struct world *world, struct holder *holder, const char *name)
{
    size_t listings = world->room.registry.listings.n, registrations = holder->n_registrations;
    for (int n = 0; n < ENOUGH; n++) {
        allowed = n;
        struct registration *added;
        enum registry_outcome outcome =
            registry_add(&world->room.registry, holder, name, "eth0", &no_request_options, SINCE,
                         false, &added, world->why);
        allowed = -1;
        if (outcome == REGISTRY_OK)
            return (size_t)n;
        assert_int_equal(outcome, REGISTRY_NO_MEMORY);
        assert_string_equal(world->why, "out of memory");
        assert_int_equal(world->room.registry.listings.n, listings);
        assert_int_equal(holder->n_registrations, registrations);
    }
    fail_msg("never worked");
    return 0;
}

static void adding_without_memory_changes_nothing(void **state)
{
    struct world *world = *state;
    if (!POSSIBLE)
        skip();
    struct holder first = {.uid = 7, .owner = 7};
    /* full_names, account, registration, two texts, claims, two listings, and the trees' nodes */
    assert_true(add_until_it_works(world, &first, "www") >= 8);
    struct holder second = {.uid = 7, .owner = 7};
    assert_true(add_until_it_works(world, &second, "www") >= 4);
    assert_string_equal(first.registrations->name, "www");
    registry_drop_holder(&world->room.registry, &first);
    registry_drop_holder(&world->room.registry, &second);
}

static unsigned n_lost;

static void note_lost(const struct registration *registration, const char *why)
{
    assert_string_equal(registration->name, "www");
    assert_string_equal(why, "out of memory");
    n_lost++;
}

/* If there is memory, registrations without a claim are reported. */
static void new_zones_without_memory_change_nothing(void **state)
{
    struct world *world = *state;
    struct namespace namespace = {0};
    struct holder holder = {.uid = 7, .owner = 7, .namespace = &namespace}, *holders[] = {&holder};
    if (!POSSIBLE)
        skip();
    add_until_it_works(world, &holder, "www");
    bool done = false;
    int n;
    for (n = 0; n < ENOUGH && !done; n++) {
        allowed = n;
        done = registry_set_zones(&world->room.registry, world->room.list + 1, 1, holders, 1,
                                  note_lost);
        allowed = -1;
        if (!done) {
            assert_int_equal(world->room.registry.n_zones, 2);
            assert_int_equal(holder.registrations->n_claims, 2);
        }
    }
    assert_in_range(n, 2, 10);
    n_lost = 0;
    for (n = 0; n < ENOUGH; n++) {
        unsigned before = n_lost;
        allowed = n;
        done =
            registry_set_zones(&world->room.registry, world->room.list, 2, holders, 1, note_lost);
        allowed = -1;
        if (done && n_lost == before)
            break;
        if (done)
            assert_int_equal(holder.registrations->n_claims, 0);
    }
    assert_int_equal(holder.registrations->n_claims, 2);
    assert_true(n_lost > 0);
    registry_drop_holder(&world->room.registry, &holder);
}

static void what_does_not_linger_leaves_nothing_behind(void **state)
{
    struct world *world = *state;
    struct namespace namespace = {0};
    struct holder holder = {.uid = 7, .owner = 7, .namespace = &namespace};
    if (!POSSIBLE)
        skip();
    made_links(&namespace, "eth0 10.0.0.1");
    bool enough = false;
    int n;
    for (n = 0; n < ENOUGH && !enough; n++) {
        add_until_it_works(world, &holder, "www");
        holder.registrations->options.linger = 10;
        allowed = n;
        enough = registry_linger(&world->room.registry, &holder, 1);
        allowed = -1;
        registry_drop_holder(&world->room.registry, &holder);
        assert_int_equal(world->room.registry.listings.n == 2, enough);
        registry_drop_remnants(&world->room.registry);
        assert_int_equal(world->room.registry.listings.n, 0);
        assert_null(world->room.accounts.by_owner);
    }
    assert_in_range(n, 9, 10); /* three for each remnant, two for both, perhaps an account */
    made_links(&namespace, "lo");
    snapshot_fini(&namespace.now);
}

/* The remnants' charge is all that the user may have. */
static void lack_of_memory_is_told_as_that_and_not_as_a_limit(void **state)
{
    struct world *world = *state;
    struct namespace namespace = {0};
    struct holder first = {.uid = 7, .owner = 7, .namespace = &namespace};
    struct holder second = {.uid = 7, .owner = 7, .namespace = &namespace};
    if (!POSSIBLE)
        skip();
    made_links(&namespace, "eth0 10.0.0.1");
    accounts_limit(&world->room.accounts, ACCOUNT_REGISTRATIONS, 1);
    add_until_it_works(world, &first, "www");
    first.registrations->options.linger = 10;
    assert_true(registry_linger(&world->room.registry, &first, 1));
    registry_drop_holder(&world->room.registry, &first);
    assert_true(add_until_it_works(world, &second, "www") >= 4);
    assert_int_equal(world->room.accounts.held[ACCOUNT_REGISTRATIONS], 1);
    registry_drop_holder(&world->room.registry, &second);
    registry_drop_remnants(&world->room.registry);
    made_links(&namespace, "lo");
    snapshot_fini(&namespace.now);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(adding_without_memory_changes_nothing),
        TEST(new_zones_without_memory_change_nothing),
        TEST(what_does_not_linger_leaves_nothing_behind),
        TEST(lack_of_memory_is_told_as_that_and_not_as_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
