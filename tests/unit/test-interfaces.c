/* Snapshots of links and addresses, how they are compared, and how a link is found. */
#include "../../phonebookd/state/interfaces.h"

#include "../../phonebookd/limits.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

static struct address an_address(const char *text, uint8_t state)
{
    struct address address;
    assert_true(address_parse(&address, text));
    address.state = state;
    return address;
}

static void add(struct snapshot *snapshot, int index, const char *text, uint8_t state)
{
    struct address address = an_address(text, state);
    snapshot_add_address(snapshot, index, &address);
}

/* lo and eth0; `state` is the state of an address of eth0. */
static struct snapshot a_snapshot(uint8_t state)
{
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    snapshot_add_link(&snapshot, 1, true, "lo");
    snapshot_add_link(&snapshot, 5, true, "eth0");
    snapshot_add_altname(&snapshot, 5, "a-name-that-is-longer-than-IFNAMSIZ");
    add(&snapshot, 5, "2001:db8::2", state);
    add(&snapshot, 5, "10.0.0.1", 0);
    add(&snapshot, 1, "127.0.0.1", 0);
    snapshot_finish(&snapshot);
    assert_false(snapshot.failed);
    return snapshot;
}

struct world {
    struct interfaces interfaces;
    struct namespace *namespace;
};

static int setup(void **state)
{
    static struct world world;
    interfaces_init(&world.interfaces);
    world.namespace = interfaces_add(&world.interfaces, 77, 1 << 20);
    *state = &world;
    return !world.namespace;
}

static int teardown(void **state)
{
    struct world *world = *state;
    interfaces_fini(&world->interfaces);
    return 0;
}

static void links_and_addresses_are_sorted(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    snapshot_add_link(&snapshot, 9, true, "c");
    snapshot_add_link(&snapshot, 3, true, "a");
    snapshot_add_altname(&snapshot, 9, "c-again");
    snapshot_add_link(&snapshot, 5, false, "b");
    add(&snapshot, 9, "10.0.0.2", 0);
    add(&snapshot, 3, "10.0.0.9", 0);
    add(&snapshot, 9, "10.0.0.1", 0);
    add(&snapshot, 5, "10.0.0.7", 0);
    snapshot_finish(&snapshot);

    assert_int_equal(snapshot.n_links, 3);
    assert_int_equal(snapshot.links[0].index, 3);
    assert_int_equal(snapshot.links[1].index, 5);
    assert_int_equal(snapshot.links[2].index, 9);
    assert_string_equal(snapshot.links[2].names[1], "c-again");
    assert_int_equal(snapshot.links[2].n_addresses, 2);
    assert_int_equal(snapshot.links[2].addresses[0].octets[3], 1);
    assert_int_equal(snapshot.links[0].addresses[0].octets[3], 9);
    snapshot_fini(&snapshot);
}

static void an_address_without_a_link_is_dropped(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    add(&snapshot, 1, "10.0.0.1", 0);
    snapshot_add_link(&snapshot, 3, true, "a");
    add(&snapshot, 4, "10.0.0.1", 0);
    snapshot_add_altname(&snapshot, 4, "nobody");
    snapshot_finish(&snapshot);
    assert_int_equal(snapshot.n_addresses, 0);
    assert_int_equal(snapshot.n_names, 1);
    assert_false(snapshot.failed);
    snapshot_fini(&snapshot);
}

/* A dump may lack links whose addresses it has; these are requested later. */
static void a_link_may_come_after_its_addresses(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    snapshot_add_link(&snapshot, 1, true, "lo");
    int lacking[2] = {0};
    assert_int_equal(snapshot_lacking(&snapshot, lacking, 2), 0);
    add(&snapshot, 7, "10.0.0.1", 0);
    add(&snapshot, 1, "127.0.0.1", 0);
    add(&snapshot, 7, "10.0.0.2", 0);
    add(&snapshot, 9, "10.0.0.3", 0);
    add(&snapshot, 3, "10.0.0.4", 0);
    assert_int_equal(snapshot_lacking(&snapshot, lacking, 2), 3);
    assert_int_not_equal(lacking[0], lacking[1]);
    snapshot_add_link(&snapshot, 7, true, "d0");
    snapshot_add_altname(&snapshot, 7, "d-zero");
    snapshot_add_link(&snapshot, 3, false, "d1");
    assert_int_equal(snapshot_lacking(&snapshot, lacking, 1), 1);
    assert_int_equal(lacking[0], 9);
    snapshot_finish(&snapshot);
    assert_int_equal(snapshot.n_links, 3);
    assert_int_equal(snapshot.n_addresses, 4);
    assert_int_equal(snapshot.n_names, 4);
    assert_int_equal(snapshot.links[1].index, 3);
    assert_false(snapshot.links[1].up);
    assert_true(snapshot.links[2].up);
    assert_string_equal(snapshot.links[2].names[1], "d-zero");
    assert_int_equal(snapshot.links[2].n_addresses, 2);
    snapshot_fini(&snapshot);
}

static void add_altnames(struct snapshot *snapshot, int index, size_t n, size_t octets)
{
    for (size_t i = 0; i < n; i++) {
        char name[128];
        snprintf(name, sizeof name, "%0*zu", (int)octets - 1, i);
        snapshot_add_altname(snapshot, index, name);
    }
}

/* Links and their own names never are. */
static void alternative_names_beyond_the_limit_are_left_out(void **state)
{
    (void)state;
    static const struct {
        size_t octets, kept;
    } cases[] = {
        {6, NAMESPACE_ALTNAMES_MAX},
        {128, NAMESPACE_ALTNAME_OCTETS_MAX / 128},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct snapshot snapshot;
        snapshot_init(&snapshot);
        snapshot_add_link(&snapshot, 1, true, "first");
        add_altnames(&snapshot, 1, cases[i].kept - 1, cases[i].octets);
        snapshot_add_link(&snapshot, 2, true, "second");
        assert_int_equal(snapshot.n_names_cut, 0);
        add_altnames(&snapshot, 2, 3, cases[i].octets);
        add(&snapshot, 2, "10.0.0.1", 0);
        snapshot_finish(&snapshot);
        assert_false(snapshot.failed);
        assert_int_equal(snapshot.n_names_cut, 2);
        assert_int_equal(snapshot.links[1].n_names, 2);
        assert_int_equal(snapshot.links[1].n_addresses, 1);
        snapshot_fini(&snapshot);
    }
}

static void a_link_is_found_by_each_of_its_names(void **state)
{
    struct world *world = *state;
    struct snapshot snapshot = a_snapshot(0);
    assert_null(namespace_link(world->namespace, "eth0"));
    assert_true(interfaces_replace(world->namespace, &snapshot));
    assert_int_equal(namespace_link(world->namespace, "eth0")->index, 5);
    assert_int_equal(namespace_link(world->namespace, "a-name-that-is-longer-than-IFNAMSIZ")->index,
                     5);
    assert_null(namespace_link(world->namespace, "a-name-that-is"));
    assert_null(namespace_link(world->namespace, "eth"));
    assert_null(namespace_link(world->namespace, ""));
}

/* Among few links and among many. */
static void a_links_own_name_comes_before_an_alternative_one(void **state)
{
    struct world *world = *state;
    for (int n = 2; n <= 64; n *= 32) {
        struct snapshot snapshot;
        snapshot_init(&snapshot);
        for (int i = 1; i <= n; i++) {
            char name[16];
            snprintf(name, sizeof name, "v%d", i);
            snapshot_add_link(&snapshot, i, true, name);
            if (i == 1)
                snapshot_add_altname(&snapshot, i, "v2");
        }
        snapshot_finish(&snapshot);
        assert_true(interfaces_replace(world->namespace, &snapshot));
        assert_int_equal(namespace_link(world->namespace, "v2")->index, 2);
        assert_int_equal(namespace_link(world->namespace, "v1")->index, 1);
    }
}

static void a_link_is_found_among_thousands(void **state)
{
    struct world *world = *state;
    enum { N = 5000 };
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    char name[32];
    for (int i = N; i > 0; i--) { /* the slow order */
        snprintf(name, sizeof name, "veth%d", i);
        snapshot_add_link(&snapshot, i, true, name);
    }
    for (int i = 1; i <= N; i++)
        add(&snapshot, i, "10.0.0.1", 0);
    snapshot_finish(&snapshot);
    assert_false(snapshot.failed);
    assert_true(interfaces_replace(world->namespace, &snapshot));
    for (int i = 1; i <= N; i++) {
        snprintf(name, sizeof name, "veth%d", i);
        const struct link *link = namespace_link(world->namespace, name);
        assert_non_null(link);
        assert_int_equal(link->index, i);
        assert_int_equal(link->n_addresses, 1);
    }
    assert_null(namespace_link(world->namespace, "veth0"));
    assert_null(namespace_link(world->namespace, "zzz"));
}

static void an_equal_snapshot_replaces_nothing(void **state)
{
    struct world *world = *state;
    struct snapshot first = a_snapshot(0), same = a_snapshot(0);
    assert_false(world->namespace->known);
    assert_true(interfaces_replace(world->namespace, &first));
    assert_true(world->namespace->known);
    assert_int_equal(first.n_links, 0);
    assert_false(interfaces_replace(world->namespace, &same)); /* an RA's refresh */
    assert_int_equal(world->namespace->now.n_links, 2);

    struct snapshot tentative = a_snapshot(ADDRESS_TENTATIVE);
    assert_true(interfaces_replace(world->namespace, &tentative));
    struct snapshot deprecated = a_snapshot(ADDRESS_DEPRECATED);
    assert_true(interfaces_replace(world->namespace, &deprecated));
}

static void the_first_snapshot_is_a_change_even_if_empty(void **state)
{
    struct world *world = *state;
    struct snapshot empty;
    snapshot_init(&empty);
    struct snapshot again;
    snapshot_init(&again);
    assert_true(interfaces_replace(world->namespace, &empty));
    assert_false(interfaces_replace(world->namespace, &again));
}

static void each_difference_counts_and_nothing_else(void **state)
{
    struct world *world = *state;
    enum { DOWN, RENAMED, INDEX, ALTNAME, MORE, LESS, OTHER, LINK, N };
    for (int what = DOWN; what < N; what++) {
        struct snapshot base;
        snapshot_init(&base);
        snapshot_add_link(&base, 5, true, "eth0");
        add(&base, 5, "10.0.0.1", 0);
        snapshot_finish(&base);
        struct snapshot other;
        snapshot_init(&other);
        int index = what == INDEX ? 6 : 5;
        snapshot_add_link(&other, index, what != DOWN, what == RENAMED ? "eth1" : "eth0");
        if (what == ALTNAME)
            snapshot_add_altname(&other, index, "lan");
        if (what == LINK)
            snapshot_add_link(&other, 9, true, "eth9");
        if (what != LESS)
            add(&other, index, what == OTHER ? "10.0.0.3" : "10.0.0.1", 0);
        if (what == MORE)
            add(&other, index, "10.0.0.2", 0);
        snapshot_finish(&other);
        interfaces_replace(world->namespace, &base);
        assert_true(interfaces_replace(world->namespace, &other));
    }
}

static void a_snapshot_beyond_the_limits_has_failed(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    for (int i = 1; i <= NAMESPACE_LINKS_MAX; i++)
        snapshot_add_link(&snapshot, i, true, "x");
    assert_int_equal(snapshot.failed, SNAPSHOT_WELL);
    snapshot_add_link(&snapshot, NAMESPACE_LINKS_MAX + 1, true, "x");
    assert_int_equal(snapshot.failed, SNAPSHOT_TOO_LARGE);
    snapshot_finish(&snapshot);
    snapshot_fini(&snapshot);

    snapshot_add_link(&snapshot, 1, true, "x");
    for (int i = 0; i < NAMESPACE_ADDRESSES_MAX; i++)
        add(&snapshot, 1, "10.0.0.1", 0);
    assert_int_equal(snapshot.failed, SNAPSHOT_WELL);
    add(&snapshot, 1, "10.0.0.1", 0);
    assert_int_equal(snapshot.failed, SNAPSHOT_TOO_LARGE);
    snapshot_fini(&snapshot);
}

/* The first of each family stay, in their order. */
static void addresses_beyond_those_a_name_can_show_are_cut(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    snapshot_add_link(&snapshot, 1, true, "x");
    snapshot_add_link(&snapshot, 2, true, "y");
    char text[ADDRESS_TEXT_MAX];
    for (int i = LINK_ADDRESSES_MAX + 1; i >= 0; i--) {
        sprintf(text, "10.0.%d.%d", i >> 8, i & 255);
        add(&snapshot, 1, text, 0);
    }
    add(&snapshot, 1, "2001:db8::1", 0);
    add(&snapshot, 2, "10.0.0.1", 0);
    snapshot_finish(&snapshot);
    assert_int_equal(snapshot.failed, SNAPSHOT_WELL);
    assert_int_equal(snapshot.n_cut, 2);
    assert_int_equal(snapshot.n_addresses, LINK_ADDRESSES_MAX + 2);
    assert_int_equal(snapshot.links[0].n_addresses, LINK_ADDRESSES_MAX + 1);
    address_text(text, &snapshot.links[0].addresses[LINK_ADDRESSES_MAX - 1]);
    assert_string_equal(text, "10.0.15.255");
    address_text(text, &snapshot.links[0].addresses[LINK_ADDRESSES_MAX]);
    assert_string_equal(text, "2001:db8::1");
    snapshot_fini(&snapshot);
}

static void namespaces_are_found_by_cookie_and_number(void **state)
{
    struct world *world = *state;
    struct namespace *own = interfaces_add(&world->interfaces, 1, NAMESPACE_OWN);
    assert_non_null(own);
    assert_ptr_equal(interfaces_find(&world->interfaces, 1), own);
    assert_ptr_equal(interfaces_find_nsid(&world->interfaces, NAMESPACE_OWN), own);
    assert_ptr_equal(interfaces_find(&world->interfaces, 77), world->namespace);
    assert_ptr_equal(interfaces_find_nsid(&world->interfaces, 1 << 20), world->namespace);
    assert_null(interfaces_find(&world->interfaces, 78));

    assert_null(interfaces_add(&world->interfaces, 77, 3));
    assert_null(interfaces_find_nsid(&world->interfaces, 3));
    assert_null(interfaces_add(&world->interfaces, 3, 1 << 20));
    assert_null(interfaces_find(&world->interfaces, 3));
    assert_int_equal(world->interfaces.n_namespaces, 2);

    interfaces_remove(&world->interfaces, own);
    assert_null(interfaces_find(&world->interfaces, 1));
    assert_null(interfaces_find_nsid(&world->interfaces, NAMESPACE_OWN));
    assert_int_equal(world->interfaces.n_namespaces, 1);
}

static void count_visit(struct namespace *namespace, void *context)
{
    uint64_t *sum = context;
    *sum += namespace->cookie;
}

static void each_namespace_is_visited(void **state)
{
    struct world *world = *state;
    for (uint32_t i = 0; i < 100; i++)
        interfaces_add(&world->interfaces, 100 + i, (int32_t)i);
    uint64_t sum = 0;
    interfaces_each(&world->interfaces, count_visit, &sum);
    assert_int_equal(sum, 77 + 100 * 100 + 99 * 100 / 2);
}

/* Changes from before the request are known after the running dump or the next one. */
static void a_change_is_known_with_the_dump_under_way_or_the_next_one(void **state)
{
    struct namespace namespace = {.dumps_begun = UINT32_MAX, .dumps_done = UINT32_MAX};
    uint32_t number = namespace_next_dump(&namespace);
    (void)state;
    assert_true(namespace_has_dumped(&namespace, number)); /* no change since */
    namespace.dirty = namespace.audited = true;
    assert_true(namespace_has_dumped(&namespace, namespace_next_dump(&namespace)));
    namespace.audited = false;
    number = namespace_next_dump(&namespace);
    assert_false(namespace_has_dumped(&namespace, number));
    namespace.dirty = false;
    namespace.dumps_begun++; /* and wraps around */
    assert_int_equal(namespace_next_dump(&namespace), number);
    namespace.dirty = true; /* a change during the dump: later */
    namespace.dumps_done = namespace.dumps_begun;
    assert_true(namespace_has_dumped(&namespace, number));
    assert_false(namespace_has_dumped(&namespace, namespace_next_dump(&namespace)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_known_with_the_dump_under_way_or_the_next_one),
        TEST(links_and_addresses_are_sorted),
        TEST(an_address_without_a_link_is_dropped),
        TEST(a_link_may_come_after_its_addresses),
        TEST(alternative_names_beyond_the_limit_are_left_out),
        TEST(a_link_is_found_by_each_of_its_names),
        TEST(a_links_own_name_comes_before_an_alternative_one),
        TEST(a_link_is_found_among_thousands),
        TEST(an_equal_snapshot_replaces_nothing),
        TEST(the_first_snapshot_is_a_change_even_if_empty),
        TEST(each_difference_counts_and_nothing_else),
        TEST(a_snapshot_beyond_the_limits_has_failed),
        TEST(addresses_beyond_those_a_name_can_show_are_cut),
        TEST(namespaces_are_found_by_cookie_and_number),
        TEST(each_namespace_is_visited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
