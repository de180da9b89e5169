/* A whole database: registrations and addresses in, records out. */
#include "../../common/words.h"
#include "../../phonebookd/publishing/keeping.h"
#include "../../phonebookd/state/spread.h"
#include "../../zones/reverse.h"

#include "looked.h"
#include "room.h"
#include "shown.h"

enum { REVERSE, BOX, DEEP, INTERNAL, OTHER, ZONES };
enum { HOLDERS = 3 };

struct world {
    struct room room;          /* each holder in a namespace of its own */
    struct looked main, other; /* databases, and one without a zone: */
    struct looked none;
    uint64_t digests[ZONES]; /* before the last change */
};

/* The registry's zones are sorted by name. */
static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct zone *zones = world->room.zones;
    room_init(&world->room,
              "10.in-addr.arpa=main box.example=main deep.internal=main internal=main other=other",
              HOLDERS);
    for (int i = 0; i < ZONES; i++) {
        zones[i].relative = i == INTERNAL || i == OTHER;
        zones[i].wildcards = true;
        zones[i].on_change = calloc(1, sizeof(char *)); /* else nobody asks what changed */
    }
    zones[REVERSE].reverse = true;
    assert_null(address_prefix_parse(&zones[REVERSE].prefix, "10.0.0.0/8"));
    looked_init(&world->main, "main", &world->room.registry);
    looked_init(&world->other, "other", &world->room.registry);
    looked_init(&world->none, "none", &world->room.registry);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    room_empty(&world->room);
    looked_fini(&world->main);
    looked_fini(&world->other);
    looked_fini(&world->none);
    room_fini(&world->room);
    free(world);
    return 0;
}

static struct registration *claim(struct world *world, int holder, const char *name,
                                  const char *interface)
{
    return room_claim(&world->room, holder, name, interface, &no_request_options, 1,
                      REGISTRY_ASKED);
}

static struct looked *database_of(struct world *world, const char *database)
{
    return strcmp(database, "main") == 0    ? &world->main
           : strcmp(database, "other") == 0 ? &world->other
                                            : &world->none;
}

/* True if it has changed. */
static bool collect_again(struct world *world, const char *database)
{
    struct looked *looked = database_of(world, database);
    for (size_t i = 0; i < looked->keeping.kept.n_zones; i++) {
        const struct kept_zone *zone = &looked->keeping.kept.zones[i];
        world->digests[zone->zone - world->room.zones] = zone->digest;
    }
    bool differs = looked_and_made(looked);
    assert_true(looked_right(looked));
    return differs;
}

/* As after a SIGHUP. */
static void zones_changed(struct world *world)
{
    keeping_begin_anew(&world->main.keeping, "main", false);
}

/* The image's records that are in the zone. */
static char *shown_zone(const struct looked *looked, const char *zone)
{
    struct records records;
    records_init(&records);
    for (size_t i = 0; i < looked->image.n_ours; i++) {
        struct cdb_names names;
        struct record record;
        image_record(&looked->image, i, &names, &record);
        if (strcmp(kept_zone_of(&looked->keeping.kept, record.owner)->zone->name, zone) == 0)
            records_add(&records, &record);
    }
    char *text = shown_span(&records, 0, records.length);
    records_fini(&records);
    return text;
}

/* Without the SOA and NS records, which always exist. */
static void zone_has(const struct world *world, const char *zone, const char *expected)
{
    const struct looked *looked = strcmp(zone, "other") == 0 ? &world->other : &world->main;
    char *text = shown_zone(looked, zone), apex[512];
    snprintf(apex, sizeof apex, "SOA %s; NS %s ns.%s", zone, zone, zone);
    size_t length = strlen(apex);
    assert_true(strncmp(text, apex, length) == 0);
    assert_string_equal(text + length + (text[length] ? 2 : 0), expected);
    free(text);
}

/* "internal 10.in-addr.arpa": the zones that differ from before. */
static void changed_are(const struct world *world, const char *expected)
{
    const struct kept *kept = &world->main.keeping.kept;
    char found[512] = "";
    for (size_t i = 0; i < kept->n_zones; i++)
        if (kept->zones[i].digest != world->digests[kept->zones[i].zone - world->room.zones])
            sprintf(found + strlen(found), "%s%s", *found ? " " : "", kept->zones[i].zone->name);
    assert_string_equal(found, expected);
}

static void zones_of_a_database_stand_side_by_side(void **state)
{
    static const char *const zones[] = {"10.in-addr.arpa", "box.example", "deep.internal",
                                        "internal"};
    struct world *world = *state;
    assert_true(collect_again(world, "main"));
    for (size_t i = 0; i < 4; i++)
        zone_has(world, zones[i], "");
    assert_int_equal(world->main.image.n_ours, 8);
    collect_again(world, "other");
    zone_has(world, "other", "");
    assert_int_equal(world->other.image.n_ours, 2);
    collect_again(world, "none");
    assert_int_equal(world->none.image.n_ours, 0);
}

static void each_name_is_in_its_zone(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www", "eth0");
    claim(world, 1, "www.box.example", "eth1");
    claim(world, 1, "mail.internal", "eth1");
    claim(world, 1, "db.deep.internal", "eth1");
    claim(world, 2, "absent.internal", "eth2");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.2 10.0.0.1 fd00::1");
    made_links(world->room.holders[1].namespace, "eth1 192.0.2.1");
    collect_again(world, "main");
    zone_has(world, "box.example", "www.box.example 192.0.2.1");
    zone_has(world, "deep.internal", "db.deep.internal 192.0.2.1");
    zone_has(world, "internal",
             "mail.internal 192.0.2.1; www.internal 10.0.0.1; www.internal 10.0.0.2; "
             "www.internal fd00::1");
    zone_has(world, "10.in-addr.arpa",
             "- 0.10.in-addr.arpa; - 0.0.10.in-addr.arpa; PTR 1.0.0.10.in-addr.arpa www.internal; "
             "PTR 2.0.0.10.in-addr.arpa www.internal");
    collect_again(world, "other");
    zone_has(world, "other", "www.other 10.0.0.1; www.other 10.0.0.2; www.other fd00::1");
}

static void empty_names_between_come_and_go(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.1");
    claim(world, 0, "db.app.internal", "eth0");
    struct registration *wild = claim(world, 0, "*.x.y.internal", "eth0");
    struct registration *app = claim(world, 0, "app.internal", "eth0");
    claim(world, 0, "absent.away.internal", "eth9"); /* no address, so no placeholder either */
    collect_again(world, "main");
    zone_has(world, "internal",
             "app.internal 192.0.2.1; db.app.internal 192.0.2.1; - y.internal; - x.y.internal; "
             "*.x.y.internal 192.0.2.1");
    registry_drop(&world->room.registry, app);
    registry_drop(&world->room.registry, wild);
    collect_again(world, "main");
    zone_has(world, "internal", "- app.internal; db.app.internal 192.0.2.1");
    changed_are(world, "internal");
}

/* PTR records exist for the shown addresses: the gateway's too, but none that a rule excludes. */
static void a_reverse_zone_follows_what_is_shown(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 10.1.2.3 198.51.100.1");
    made_links(world->room.holders[1].namespace, "eth0 10.1.2.3");
    claim(world, 0, "b.internal", "eth0");
    claim(world, 1, "a.box.example", "eth0");
    claim(world, 1, "c.other", "eth0"); /* of another database */
    collect_again(world, "main");
    zone_has(world, "10.in-addr.arpa",
             "- 1.10.in-addr.arpa; - 2.1.10.in-addr.arpa; PTR 3.2.1.10.in-addr.arpa a.box.example; "
             "PTR 3.2.1.10.in-addr.arpa b.internal");
    world->room.zones[INTERNAL].n_rules = 1; /* only global */
    assert_true(address_parse(&world->room.zones[BOX].gateways[0], "10.9.9.9"));
    world->room.zones[BOX].n_gateways = 1;
    zones_changed(world);
    made_links(world->room.holders[1].namespace, "eth0");
    collect_again(world, "main");
    zone_has(world, "10.in-addr.arpa", "");
    changed_are(world, "10.in-addr.arpa box.example internal");
}

static void a_gateways_address_points_to_the_name(void **state)
{
    struct world *world = *state;
    struct zone *zone = &world->room.zones[INTERNAL];
    assert_true(address_parse(&zone->gateways[0], "10.9.9.9"));
    zone->n_gateways = 1;
    made_links(world->room.holders[0].namespace, "eth0 10.1.2.3 2001:db8::1");
    claim(world, 0, "www.internal", "eth0");
    collect_again(world, "main");
    zone_has(world, "internal", "www.internal 10.9.9.9; www.internal 2001:db8::1");
    zone_has(world, "10.in-addr.arpa",
             "- 9.10.in-addr.arpa; - 9.9.10.in-addr.arpa; PTR 9.9.9.10.in-addr.arpa www.internal");
}

static void pointers_are_chosen_by_zones_and_registrations(void **state)
{
    enum { ALL = ZONE_POINTERS_ALL, FIRST = ZONE_POINTERS_FIRST, NONE = ZONE_POINTERS_NONE };
    enum { SAID_NOTHING = REQUEST_PTR_UNSAID, YES = REQUEST_PTR_YES, NO = REQUEST_PTR_NO };
    enum { NAMES = 4 };
    static const char *const names[NAMES] = {"a.box.example", "b.internal", "c.internal",
                                             "d.internal"};
    static const struct {
        int reverse, box, internal;
        int64_t since[NAMES], ptr[NAMES];
        const char *expected; /* the first letters */
    } cases[] = {
        {ALL, ALL, ALL, {9, 8, 7, 6}, {SAID_NOTHING, YES, SAID_NOTHING, YES}, "abcd"},
        {ALL, ALL, ALL, {9, 8, 7, 6}, {SAID_NOTHING, NO, YES, NO}, "ac"},
        {FIRST, ALL, ALL, {9, 8, 7, 8}, {0}, "c"},
        {FIRST,
         ALL,
         ALL,
         {9, 8, 7, 8},
         {YES, YES, NO, YES},
         "b"}, /* of the same second and socket */
        {FIRST, FIRST, FIRST, {2, 3, 4, 5}, {0}, "a"},
        {FIRST, NONE, ALL, {2, 3, 4, 5}, {0}, "b"},
        {FIRST, ALL, ALL, {9, 8, 7, 8}, {NO, NO, NO, NO}, ""},
        {ALL, ALL, FIRST, {9, 8, 7, 6}, {0}, "da"}, /* each zone's oldest comes first */
        {ALL, FIRST, FIRST, {9, 8, 7, 6}, {0}, "ad"},
        {ALL, FIRST, FIRST, {9, 8, 7, 6}, {NO, YES, YES, NO}, "c"},
        {ALL, ALL, NONE, {9, 8, 7, 6}, {YES, YES, YES, YES}, "a"},
        {NONE, ALL, ALL, {9, 8, 7, 6}, {YES, YES, YES, YES}, ""},
    };
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world->room.zones[REVERSE].pointers = (enum zone_pointers)cases[i].reverse;
        world->room.zones[BOX].pointers = (enum zone_pointers)cases[i].box;
        world->room.zones[INTERNAL].pointers = (enum zone_pointers)cases[i].internal;
        zones_changed(world);
        for (int j = 0; j < NAMES; j++) {
            struct request_options options = no_request_options;
            options.ptr = cases[i].ptr[j];
            char why[REGISTRY_WHY_MAX];
            struct registration *added;
            assert_int_equal(registry_add(&world->room.registry, &world->room.holders[0], names[j],
                                          "eth0", &options, cases[i].since[j], REGISTRY_ASKED,
                                          &added, why),
                             REGISTRY_OK);
        }
        collect_again(world, "main");
        char expected[512] = "";
        if (*cases[i].expected)
            strcpy(expected, "- 0.10.in-addr.arpa; - 0.0.10.in-addr.arpa");
        for (const char *letter = cases[i].expected; *letter; letter++)
            sprintf(expected + strlen(expected), "; PTR 1.0.0.10.in-addr.arpa %s",
                    names[*letter - 'a']);
        zone_has(world, "10.in-addr.arpa", expected);
        registry_drop_holder(&world->room.registry, &world->room.holders[0]);
        collect_again(world, "main");
        zone_has(world, "10.in-addr.arpa", "");
    }
}

/* Also with several registrations of one name; and changing `ptr` is a change. */
static void an_address_is_as_old_as_its_oldest_registration(void **state)
{
    struct world *world = *state;
    struct request_options options = no_request_options;
    world->room.zones[REVERSE].pointers = ZONE_POINTERS_FIRST;
    zones_changed(world);
    for (int i = 0; i < HOLDERS; i++)
        made_links(world->room.holders[i].namespace,
                   i == 1 ? "eth0 10.0.0.1 10.0.0.2" : "eth0 10.0.0.2");
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
    for (int i = 0; i < 2; i++) /* b: 10.0.0.2 since 5, and the other one since 9 */
        assert_int_equal(registry_add(&world->room.registry, &world->room.holders[i], "b.internal",
                                      "eth0", &options, i == 0 ? 5 : 9, REGISTRY_ASKED, &added,
                                      why),
                         REGISTRY_OK);
    world->room.holders[2].namespace = world->room.holders[1].namespace;
    assert_int_equal(registry_add(&world->room.registry, &world->room.holders[2], "a.internal",
                                  "eth0", &options, 7, REGISTRY_ASKED, &added, why),
                     REGISTRY_OK);
    collect_again(world, "main");
    zone_has(world, "10.in-addr.arpa",
             "- 0.10.in-addr.arpa; - 0.0.10.in-addr.arpa; PTR 1.0.0.10.in-addr.arpa a.internal; "
             "PTR 2.0.0.10.in-addr.arpa b.internal");
    options.ptr = REQUEST_PTR_NO;
    assert_int_equal(registry_add(&world->room.registry, &world->room.holders[0], "b.internal",
                                  "eth0", &options, 5, REGISTRY_ASKED, &added, why),
                     REGISTRY_OK);
    assert_true(collect_again(world, "main"));
    zone_has(world, "10.in-addr.arpa",
             "- 0.10.in-addr.arpa; - 0.0.10.in-addr.arpa; PTR 1.0.0.10.in-addr.arpa a.internal; "
             "PTR 2.0.0.10.in-addr.arpa a.internal");
}

/* RFC 2317. The usual name exists too, if one of our zones contains it. */
static void a_part_of_a_network_has_names_of_its_own(void **state)
{
    struct world *world = *state;
    struct zone *zone = &world->room.zones[REVERSE];
    strcpy(zone->name, "0-7.0.0.10.in-addr.arpa");
    zone_complete(zone);
    sprintf(zone->nameservers[0], "ns.%s", zone->name);
    assert_true(reverse_parse(&zone->prefix, zone->name));
    zones_changed(world);
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 10.0.0.7 10.0.0.8");
    claim(world, 0, "www.internal", "eth0");
    collect_again(world, "main");
    zone_has(world, zone->name,
             "PTR 1.0-7.0.0.10.in-addr.arpa www.internal; PTR 7.0-7.0.0.10.in-addr.arpa "
             "www.internal");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.8");
    collect_again(world, "main");
    zone_has(world, zone->name, "");
}

static void nobody_lost(const struct registration *registration, const char *why)
{
    fail_msg("%s: %s", registration->name, why);
}

/* Can what is kept be changed, where a zone is replaced by one with this TTL and program? */
static bool can_be_changed(struct world *world, uint32_t ttl, const char *program)
{
    struct zone zone = made_zone("internal", "main");
    zone.relative = zone.wildcards = true;
    zone.ttl = ttl;
    zone.on_change = words_of(program);
    const struct zone *list[ZONES], *changed[] = {&zone}, *back[] = {&world->room.zones[INTERNAL]};
    memcpy(list, world->room.list, sizeof list);
    list[INTERNAL] = &zone;
    made_servers(list, ZONES);
    struct registry *registry = &world->room.registry;
    assert_true(registry_change_zones(registry, list, ZONES, changed, 1, NULL, 0));
    bool can = keeping_change_zones(&world->main.keeping);
    if (!can)
        zones_changed(world);
    looked_and_made(&world->main);
    assert_true(looked_right(&world->main));
    made_servers(world->room.list, ZONES);
    assert_true(registry_change_zones(registry, world->room.list, ZONES, back, 1, NULL, 0));
    zones_changed(world);
    looked_and_made(&world->main);
    zone_fini(&zone);
    return can;
}

/* Its records are others for the new zone, whoever puts them. */
static void an_apex_that_is_given_up_before_the_look_has_its_records(void **state)
{
    struct world *world = *state;
    struct registry *registry = &world->room.registry;
    struct holder *holders[] = {&world->room.holders[0]};
    collect_again(world, "main");
    struct registration *r = claim(world, 0, "internal.", "eth0");
    world->room.zones[INTERNAL].ttl = 61;
    assert_true(registry_change_zones(registry, world->room.list, ZONES,
                                      &world->room.list[INTERNAL], 1, holders, 1));
    assert_true(keeping_change_zones(&world->main.keeping));
    registry_drop(registry, r);
    assert_true(collect_again(world, "main"));
}

/* It has to be run, even if no record changes. */
static void a_zone_with_another_program_is_made_anew(void **state)
{
    struct world *world = *state;
    collect_again(world, "main");
    assert_true(can_be_changed(world, 60, ""));
    assert_true(can_be_changed(world, 61, ""));
    assert_false(can_be_changed(world, 60, "/bin/true"));
}

static void be_like_gw(struct world *world)
{
    strcpy(world->room.zones[INTERNAL].like, "gw.internal");
    strcpy(world->room.zones[OTHER].like, "gw.internal");
    assert_true(
        registry_set_zones(&world->room.registry, world->room.list, ZONES, NULL, 0, nobody_lost));
    keeping_begin_anew(&world->main.keeping, "main", false);
    keeping_begin_anew(&world->other.keeping, "other", false);
}

/* In each database, by the prefixes of a name in it or elsewhere. */
static void only_addresses_with_a_prefix_in_use_are_shown(void **state)
{
    static const struct {
        const char *gw; /* links of its namespace; NULL: nobody holds the name */
        const char *shown;
    } cases[] = {
        {NULL, "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
        {"gw0 2001:db8:0:1::1/64", "192.0.2.7 2001:db8:0:1::2"},
        {"gw0 2001:db8:0:1::1/64 2001:db8:0:2::1/64", "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
        {"gw0 2001:db8:0:2::1/64", "192.0.2.7 2001:db8:0:2::2"},
        {"gw0 2001:db8:0:2::1/128", "192.0.2.7 2001:db8:0:2::2"},
        {"gw0 2001:db8:0:2::1/60", "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
        {"gw0 2001:db8:0:9::1/64", "192.0.2.7"},
        {"gw0 2001:db8:0:2::1/64=tentative", "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
        {"gw0 192.0.2.1", "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
        {"-gw0 2001:db8:0:2::1/64", "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
        {"gw0 2001:db8:0:2::1/64", "192.0.2.7 2001:db8:0:2::2"},
        {NULL, "192.0.2.7 2001:db8:0:1::2 2001:db8:0:2::2"},
    };
    struct world *world = *state;
    be_like_gw(world);
    made_links(world->room.holders[1].namespace,
               "eth0 192.0.2.7 2001:db8:0:1::2/64 2001:db8:0:2::2/64");
    claim(world, 1, "www", "eth0");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *copy = strdup(cases[i].shown);
        registry_drop_holder(&world->room.registry, &world->room.holders[0]);
        if (cases[i].gw)
            claim(world, 0, "gw.internal", "gw0");
        if (cases[i].gw)
            made_links(world->room.holders[0].namespace, cases[i].gw);
        collect_again(world, "main");
        collect_again(world, "other");
        char *rest, expected[512] = "";
        for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
            sprintf(expected + strlen(expected), "%swww.other %s", *expected ? "; " : "", word);
        zone_has(world, "other", expected);
        free(copy);
    }
}

/* Also a change that comes between two slices. */
static void a_change_of_prefixes_reaches_all_names_in_slices(void **state)
{
    enum { NAMES = 20, SOME = 7 };
    struct world *world = *state;
    be_like_gw(world);
    made_links(world->room.holders[0].namespace, "gw0 2001:db8:0:1::1/64");
    made_links(world->room.holders[1].namespace, "eth0 2001:db8:0:1::2 2001:db8:0:2::2");
    claim(world, 0, "gw.internal", "gw0");
    for (int i = 0; i < NAMES / 2; i++) { /* each in two zones */
        char name[32];
        sprintf(name, "n%d", i);
        claim(world, 1, name, "eth0");
    }
    collect_again(world, "main");
    collect_again(world, "other");
    assert_false(spread_is_due(&world->room.registry));
    made_links(world->room.holders[0].namespace, "gw0 2001:db8:0:2::1/64");
    assert_true(spread_changes(&world->room.registry, SOME));
    assert_true(spread_changes(&world->room.registry, SOME));
    made_links(world->room.holders[0].namespace, "gw0 2001:db8:0:1::1/64"); /* back again */
    assert_true(spread_is_due(&world->room.registry));
    size_t n = 0;
    while (spread_changes(&world->room.registry, SOME))
        n++;
    assert_true(n > NAMES / SOME);
    assert_false(spread_is_due(&world->room.registry));
    assert_false(collect_again(world, "main"));
    assert_false(collect_again(world, "other"));
}

static void states_with_equal_records_are_equal(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 10.0.0.2");
    claim(world, 0, "a.b.internal", "eth0");
    struct registration *c = claim(world, 0, "c.internal", "eth0");
    collect_again(world, "main");
    registry_drop(&world->room.registry, c);
    claim(world, 1, "c.internal", "eth0");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.2 10.0.0.1");
    made_links(world->room.holders[1].namespace, "eth0 10.0.0.1 10.0.0.2");
    assert_false(collect_again(world, "main"));
    changed_are(world, "");
}

static void only_zones_with_other_records_differ(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.1");
    collect_again(world, "main");
    changed_are(world, "10.in-addr.arpa box.example deep.internal internal"); /* all are new */
    claim(world, 0, "a.box.example", "eth0");
    collect_again(world, "main");
    changed_are(world, "box.example"); /* the others have only moved */
    world->room.zones[DEEP].negative_ttl = 6;
    zones_changed(world);
    collect_again(world, "main");
    changed_are(world, "deep.internal");
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.2");
    collect_again(world, "main");
    changed_are(world, "box.example");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.2");
    collect_again(world, "main");
    changed_are(world, "10.in-addr.arpa box.example");
}

static void a_listing_knows_whether_and_since_when_it_is_shown(void **state)
{
    struct world *world = *state;
    struct registration *r = claim(world, 0, "www", "eth0");
    const struct listing *internal = r->claims[0].listing, *other = r->claims[1].listing;
    collect_again(world, "main");
    assert_int_equal(internal->state, LISTING_HIDDEN);
    assert_int_equal(other->state, LISTING_NEW);
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1");
    collect_again(world, "main");
    assert_int_equal(internal->state, LISTING_SHOWN);
    assert_int_equal(internal->build, 2);
    collect_again(world, "main");
    assert_int_equal(internal->build, 2); /* since then */
    assert_int_equal(other->state, LISTING_NEW);
    collect_again(world, "other");
    assert_int_equal(other->build, 1);
    made_links(world->room.holders[0].namespace, "eth0");
    collect_again(world, "main");
    assert_int_equal(internal->state, LISTING_HIDDEN);
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1");
    collect_again(world, "main");
    assert_int_equal(internal->build, 4);
}

static void what_lingers_is_marked_once_a_claim_is_shown(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0")->options.linger = 10;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.1");
    registry_linger(&world->room.registry, &world->room.holders[0], 1);
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    const struct listing *listing = claim(world, 1, "www.internal", "eth0")->claims[0].listing;
    made_links(world->room.holders[1].namespace, "eth0 fe80::1");
    collect_again(world, "main");
    zone_has(world, "internal", "www.internal 192.0.2.1");
    assert_int_equal(listing->state, LISTING_LINGERING);
    assert_false(listing->remnants->overtaken);
    made_links(world->room.holders[1].namespace, "eth0 fe80::1 192.0.2.2");
    collect_again(world, "other");
    assert_false(listing->remnants->overtaken);
    collect_again(world, "main");
    zone_has(world, "internal", "www.internal 192.0.2.2");
    assert_int_equal(listing->state, LISTING_SHOWN);
    assert_int_equal(listing->build, 2);
    assert_true(listing->remnants->overtaken);
    registry_drop_overtaken(&world->room.registry);
    made_links(world->room.holders[1].namespace, "lo 127.0.0.1");
    collect_again(world, "main");
    zone_has(world, "internal", "");
    assert_int_equal(listing->state, LISTING_HIDDEN);
}

/* Later ones come and go. */
static void a_cut_set_keeps_its_first_addresses(void **state)
{
    struct world *world = *state;
    char links[2048] = "eth0";
    for (int i = 1; i <= 40; i++)
        sprintf(links + strlen(links), " fd00::%d 10.0.0.%d", i, i);
    made_links(world->room.holders[0].namespace, links);
    claim(world, 0, "www.internal", "eth0");
    looked_and_made(&world->main);
    assert_int_equal(world->main.cuts.n, 2);
    assert_string_equal(world->main.cuts.cuts[0].owner, "www.internal");
    assert_int_equal(world->main.cuts.cuts[0].type, RECORD_A);
    assert_int_equal(world->main.cuts.cuts[0].kept, 30);
    assert_int_equal(world->main.cuts.cuts[0].all, 40);
    assert_int_equal(world->main.cuts.cuts[1].type, RECORD_AAAA);
    assert_int_equal(world->main.cuts.cuts[1].kept, 17);
    /* 30 + 17, as many PTR records as addresses that are shown, and two names between */
    assert_int_equal(world->main.image.n_ours, 4 * 2 + 30 + 17 + 30 + 2);
    char more[2048];
    snprintf(more, sizeof more, "%s fd00::ffff 10.0.0.200", links);
    made_links(world->room.holders[0].namespace, more);
    assert_false(collect_again(world, "main"));
    assert_int_equal(world->main.cuts.n, 0); /* they were reported */
    zones_changed(world);
    assert_false(collect_again(world, "main"));
    assert_int_equal(world->main.cuts.n, 0);
    made_links(world->room.holders[0].namespace, "eth0 fd00::1");
    assert_true(collect_again(world, "main"));
    assert_int_equal(world->main.cuts.n, 0);
    made_links(world->room.holders[0].namespace, more);
    assert_true(collect_again(world, "main"));
    assert_int_equal(world->main.cuts.n, 2);
}

static void refuse(void *context, size_t line, const char *why)
{
    (void)context;
    fail_msg("line %zu: %s", line, why);
}

/* The database `main` has a static file with these lines; NULL: none. */
static void set_static(struct world *world, const char *lines)
{
    struct kept_images before = world->main.images;
    size_t length = lines ? strlen(lines) : 0;
    char *text = malloc(length + 1);
    world->main.images.n = lines != NULL;
    size_t refused;
    if (lines)
        world->main.images.images[0] =
            static_image_new(memcpy(text, lines, length), length, refuse, NULL, &refused);
    else
        free(text);
    assert_true(keeping_set_images(&world->main.keeping, &before));
    for (size_t i = 0; i < before.n; i++)
        static_image_unref(before.images[i]);
}

static void make_again(struct world *world)
{
    looked_and_made(&world->main);
    assert_int_equal(world->main.keeping.how, KEEPING_TRUE);
}

static void what_a_static_file_excludes_is_not_shown(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1");
    claim(world, 0, "alias.internal", "eth0");
    claim(world, 0, "x.sub.internal", "eth0");
    claim(world, 0, "www.internal", "eth0");
    collect_again(world, "main");
    set_static(world, "Calias.internal:www.internal\n&sub.internal:192.0.2.1:ns.sub.internal\n"
                      "C1.0.0.10.in-addr.arpa:1.0.rfc2317.example\n");
    make_again(world);
    assert_int_equal(world->main.n_static, 2);
    zone_has(world, "internal", "www.internal 10.0.0.1");
    zone_has(world, "10.in-addr.arpa", "- 0.10.in-addr.arpa; - 0.0.10.in-addr.arpa");
    claim(world, 0, "mail.internal", "eth0");
    make_again(world);
    assert_int_equal(world->main.n_static, 0); /* they were reported */
    assert_true(looked_audited(&world->main));
    set_static(world, NULL);
    make_again(world);
    zone_has(world, "internal",
             "alias.internal 10.0.0.1; mail.internal 10.0.0.1; - sub.internal; "
             "x.sub.internal 10.0.0.1; www.internal 10.0.0.1");
    collect_again(world, "main");
}

static void names_above_static_names_get_placeholders(void **state)
{
    struct world *world = *state;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.1");
    collect_again(world, "main");
    set_static(world, "+a.b2.internal:192.0.2.9\n+c.d.b2.internal:192.0.2.9\n"
                      "+d.b2.internal:192.0.2.9\n+*.w.internal:192.0.2.9\n"
                      "+x.elsewhere.example:192.0.2.9\n"
                      "&sub.internal:192.0.2.1:ns.deep.sub.internal\n");
    make_again(world);
    zone_has(world, "internal", "- b2.internal; - w.internal");
    claim(world, 0, "b2.internal", "eth0");
    struct registration *other = claim(world, 0, "x.b2.internal", "eth0");
    make_again(world);
    zone_has(world, "internal", "b2.internal 192.0.2.1; x.b2.internal 192.0.2.1; - w.internal");
    assert_true(looked_audited(&world->main));
    set_static(world, "+y.x.b2.internal:192.0.2.9\n");
    registry_drop(&world->room.registry, other);
    make_again(world);
    zone_has(world, "internal", "b2.internal 192.0.2.1; - x.b2.internal");
    set_static(world, NULL);
    make_again(world);
    zone_has(world, "internal", "b2.internal 192.0.2.1");
    collect_again(world, "main");
}

static void a_user_with_expensive_names_waits_alone(void **state)
{
    const uint64_t burst = (uint64_t)BUDGET_BURST_MS * 1000000 * BUDGET_SHARE;
    struct world *world = *state;
    struct keeping *keeping = &world->main.keeping;
    world->room.holders[0].uid = world->room.holders[0].owner = 7;
    world->room.holders[1].uid = world->room.holders[1].owner = 8;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.1");
    made_links(world->room.holders[1].namespace, "eth0 192.0.2.1");
    const struct listing *owes = claim(world, 0, "a.internal", "eth0")->claims[0].listing;
    collect_again(world, "main");
    const uint64_t second = 1000000000;
    owes->budget->paid = 9 * second + burst;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.2");
    const struct listing *other = claim(world, 1, "b.internal", "eth0")->claims[0].listing;
    assert_int_equal(keeping_due(keeping, 5 * second, false), 0);
    bool settled;
    assert_int_equal(keeping_look(keeping, 5 * second, false, UINT32_MAX, &settled), KEEPING_DONE);
    assert_int_equal(other->state, LISTING_SHOWN);
    assert_int_equal(other->queue, LISTING_SETTLED);
    assert_int_equal(owes->queue, LISTING_TOUCHED);
    assert_true(keeping_due(keeping, 5 * second, false) == 9 * second);
    assert_int_equal(keeping_due(keeping, 5 * second, true), 0);
    assert_true(looked_made(&world->main));
    zone_has(world, "internal", "a.internal 192.0.2.1; b.internal 192.0.2.1");
    assert_int_equal(keeping_look(keeping, 9 * second, false, UINT32_MAX, &settled), KEEPING_DONE);
    assert_int_equal(owes->queue, LISTING_SETTLED);
    assert_true(owes->budget->paid > 9 * second + burst); /* and this is charged too */
    assert_true(keeping_due(keeping, 9 * second, false) == UINT64_MAX);
    assert_true(looked_made(&world->main));
    zone_has(world, "internal", "a.internal 192.0.2.2; b.internal 192.0.2.1");
}

static void giving_up_all_names_cancels_no_debt(void **state)
{
    const uint64_t burst = (uint64_t)BUDGET_BURST_MS * 1000000 * BUDGET_SHARE;
    struct world *world = *state;
    world->room.holders[0].uid = world->room.holders[0].owner = 7;
    made_links(world->room.holders[0].namespace, "eth0 192.0.2.1");
    const struct budget *budget = claim(world, 0, "a.internal", "eth0")->claims[0].listing->budget;
    collect_again(world, "main");
    ((struct budget *)budget)->paid = world->main.now + burst;
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    bool settled;
    keeping_look(&world->main.keeping, world->main.now, true, UINT32_MAX, &settled);
    assert_int_equal(budget->n_names, 0);
    assert_ptr_equal(claim(world, 0, "b.internal", "eth0")->claims[0].listing->budget, budget);
    assert_true(budget->paid > world->main.now + burst);
    assert_true(keeping_due(&world->main.keeping, world->main.now, false) > world->main.now);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(zones_of_a_database_stand_side_by_side),
        TEST(each_name_is_in_its_zone),
        TEST(empty_names_between_come_and_go),
        TEST(a_reverse_zone_follows_what_is_shown),
        TEST(a_gateways_address_points_to_the_name),
        TEST(pointers_are_chosen_by_zones_and_registrations),
        TEST(an_address_is_as_old_as_its_oldest_registration),
        TEST(a_part_of_a_network_has_names_of_its_own),
        TEST(a_zone_with_another_program_is_made_anew),
        TEST(an_apex_that_is_given_up_before_the_look_has_its_records),
        TEST(only_addresses_with_a_prefix_in_use_are_shown),
        TEST(a_change_of_prefixes_reaches_all_names_in_slices),
        TEST(states_with_equal_records_are_equal),
        TEST(only_zones_with_other_records_differ),
        TEST(a_listing_knows_whether_and_since_when_it_is_shown),
        TEST(what_lingers_is_marked_once_a_claim_is_shown),
        TEST(a_cut_set_keeps_its_first_addresses),
        TEST(a_user_with_expensive_names_waits_alone),
        TEST(giving_up_all_names_cancels_no_debt),
        TEST(what_a_static_file_excludes_is_not_shown),
        TEST(names_above_static_names_get_placeholders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
