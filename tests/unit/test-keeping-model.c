/* A random walk through everything that a database is made of: after each step, the kept records
 * equal those of the reference. There are zones within zones, in another database, and reverse
 * zones, of which one is a single address, and one a part of a network (RFC 2317). */
#include "../../phonebookd/publishing/keeping.h"
#include "../../zones/reverse.h"

#include "compiled.h"
#include "looked.h"
#include "room.h"

#include <stdio.h>

enum {
    ZONES = 9,
    HOLDERS = 5,
    NAMESPACES = 3,
    STEPS = 600,
    WALKS = 12,
    ADDRESSES = 7,
    SECOND = 1000
};

static const char zones[] =
    "0/30.0.0.10.in-addr.arpa=main 1.10.in-addr.arpa=main 10.in-addr.arpa=main "
    "2.0.0.10.in-addr.arpa=main 8.b.d.0.1.0.0.2.ip6.arpa=main a.b.internal=main c.internal=other "
    "example=main internal=main";
/* Some of their labels are names in others, and some are apexes. */
static const char *const names[] = {
    "www",   "www.internal",     "b.internal",  "a.b.internal", "x.y.z.internal", "*.y.z.internal",
    "*.www", "x.a.b.internal",   "c.internal",  "d.c.internal", "y.z.internal",   "@",
    "ns",    "deep.er.example.", "er.example.", "z.internal",
};
static const char *const addresses[ADDRESSES] = {"10.0.0.1",   "10.0.0.2",    "10.1.0.1",
                                                 "192.0.2.1",  "2001:db8::1", "2001:db8:0:1::1",
                                                 "2001:db8::2"};

struct world {
    uint64_t seed;
    struct room room; /* its list has the present zones */
    struct holder *all[HOLDERS];
    struct looked main, other;
    struct static_image *soa; /* a file with a SOA of `internal`, and other names */
    uint64_t now;
};

/* The same numbers for the same seed, on every machine. */
static size_t pick(struct world *world, size_t n)
{
    world->seed = world->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(world->seed >> 33) % n;
}

static void set_up_zone(struct zone *zone, int i)
{
    zone->wildcards = true;
    zone->reverse = strstr(zone->name, ".arpa");
    if (zone->reverse && strstr(zone->name, "ip6"))
        assert_null(address_prefix_parse(&zone->prefix, "2001:db8::/32"));
    else if (zone->reverse)
        assert_true(reverse_parse(&zone->prefix, zone->name));
    if (strcmp(zone->name, "example") == 0)
        zone->n_gateways = address_parse(&zone->gateways[0], "10.0.0.3");
    zone->on_change = calloc(1, sizeof(char *));
    zone->negative_ttl = 5 + (uint32_t)i; /* so placeholders show their zone */
    zone->ttl = 60 + (uint32_t)i;
}

static void open_world(struct world *world, uint64_t seed)
{
    *world = (struct world){.seed = seed, .now = SECOND};
    room_init(&world->room, zones, HOLDERS);
    for (int i = 0; i < ZONES; i++)
        set_up_zone(&world->room.zones[i], i);
    for (int i = 0; i < HOLDERS; i++) {
        world->all[i] = &world->room.holders[i];
        world->all[i]->socket = pick(world, 2);
        world->all[i]->namespace = world->room.holders[i % NAMESPACES].namespace;
    }
    looked_init(&world->main, "main", &world->room.registry);
    looked_init(&world->other, "other", &world->room.registry);
    world->soa = compiled("Zinternal:ns.elsewhere:root.internal\n&internal::ns.elsewhere\n"
                          "+z.internal:192.0.2.9\n+a.b.z.internal:192.0.2.9\n"
                          "Ca.internal:z.internal\n&sub.internal::ns.sub.internal\n");
}

static void close_world(struct world *world)
{
    room_empty(&world->room);
    looked_and_made(&world->main);
    assert_true(looked_right(&world->main));
    looked_fini(&world->main);
    looked_fini(&world->other);
    room_fini(&world->room);
    static_image_unref(world->soa);
}

/* ---- steps ---- */

static void add(struct world *world)
{
    struct holder *holder = &world->room.holders[pick(world, HOLDERS)];
    struct request_options options = no_request_options;
    options.linger = (int64_t)pick(world, 4) * 3;
    options.ttl = (int64_t)pick(world, 3) * 20 - 1;
    options.family = (int64_t)pick(world, 3);
    options.ptr = (int64_t)pick(world, 3);
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
    registry_add(&world->room.registry, holder, names[pick(world, sizeof names / sizeof *names)],
                 pick(world, 2) ? "eth0" : "eth1", &options, (int64_t)world->now, REGISTRY_ASKED,
                 &added, why);
}

static void drop(struct world *world)
{
    struct holder *holder = &world->room.holders[pick(world, HOLDERS)];
    struct registration *r = holder->registrations;
    for (size_t n = pick(world, holder->n_registrations + 1); r && n > 1; n--)
        r = r->next;
    if (r)
        registry_drop(&world->room.registry, r);
}

static void hang_up(struct world *world)
{
    struct holder *holder = &world->room.holders[pick(world, HOLDERS)];
    assert_true(registry_linger(&world->room.registry, holder, world->now));
    registry_drop_holder(&world->room.registry, holder);
}

static void change_addresses(struct world *world)
{
    static const char *const lengths[] = {"", "/48", "/64", "/128"};
    char text[512] = "";
    for (int link = 0; link < 2; link++) {
        sprintf(text + strlen(text), "%s%seth%d", link ? "," : "", pick(world, 6) ? "" : "-", link);
        for (int i = 0; i < ADDRESSES; i++)
            if (pick(world, 3) == 0)
                sprintf(text + strlen(text), " %s%s%s", addresses[i],
                        strchr(addresses[i], ':') ? lengths[pick(world, 4)] : "",
                        pick(world, 5) ? "" : "=deprecated");
    }
    made_links(world->room.holders[pick(world, NAMESPACES)].namespace, text);
}

static void lost(const struct registration *registration, const char *why)
{
    (void)registration, (void)why;
}

/* Each zone may be present or not, with other settings. */
static void be_like(struct world *world, struct zone *zone)
{
    /* Two zones cannot make a circle of these. */
    static const char *const of_example[] = {"", "er.example", "ns.example"};
    static const char *const of_others[] = {"", "www.internal", "er.example"};
    bool example = strcmp(zone->name, "example") == 0;
    if (!zone->reverse)
        strcpy(zone->like, (example ? of_example : of_others)[pick(world, 3)]);
}

static void change_zones(struct world *world)
{
    size_t n = 0;
    const struct zone *list[ZONES];
    for (int i = 0; i < ZONES; i++) {
        world->room.zones[i].n_rules = 1 + pick(world, 2);
        world->room.zones[i].pointers = (enum zone_pointers)pick(world, 3);
        be_like(world, &world->room.zones[i]);
        if (pick(world, 5) > 0)
            list[n++] = &world->room.zones[i];
    }
    made_servers(list, n);
    memcpy(world->room.list, list, sizeof list);
    assert_true(
        registry_set_zones(&world->room.registry, world->room.list, n, world->all, HOLDERS, lost));
    keeping_begin_anew(&world->main.keeping, "main", true);
    keeping_begin_anew(&world->other.keeping, "other", true);
}

static void change_static(struct world *world)
{
    struct kept_images before = world->main.images;
    world->main.images.n = !world->main.images.n;
    world->main.images.images[0] = world->soa;
    assert_true(keeping_set_images(&world->main.keeping, &before));
}

/* The facts for on-change programs are the same after everything was looked at anew. */
static void audit(struct world *world)
{
    struct kept *kept = &world->main.keeping.kept;
    looked_and_made(&world->main);
    uint64_t digests[ZONES] = {0};
    for (size_t i = 0; i < kept->n_zones; i++)
        digests[i] = kept->zones[i].digest;
    assert_true(looked_audited(&world->main));
    for (size_t i = 0; i < kept->n_zones; i++)
        assert_true(kept->zones[i].digest == digests[i]);
}

static void pass_time(struct world *world)
{
    world->now += pick(world, 5) * SECOND;
    registry_expire(&world->room.registry, world->now);
    registry_drop_overtaken(&world->room.registry);
}

static void step(struct world *world)
{
    static void (*const steps[])(struct world *) = {
        add,       add,      add, drop, hang_up, hang_up, change_addresses, change_addresses,
        pass_time, pass_time};
    static void (*const rare[])(struct world *) = {change_zones, change_static, audit};
    if (pick(world, 20) == 0)
        rare[pick(world, 3)](world);
    else
        steps[pick(world, sizeof steps / sizeof *steps)](world);
}

/* ---- what must hold ---- */

struct networks {
    const struct looked *looked;
    const struct kept_zone *zone;
    size_t n;
    uint8_t last[KEPT_PREFIX_OCTETS];
};

static bool has_in(const struct networks *networks, const uint8_t *octets)
{
    for (size_t i = 0; i < networks->looked->image.n_ours; i++) {
        struct cdb_names texts;
        struct record record;
        image_record(&networks->looked->image, i, &texts, &record);
        if (record.type == RECORD_AAAA &&
            memcmp(record.address.octets, octets, KEPT_PREFIX_OCTETS) == 0 &&
            kept_zone_of(&networks->looked->keeping.kept, record.owner) == networks->zone)
            return true;
    }
    return false;
}

static void check_network(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context)
{
    struct networks *networks = context;
    assert_true(networks->n == 0 || memcmp(networks->last, octets, KEPT_PREFIX_OCTETS) < 0);
    assert_true(has_in(networks, octets));
    memcpy(networks->last, octets, KEPT_PREFIX_OCTETS);
    networks->n++;
}

/* Only known networks, each once; our addresses have two. */
static void check_networks(const struct looked *looked)
{
    static const uint8_t known[2][KEPT_PREFIX_OCTETS] = {{0x20, 0x01, 0x0d, 0xb8},
                                                         {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1}};
    for (size_t i = 0; i < looked->keeping.kept.n_zones; i++) {
        struct networks networks = {.looked = looked, .zone = &looked->keeping.kept.zones[i]};
        kept_prefixes(networks.zone, SIZE_MAX, check_network, &networks);
        assert_int_equal(networks.n, has_in(&networks, known[0]) + has_in(&networks, known[1]));
    }
}

static void check(struct world *world)
{
    unsigned slices = looked_at(&world->main, pick(world, 2) ? 1 : UINT32_MAX);
    assert_true(slices > 0);
    looked_made(&world->main);
    looked_and_made(&world->other);
    assert_true(looked_right(&world->main));
    assert_true(looked_right(&world->other));
    assert_false(looked_and_made(&world->main)); /* no change since */
    check_networks(&world->main);
}

static void what_is_kept_is_what_the_reference_collects(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WALKS; seed++) {
        struct world *world = malloc(sizeof *world);
        open_world(world, seed);
        for (int i = 0; i < STEPS; i++) {
            for (size_t n = 1 + pick(world, 3); n > 0; n--)
                step(world);
            check(world);
        }
        close_world(world);
        free(world);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_what_the_reference_collects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
