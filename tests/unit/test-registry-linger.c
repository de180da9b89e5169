/* Names that linger after their holder: with its last addresses, until a new holder has an address,
 * and no longer than requested. */
#include "../../phonebookd/state/listing-addresses.h"

#include "../../phonebookd/limits.h"
#include "room.h"

#include <stdio.h>

enum { HOLDERS = 3, SINCE = 1700000000, NOW = 5000 /* ms */ };

struct world {
    struct room room; /* box.example, internal; uids 7, 7, 8, each in a namespace of its own */
    struct listing_addresses found;
    char why[REGISTRY_WHY_MAX];
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "box.example=main internal=main", HOLDERS);
    world->room.zones[0].linger_max = world->room.zones[1].linger_max = 100;
    for (int i = 0; i < HOLDERS; i++) {
        struct holder *holder = &world->room.holders[i];
        char links[64];
        snprintf(links, sizeof links, "eth0 10.0.%d.1, -down 10.0.%d.2, bare", i, i);
        made_links(holder->namespace, links);
        holder->namespace->inode = 500 + (uint64_t)i;
        holder->uid = holder->owner = i < 2 ? 7 : 8;
        holder->pid = 4711 + i;
    }
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    room_empty(&world->room);
    int left = room_has_left(&world->room);
    room_fini(&world->room);
    listing_addresses_fini(&world->found);
    free(world);
    return left;
}

static enum registry_outcome request(struct world *world, int holder, const char *name,
                                     const char *interface, int64_t linger)
{
    const struct request_options options = {.ttl = -1, .wait = -1, .linger = linger, .id = -1};
    struct registration *added;
    return registry_add(&world->room.registry, &world->room.holders[holder], name, interface,
                        &options, SINCE, false, &added, world->why);
}

static void leave(struct world *world, int holder, uint64_t now)
{
    registry_linger(&world->room.registry, &world->room.holders[holder], now);
    registry_drop_holder(&world->room.registry, &world->room.holders[holder]);
}

/* www.internal, with 10.0.0.1, for ten seconds. */
static void let_linger(struct world *world)
{
    request(world, 0, "www.internal", "eth0", 10);
    leave(world, 0, NOW);
}

struct told {
    struct world *world;
    bool shown; /* only those that the zone shows */
    char text[2048];
};

static void append(void *entry, void *context)
{
    struct listing *listing = entry;
    struct told *told = context;
    char *end = told->text + strlen(told->text);
    const struct listing_addresses *found = &told->world->found;
    assert_true(listing_addresses_find(&told->world->found, listing));
    end += sprintf(end, "%s%s", *told->text ? " " : "", listing->name);
    const char *separator = "=";
    for (size_t i = 0; i < found->n; i++) {
        if (told->shown && !zone_shows_any(listing->zone, NULL, &found->addresses[i], 1))
            continue;
        char text[ADDRESS_TEXT_MAX];
        end += sprintf(end, "%s%s", separator, address_text(text, &found->addresses[i]));
        separator = ",";
    }
}

static void expect(struct world *world, const char *expected)
{
    struct told told = {.world = world};
    listings_each(&world->room.registry.listings, append, &told);
    assert_string_equal(told.text, expected);
}

static void expect_shown(struct world *world, const char *expected)
{
    struct told told = {.world = world, .shown = true};
    listings_each(&world->room.registry.listings, append, &told);
    assert_string_equal(told.text, expected);
}

static void a_name_lingers_as_long_as_asked(void **state)
{
    struct world *world = *state;
    assert_int_equal(request(world, 0, "www", "eth0", 10), REGISTRY_OK);
    assert_int_equal(registry_next_expiry(&world->room.registry), 0);
    leave(world, 0, NOW);
    expect(world, "www.box.example=10.0.0.1 www.internal=10.0.0.1");
    assert_int_equal(registry_next_expiry(&world->room.registry), NOW + 10000);
    assert_false(registry_expire(&world->room.registry, NOW + 9999));
    expect(world, "www.box.example=10.0.0.1 www.internal=10.0.0.1");
    assert_true(registry_expire(&world->room.registry, NOW + 10000));
    expect(world, "");
    assert_int_equal(registry_next_expiry(&world->room.registry), 0);
    assert_null(world->room.accounts.by_owner);
}

static void each_zone_limits_the_time(void **state)
{
    struct world *world = *state;
    world->room.zones[0].linger_max = 3;
    assert_int_equal(request(world, 0, "www", "eth0", 10), REGISTRY_OK);
    leave(world, 0, NOW);
    assert_int_equal(registry_next_expiry(&world->room.registry), NOW + 3000);
    assert_true(registry_expire(&world->room.registry, NOW + 3000));
    expect(world, "www.internal=10.0.0.1");
    assert_int_equal(registry_next_expiry(&world->room.registry), NOW + 10000);
}

static void a_name_lingers_in_the_families_asked_for(void **state)
{
    static const struct {
        enum request_family eth0, twin; /* the same interface by another name */
        int64_t linger, linger_of_twin;
        const char *expected;
    } cases[] = {
        {REQUEST_IPV4, REQUEST_IPV4, 10, 10, "www.internal=10.0.0.1"},
        {REQUEST_IPV6, REQUEST_IPV6, 10, 10, "www.internal=fd00::1"},
        {REQUEST_IPV4, REQUEST_IPV6, 10, 10, "www.internal=10.0.0.1,fd00::1"},
        {REQUEST_IPV4, REQUEST_IPV6, 10, -1, "www.internal=10.0.0.1"},
        {REQUEST_IPV4, REQUEST_IPV6, -1, 10, "www.internal=fd00::1"},
        {REQUEST_BOTH, REQUEST_IPV6, -1, 10, "www.internal=fd00::1"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request_options options = no_request_options;
        struct snapshot snapshot;
        snapshot_init(&snapshot);
        const char *names[] = {"eth0", "twin"};
        snapshot_add_link(&snapshot, 1, true, names[0]);
        snapshot_add_altname(&snapshot, 1, names[1]);
        struct address ipv4 = {0}, ipv6 = {0};
        assert_true(address_parse(&ipv4, "10.0.0.1") && address_parse(&ipv6, "fd00::1"));
        snapshot_add_address(&snapshot, 1, &ipv6);
        snapshot_add_address(&snapshot, 1, &ipv4);
        snapshot_finish(&snapshot);
        interfaces_replace(world->room.holders[0].namespace, &snapshot);
        for (int j = 0; j < 2; j++) {
            options.family = j ? cases[i].twin : cases[i].eth0;
            options.linger = j ? cases[i].linger_of_twin : cases[i].linger;
            struct registration *added;
            assert_int_equal(registry_add(&world->room.registry, &world->room.holders[0],
                                          "www.internal", names[j], &options, SINCE, false, &added,
                                          world->why),
                             REGISTRY_OK);
        }
        leave(world, 0, NOW);
        expect(world, cases[i].expected);
        registry_drop_remnants(&world->room.registry);
    }
}

/* Not requested, not allowed, or nothing to show. */
static void a_name_does_not_linger_without_reason(void **state)
{
    static const struct {
        const char *interface;
        int64_t linger;
        uint32_t max;
    } cases[] = {{"eth0", -1, 100},
                 {"eth0", 10, 0},
                 {"down", 10, 100},
                 {"bare", 10, 100},
                 {"none", 10, 100}};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world->room.zones[0].linger_max = world->room.zones[1].linger_max = cases[i].max;
        assert_int_equal(request(world, 0, "www", cases[i].interface, cases[i].linger),
                         REGISTRY_OK);
        leave(world, 0, NOW);
        expect(world, "");
        assert_null(world->room.registry.remnants);
    }
}

static void lingering_addresses_stay_those_of_the_end(void **state)
{
    struct world *world = *state;
    let_linger(world);
    made_links(world->room.holders[0].namespace, "lo 127.0.0.1");
    expect(world, "www.internal=10.0.0.1");
    const struct remnant *r = world->room.registry.remnants;
    assert_int_equal(r->former->inode, 500);
    assert_int_equal(r->former->uid, 7);
    assert_int_equal(r->former->pid, 4711);
    assert_int_equal(r->former->since, SINCE);
    assert_string_equal(r->former->interface, "eth0");
}

/* The link may have very many. */
static void only_addresses_the_zone_shows_linger(void **state)
{
    enum { MANY = 100 };
    struct world *world = *state;
    char links[MANY * 32] = "eth0 127.0.0.1 fe80::1 fd00::1 fd00::2=deprecated fd00::3=tentative";
    made_links(world->room.holders[0].namespace, links);
    let_linger(world);
    expect(world, "www.internal=fd00::1");
    char expected[MANY * 32] = "www.internal";
    for (int i = 0; i < MANY; i++) {
        sprintf(links + strlen(links), " 10.0.0.%d", 1 + i);
        if (i < 30) /* this many fit into a reply */
            sprintf(expected + strlen(expected), "%c10.0.0.%d", i ? ',' : '=', 1 + i);
    }
    made_links(world->room.holders[0].namespace, links);
    let_linger(world);
    expect(world, strcat(expected, ",fd00::1"));
    const struct remnant *r = world->room.registry.remnants;
    assert_int_equal(r->n_addresses, 31);
}

static void a_holder_with_a_hidden_address_takes_nothing_over(void **state)
{
    static const char *const hidden[] = {"eth0 fe80::1", "eth0 10.0.1.1=tentative",
                                         "eth0 fd00::1=temporary 169.254.3.3"};
    struct world *world = *state;
    let_linger(world);
    char expected[128];
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        made_links(world->room.holders[1].namespace, hidden[i]);
        request(world, 1, "www.internal", "eth0", 20);
        expect_shown(world, "www.internal=10.0.0.1");
        leave(world, 1, NOW + 1);
        expect(world, "www.internal=10.0.0.1");
        assert_int_equal(registry_next_expiry(&world->room.registry), NOW + 10000);
        snprintf(expected, sizeof expected, "%s 10.0.1.9", hidden[i]);
    }
    made_links(world->room.holders[1].namespace, expected);
    request(world, 1, "www.internal", "eth0", -1);
    expect_shown(world, "www.internal=10.0.1.9");
}

/* Even if a holder without an address requested another ttl. */
static void what_lingers_keeps_its_ttl(void **state)
{
    struct world *world = *state;
    let_linger(world);
    request(world, 1, "www.internal", "none", -1);
    world->room.holders[1].registrations->options.ttl = 7;
    struct listing *listing = world->room.registry.remnants->listing;
    assert_true(listing_addresses_find(&world->found, listing));
    assert_int_equal(listing_ttl(listing, world->found.lingering), 60);
    made_links(world->room.holders[1].namespace, "none 10.0.1.1");
    assert_true(listing_addresses_find(&world->found, listing));
    assert_int_equal(listing_ttl(listing, world->found.lingering), 7);
}

/* A new holder without an address does not. */
static void a_holder_with_an_address_takes_over_for_good(void **state)
{
    struct world *world = *state;
    let_linger(world);
    request(world, 1, "www.internal", "none", -1);
    expect(world, "www.internal=10.0.0.1");
    leave(world, 1, NOW);
    expect(world, "www.internal=10.0.0.1");
    request(world, 1, "www.internal", "eth0", -1);
    expect(world, "www.internal=10.0.1.1");
    leave(world, 1, NOW);
    expect(world, "");
}

static void nothing_lingers_beside_a_holder_with_an_address(void **state)
{
    struct world *world = *state;
    request(world, 0, "www.internal", "eth0", 10);
    request(world, 1, "www.internal", "eth0", 20);
    leave(world, 0, NOW);
    expect(world, "www.internal=10.0.1.1");
    assert_null(world->room.registry.remnants); /* the first was not the last holder */
    leave(world, 1, NOW + 1000);
    expect(world, "www.internal=10.0.1.1");
    assert_true(registry_expire(&world->room.registry, NOW + 21000));
    expect(world, "");
}

static void a_name_lingers_beside_holders_without_an_address(void **state)
{
    struct world *world = *state;
    request(world, 0, "www.internal", "eth0", 10);
    request(world, 0, "www.box.example", "eth0", 10);
    request(world, 1, "www.internal", "down", -1);
    request(world, 1, "www.box.example", "eth0", -1);
    leave(world, 0, NOW);
    expect(world, "www.box.example=10.0.1.1 www.internal=10.0.0.1");
    made_links(world->room.holders[1].namespace, "lo 127.0.0.1");
    expect(world, "www.box.example www.internal=10.0.0.1");
}

static void what_was_taken_over_does_not_come_back(void **state)
{
    struct world *world = *state;
    request(world, 0, "www", "eth0", 10);
    leave(world, 0, NOW);
    request(world, 1, "www.internal", "eth0", -1);
    registry_drop_overtaken(&world->room.registry); /* nobody was shown yet */
    made_links(world->room.holders[1].namespace, "lo 127.0.0.1");
    expect(world, "www.box.example=10.0.0.1 www.internal=10.0.0.1");
    for (struct remnant *r = world->room.registry.remnants; r; r = r->next_all)
        r->overtaken = strcmp(r->name, "www.internal") == 0;
    world->room.registry.overtaken = true;
    registry_drop_overtaken(&world->room.registry);
    expect(world, "www.box.example=10.0.0.1 www.internal");
}

static void all_interfaces_of_a_connection_linger(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1, eth1 10.0.0.2");
    request(world, 0, "www.internal", "eth0", 10);
    request(world, 0, "www.internal", "eth1", 20);
    leave(world, 0, NOW);
    expect(world, "www.internal=10.0.0.2,10.0.0.1");
    assert_true(registry_expire(&world->room.registry, NOW + 15000));
    expect(world, "www.internal=10.0.0.2");
}

/* Neither it nor the remnants that it took over linger; the holder's other registrations stay. */
static void a_withdrawn_name_does_not_linger(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[1].namespace, "eth0 10.0.1.1, eth1 10.0.1.2, bare");
    request(world, 0, "www.internal", "eth0", 10);
    request(world, 0, "mail.internal", "eth0", 10);
    leave(world, 0, NOW);
    request(world, 1, "mail.internal", "bare", 20);
    request(world, 1, "www.internal", "eth0", 20);
    assert_true(
        registry_withdraw(&world->room.registry, world->room.holders[1].registrations, NOW));
    expect(world, "mail.internal=10.0.0.1");
    assert_true(
        registry_withdraw(&world->room.registry, world->room.holders[1].registrations, NOW));
    expect(world, "mail.internal=10.0.0.1"); /* which it had nothing to take over with */
    request(world, 1, "www.internal", "eth0", 20);
    request(world, 1, "www.internal", "eth1", 20);
    assert_true(
        registry_withdraw(&world->room.registry, world->room.holders[1].registrations, NOW));
    expect(world, "mail.internal=10.0.0.1 www.internal=10.0.1.1");
    leave(world, 1, NOW);
    expect(world, "mail.internal=10.0.0.1 www.internal=10.0.1.1");
    assert_true(registry_expire(&world->room.registry, NOW + 20000));
    assert_null(world->room.accounts.by_owner);
}

static void a_lingering_name_is_refused_to_another_uid(void **state)
{
    struct world *world = *state;
    let_linger(world);
    assert_int_equal(request(world, 2, "www", "eth0", -1), REGISTRY_IN_USE);
    if (!strstr(world->why, "www.internal") || !strstr(world->why, "uid 7") ||
        !strstr(world->why, "4711") || !strstr(world->why, "eth0"))
        fail_msg("%s", world->why);
    expect(world, "www.internal=10.0.0.1");
    registry_expire(&world->room.registry, NOW + 10000);
    assert_int_equal(request(world, 2, "www.internal", "eth0", -1), REGISTRY_OK);
}

/* Charges uid 7 with all registrations that it may have, except `left`. */
static void fill(struct world *world, int held, int left)
{
    for (int i = held; i < REGISTRATIONS_PER_USER - left; i++)
        assert_true(accounts_charge_taken(&world->room.accounts, 7, ACCOUNT_REGISTRATIONS));
}

static void unfill(struct world *world, int n)
{
    for (int i = 0; i < n; i++)
        accounts_release(&world->room.accounts, 7, ACCOUNT_REGISTRATIONS);
}

/* In any number of zones; so remnants never exceed the limit. */
static void what_lingers_is_charged_as_one_registration(void **state)
{
    struct world *world = *state;
    request(world, 0, "www", "eth0", 10);
    fill(world, 1, 0);
    leave(world, 0, NOW);
    expect(world, "www.box.example=10.0.0.1 www.internal=10.0.0.1");
    assert_int_equal(request(world, 0, "more", "eth0", -1), REGISTRY_LIMIT);
    unfill(world, 1);
    assert_int_equal(request(world, 0, "more", "eth0", -1), REGISTRY_OK);
    assert_int_equal(request(world, 0, "and-more", "eth0", -1), REGISTRY_LIMIT);
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    registry_expire(&world->room.registry, NOW + 10000);
    unfill(world, REGISTRATIONS_PER_USER - 2);
    assert_null(world->room.accounts.by_owner);
}

/* Only once; as long as the registration or its remnant exists. */
static void a_user_at_the_limit_may_take_back_what_lingers(void **state)
{
    struct world *world = *state;
    request(world, 0, "www", "eth0", 10);
    fill(world, 1, 0);
    leave(world, 0, NOW);
    assert_int_equal(request(world, 1, "more", "eth0", -1), REGISTRY_LIMIT);
    assert_int_equal(request(world, 1, "www.internal", "none", -1), REGISTRY_OK);
    assert_int_equal(request(world, 1, "www.internal", "down", -1), REGISTRY_LIMIT);
    registry_drop(&world->room.registry, world->room.holders[1].registrations);
    assert_int_equal(request(world, 1, "more", "eth0", -1), REGISTRY_LIMIT);
    assert_int_equal(request(world, 1, "www", "eth0", 20), REGISTRY_OK);
    leave(world, 1, NOW + 1);
    assert_int_equal(request(world, 1, "more", "eth0", -1), REGISTRY_LIMIT);
    assert_int_equal(request(world, 1, "www", "eth0", -1), REGISTRY_OK);
    registry_expire(&world->room.registry, NOW + 21000); /* now the registration has the charge */
    assert_int_equal(request(world, 1, "more", "eth0", -1), REGISTRY_LIMIT);
    registry_drop_holder(&world->room.registry, &world->room.holders[1]);
    unfill(world, REGISTRATIONS_PER_USER - 1);
    assert_null(world->room.accounts.by_owner);
}

static void never_lost(const struct registration *registration, const char *why)
{
    fail_msg("%s: %s", registration->name, why);
}

static void what_lingers_goes_where_other_zones_take_it(void **state)
{
    struct world *world = *state;
    struct holder *holders[] = {&world->room.holders[1], &world->room.holders[2]};
    struct zone deep = made_zone("deep.internal", "main");
    const struct zone *zones[] = {&deep, &world->room.zones[1]};
    request(world, 0, "www", "eth0", 10);
    request(world, 0, "www.deep.internal", "eth0", 10);
    request(world, 1, "www.internal", "none", -1);
    leave(world, 0, NOW);
    assert_true(registry_set_zones(&world->room.registry, zones, 2, holders, 2, never_lost));
    expect(world, "www.deep.internal=10.0.0.1 www.internal=10.0.0.1");
    assert_true(registry_set_zones(&world->room.registry, NULL, 0, NULL, 0, never_lost));
    assert_null(world->room.registry.remnants);
    registry_drop_holder(&world->room.registry, &world->room.holders[1]);
    zone_fini(&deep);
}

static void new_zones_may_shorten_or_end_what_lingers(void **state)
{
    struct world *world = *state;
    struct zone zones[2] = {made_zone("box.example", "main"), made_zone("internal", "main")};
    const struct zone *list[] = {&zones[0], &zones[1]};
    world->room.zones[0].wildcards = world->room.zones[1].wildcards = true;
    request(world, 0, "www", "eth0", 50);
    request(world, 0, "*.www", "eth0", 40);
    leave(world, 0, NOW);
    zones[0].wildcards = true;
    zones[0].linger_max = 45;
    zones[1].linger_max = 1000; /* does not lengthen the requested time */
    assert_true(registry_set_zones(&world->room.registry, list, 2, NULL, 0, never_lost));
    expect(world, "*.www.box.example=10.0.0.1 www.box.example=10.0.0.1 www.internal=10.0.0.1");
    assert_true(registry_expire(&world->room.registry, NOW + 40000));
    expect(world, "www.box.example=10.0.0.1 www.internal=10.0.0.1");
    assert_true(registry_expire(&world->room.registry, NOW + 45000));
    expect(world, "www.internal=10.0.0.1");
    assert_int_equal(registry_next_expiry(&world->room.registry), NOW + 50000);
    zones[1].linger_max = 0;
    assert_true(registry_set_zones(&world->room.registry, list, 2, NULL, 0, never_lost));
    expect(world, "");
    assert_null(world->room.registry.remnants);
    assert_true(
        registry_set_zones(&world->room.registry, world->room.list, 2, NULL, 0, never_lost));
    zone_fini(&zones[0]);
    zone_fini(&zones[1]);
}

/* ---- notes (registry-notes.c) ---- */

/* The notes for the keeper, oldest first: "+NAME", or "-" for a remnant that has ended. */
static void expect_noted(struct world *world, const char *expected)
{
    char text[1024] = "";
    struct remnant *r;
    while ((r = registry_next_to_note(&world->room.registry))) {
        sprintf(text + strlen(text), "%s%s%s", *text ? " " : "", r->listing ? "+" : "-",
                r->listing ? r->name : "");
        registry_noted(&world->room.registry, r, true);
    }
    assert_string_equal(text, expected);
}

static void what_lingers_is_noted_with_the_keeper(void **state)
{
    struct world *world = *state;
    expect_noted(world, "");
    request(world, 0, "www", "eth0", 10);
    request(world, 0, "mail.internal", "eth0", 20);
    expect_noted(world, "");
    leave(world, 0, NOW);
    expect_noted(world, "+mail.internal +www.box.example +www.internal");
    expect_noted(world, "");
    registry_note_all(&world->room.registry); /* another keeper */
    expect_noted(world, "+mail.internal +www.box.example +www.internal");
    registry_expire(&world->room.registry, NOW + 10000);
    registry_note_all(&world->room.registry); /* ends that happened meanwhile are not forgotten */
    expect_noted(world, "+mail.internal - -");
    registry_expire(&world->room.registry, NOW + 20000);
    expect_noted(world, "-");
    /* A remnant that was never noted needs no removal. */
    request(world, 0, "mail.internal", "eth0", 20);
    leave(world, 0, NOW);
    registry_expire(&world->room.registry, NOW + 20000);
    expect_noted(world, "");
}

/* Another registry, of a later phonebookd. */
static void take_all(struct world *to, const struct world *from)
{
    const struct remnant *r = from->room.registry.remnants;
    registry_begin_taking(&to->room.registry);
    const struct remnant *last = NULL;
    while (r != last) { /* the oldest first */
        while (r->next_all != last)
            r = r->next_all;
        struct remnant_note note = {.key = r->key,
                                    .number = r->former->number,
                                    .name = r->name,
                                    .interface = r->former->interface,
                                    .inode = r->former->inode,
                                    .uid = r->former->uid,
                                    .owner = r->former->owner,
                                    .pid = r->former->pid,
                                    .since = r->former->since,
                                    .options = r->former->options,
                                    .ended = r->ended,
                                    .deadline = r->deadline,
                                    .addresses = r->addresses,
                                    .n_addresses = r->n_addresses};
        assert_true(registry_take_note(&to->room.registry, &note));
        last = r;
        r = from->room.registry.remnants;
    }
}

static bool take_one(struct world *to, uint64_t key, const char *name, uint64_t ended)
{
    struct address address;
    struct remnant_note note = {.key = key,
                                .number = key,
                                .name = name,
                                .interface = "eth0",
                                .uid = 7,
                                .owner = 7,
                                .options = {.linger = 60},
                                .ended = ended,
                                .deadline = ended + 60000,
                                .addresses = &address,
                                .n_addresses = 1};
    assert_true(address_parse(&address, "10.0.0.1"));
    return registry_take_note(&to->room.registry, &note);
}

/* The keeper first had no room for the older one, and stored it after the newer one. */
static void notes_are_taken_in_any_order(void **state)
{
    struct world *world = *state;
    world->room.registry.first_key = world->room.registry.last_key = 1000;
    for (int life = 0; life < 2; life++) { /* the keeper is lost and found */
        registry_begin_taking(&world->room.registry);
        assert_true(take_one(world, 9, "www.internal", NOW));
        assert_true(take_one(world, 5, "mail.internal", NOW - 1000));
        expect(world, "mail.internal=10.0.0.1 www.internal=10.0.0.1");
        assert_int_equal(world->room.accounts.held[ACCOUNT_REGISTRATIONS], 2);
    }
}

static struct world *next_life(const struct world *world)
{
    void *next;
    setup(&next);
    ((struct world *)next)->room.registry.first_key =
        ((struct world *)next)->room.registry.last_key = world->room.registry.last_key + 1000;
    return next;
}

/* It lingers for the same time, and is charged once for each registration. */
static void the_next_phonebookd_takes_what_lingers(void **state)
{
    struct world *world = *state, *next = next_life(world);
    request(world, 0, "www", "eth0", 10);
    request(world, 0, "mail", "eth0", 20);
    request(world, 2, "other.internal", "eth0", 30);
    leave(world, 0, NOW);
    leave(world, 2, NOW);
    take_all(next, world);
    expect(next, "mail.box.example=10.0.0.1 www.box.example=10.0.0.1 mail.internal=10.0.0.1 "
                 "other.internal=10.0.2.1 www.internal=10.0.0.1");
    assert_int_equal(next->room.accounts.held[ACCOUNT_REGISTRATIONS], 3);
    expect_noted(next, "");
    take_all(next, world); /* the keeper is lost and found */
    assert_int_equal(next->room.accounts.held[ACCOUNT_REGISTRATIONS], 3);
    assert_int_equal(request(next, 2, "www", "eth0", 10), REGISTRY_IN_USE);
    assert_non_null(strstr(next->why, "lingers for uid 7 (pid 4711, interface eth0)"));
    assert_true(registry_expire(&next->room.registry, NOW + 10000));
    expect(next, "mail.box.example=10.0.0.1 mail.internal=10.0.0.1 other.internal=10.0.2.1");
    expect_noted(next, "- -");
    assert_true(registry_expire(&next->room.registry, NOW + 20000));
    assert_true(registry_expire(&next->room.registry, NOW + 30000));
    take_all(next, world); /* ends are known too */
    expect(next, "");
    void *last = next;
    assert_int_equal(teardown(&last), 0);
}

/* The keeper's note is removed. */
static void a_note_without_a_zone_ends(void **state)
{
    struct world *world = *state, *next = next_life(world);
    request(world, 0, "www", "eth0", 60);
    leave(world, 0, NOW);
    next->room.zones[0].linger_max = 0;
    next->room.zones[1].linger_max = 30;
    take_all(next, world);
    expect(next, "www.internal=10.0.0.1");
    expect_noted(next, "-");
    assert_int_equal(registry_next_expiry(&next->room.registry), NOW + 30000);
    void *last = next;
    assert_int_equal(teardown(&last), 0);
}

/* ---- who may take over ---- */

static void expect_uid(const struct world *world, const char *name, uint32_t uid)
{
    const struct listing *listing =
        listings_find(&world->room.registry.listings, world->room.list[1], name);
    assert_non_null(listing);
    assert_int_equal(listing->uid, uid);
    assert_int_equal(listing->budget->owner, uid);
}

/* It stays until the new holder has an address. Root cannot take a name that another user holds. */
static void root_may_take_over_what_lingers(void **state)
{
    struct world *world = *state;
    world->room.holders[2].uid = world->room.holders[2].owner = 0;
    request(world, 0, "www.internal", "eth0", 60);
    assert_int_equal(request(world, 2, "www.internal", "eth0", -1), REGISTRY_IN_USE);
    leave(world, 0, NOW);
    assert_int_equal(request(world, 2, "www.internal", "bare", 60), REGISTRY_OK);
    expect(world, "www.internal=10.0.0.1");
    expect_uid(world, "www.internal", 0);
    assert_int_equal(request(world, 0, "www.internal", "eth0", 60), REGISTRY_IN_USE);
    /* If it ends without an address, the name belongs to the former holder again. */
    leave(world, 2, NOW);
    expect(world, "www.internal=10.0.0.1");
    expect_uid(world, "www.internal", 7);
    /* The next holder has an address. */
    assert_int_equal(request(world, 2, "www.internal", "eth0", 60), REGISTRY_OK);
    expect(world, "www.internal=10.0.2.1");
    leave(world, 2, NOW);
    expect(world, "www.internal=10.0.2.1");
    expect_uid(world, "www.internal", 0);
    assert_int_equal(request(world, 0, "www.internal", "eth0", 60), REGISTRY_IN_USE);
    assert_true(registry_expire(&world->room.registry, NOW + 60000));
    expect(world, "");
}

/* No other user may. This survives a SIGHUP. */
static void a_user_named_by_a_rule_may_take_over_what_lingers(void **state)
{
    struct world *world = *state;
    struct holder *holders[] = {&world->room.holders[2]};
    const char *why;
    struct name_rule *rule = name_rules_add(&world->room.zones[1].names, "www", 5, &why);
    assert_non_null(rule);
    rule->people.uids[rule->people.n_uids++] = 8;
    name_rules_complete(&world->room.zones[1].names, "internal", NULL, NULL);
    request(world, 0, "mail.internal", "eth0", 60);
    const struct request_options options = {.ttl = -1, .wait = -1, .linger = 60, .id = -1};
    struct registration *r;
    assert_int_equal(registry_add(&world->room.registry, &world->room.holders[0], "www.internal",
                                  "eth0", &options, SINCE, REGISTRY_TAKEN, &r, world->why),
                     REGISTRY_OK); /* from before the rule */
    leave(world, 0, NOW);
    assert_int_equal(request(world, 2, "mail.internal", "eth0", -1), REGISTRY_IN_USE);
    assert_int_equal(request(world, 2, "www.internal", "bare", -1), REGISTRY_OK);
    expect(world, "mail.internal=10.0.0.1 www.internal=10.0.0.1");
    assert_true(
        registry_set_zones(&world->room.registry, world->room.list, 2, holders, 1, never_lost));
    expect(world, "mail.internal=10.0.0.1 www.internal=10.0.0.1");
    expect_uid(world, "www.internal", 8);
}

/* The zone may judge a link differently when the next holder ends. */
static void a_link_that_changes_between_two_ends_is_judged_at_each(void **state)
{
    struct world *world = *state;
    struct namespace *namespace = world->room.holders[0].namespace;
    world->room.holders[1].namespace = world->room.holders[2].namespace = namespace;
    made_links(namespace, "eth0 10.0.0.1, eth1 10.0.0.7");
    request(world, 0, "a.internal", "eth0", 60);
    request(world, 1, "a.internal", "eth1", 60);
    request(world, 2, "b.internal", "eth0", 60);
    leave(world, 2, NOW);
    made_links(namespace, "eth0 127.0.0.9, eth1 10.0.0.7");
    leave(world, 1, NOW);
    expect_shown(world, "a.internal=10.0.0.7 b.internal=10.0.0.1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_name_lingers_as_long_as_asked),
        TEST(each_zone_limits_the_time),
        TEST(a_name_lingers_in_the_families_asked_for),
        TEST(a_name_does_not_linger_without_reason),
        TEST(lingering_addresses_stay_those_of_the_end),
        TEST(only_addresses_the_zone_shows_linger),
        TEST(a_holder_with_a_hidden_address_takes_nothing_over),
        TEST(what_lingers_keeps_its_ttl),
        TEST(a_holder_with_an_address_takes_over_for_good),
        TEST(nothing_lingers_beside_a_holder_with_an_address),
        TEST(a_name_lingers_beside_holders_without_an_address),
        TEST(what_was_taken_over_does_not_come_back),
        TEST(all_interfaces_of_a_connection_linger),
        TEST(a_withdrawn_name_does_not_linger),
        TEST(a_lingering_name_is_refused_to_another_uid),
        TEST(what_lingers_is_charged_as_one_registration),
        TEST(a_user_at_the_limit_may_take_back_what_lingers),
        TEST(what_lingers_goes_where_other_zones_take_it),
        TEST(new_zones_may_shorten_or_end_what_lingers),
        TEST(what_lingers_is_noted_with_the_keeper),
        TEST(notes_are_taken_in_any_order),
        TEST(the_next_phonebookd_takes_what_lingers),
        TEST(a_note_without_a_zone_ends),
        TEST(root_may_take_over_what_lingers),
        TEST(a_user_named_by_a_rule_may_take_over_what_lingers),
        TEST(a_link_that_changes_between_two_ends_is_judged_at_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
