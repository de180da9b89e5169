/* The lines of the `list` socket, without databases: test-databases tests which names are live. */
#include "../../phonebookd/clients/list.h"
#include "../../phonebookd/limits.h"

#include "room.h"
#include "unbuilt.h"

#include <stdio.h>

struct world {
    struct room room;
    struct list_source source;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "box.example=public internal=internal", 2);
    room_divide_classes(&world->room);
    world->source =
        (struct list_source){.registry = &world->room.registry, .served = unbuilt_served};
    for (int i = 0; i < 2; i++) {
        struct holder *holder = &world->room.holders[i];
        holder->uid = holder->owner = 1000;
        holder->pid = 4711 + i;
        holder->namespace->inode = 4026530000u + (unsigned)i;
    }
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    room_fini(&world->room);
    free(world);
    return 0;
}

static struct registration *claim(struct world *world, int holder, const char *name,
                                  const char *interface)
{
    return room_claim(&world->room, holder, name, interface, &no_request_options,
                      1700000000 + holder, REGISTRY_ASKED);
}

/* Ignores limits. */
static struct registration *claim_freely(struct world *world, const char *name)
{
    return room_claim(&world->room, 0, name, "eth0", &no_request_options, 1700000000,
                      REGISTRY_TAKEN);
}

/* The list, made slice by slice, as it is sent; the caller frees it. */
static char *whole_text(struct world *world)
{
    struct list_place place = {0};
    char *text = strdup("");
    for (size_t length = 12345, room = 1; length > 0; room += length) {
        char *slice = list_slice(&world->source, &place, &length);
        assert_non_null(slice);
        assert_int_equal(length, strlen(slice));
        assert_true(length == 0 || slice[length - 1] == '\n');
        text = realloc(text, room + length);
        strcat(text, slice);
        free(slice);
    }
    return text;
}

/* Which connections hold a name is for connections_have_numbers(). */
static char *text_without_numbers(struct world *world)
{
    char *text = whole_text(world), *number;
    while ((number = strstr(text, " number=")))
        memmove(number, strchr(number, '\n'), strlen(strchr(number, '\n')) + 1);
    return text;
}

static void expect(struct world *world, const char *expected)
{
    char *text = text_without_numbers(world);
    assert_string_equal(text, expected);
    free(text);
}

static void expect_end(struct world *world, const char *expected)
{
    char *text = text_without_numbers(world);
    size_t length = strlen(text), end = strlen(expected);
    assert_true(length > end);
    assert_string_equal(text + length - end, expected);
    free(text);
}

static void without_names_the_list_is_empty(void **state)
{
    expect(*state, "");
}

static void each_name_has_a_line(void **state)
{
    struct world *world = *state;
    struct registration *r = claim(world, 0, "www", "eth0");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 2001:db8::1 fe80::1");
    r->claims[1].listing->state = LISTING_HIDDEN;
    expect(world, "name=www.box.example interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=2001:db8::1 "
                  "withheld=10.0.0.1(zone-rule),fe80::1(scope) rule= reason=\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=10.0.0.1 "
                  "withheld=2001:db8::1(zone-rule),fe80::1(scope) rule= reason=\n");
}

static void a_name_without_an_address_says_why(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0");
    expect_end(world, "state=pending addresses= withheld= rule= reason=\n"); /* not looked at yet */
    made_links(world->room.holders[0].namespace, "eth1 10.0.0.1");
    expect_end(world, "state=waiting addresses= withheld= rule= reason=no-interface\n");
    made_links(world->room.holders[0].namespace, "eth0");
    expect_end(world, "state=waiting addresses= withheld= rule= reason=no-address\n");
    made_links(world->room.holders[0].namespace, "-eth0 10.0.0.1 10.0.0.1 fe80::1");
    expect_end(world, "state=waiting addresses= withheld=10.0.0.1(down),fe80::1(down) rule= "
                      "reason=down\n");
}

/* The reason that will probably end soon, or that somebody must act on. */
static void the_reason_that_matters_most_is_shown(void **state)
{
    static const char *const cases[][2] = {
        {"eth0 fe80::1", "scope"},
        {"eth0 2001:db8::1 fe80::1", "zone-rule"},
        {"eth0 2001:db8::1 fd00::1=duplicate fe80::1", "duplicate"},
        {"eth0 2001:db8::1 fd00::1=duplicate fd00::2=tentative", "tentative"},
        {"eth0 fd00::3=temporary fe80::1", "temporary"},
    };
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_links(world->room.holders[0].namespace, cases[i][0]);
        char end[64];
        snprintf(end, sizeof end, " rule= reason=%s\n", cases[i][1]);
        expect_end(world, end);
    }
}

/* An interface can have one address several times, with different prefix lengths. */
static void an_address_is_listed_once(void **state)
{
    struct world *world = *state;
    struct zone *zone = &world->room.zones[1];
    claim(world, 0, "www.internal", "eth0");
    made_links(world->room.holders[0].namespace,
               "eth0 10.0.0.1 10.0.0.1 fd00::1=temporary fd00::1 fd00::2=tentative "
               "fd00::2=temporary 2001:db8::1 2001:db8::1");
    expect_end(world, "state=pending addresses=10.0.0.1,fd00::1 "
                      "withheld=2001:db8::1(zone-rule),fd00::2(tentative) rule= reason=\n");
    assert_true(address_parse(&zone->gateways[0], "10.0.0.1"));
    zone->n_gateways = 1;
    made_links(world->room.holders[0].namespace,
               "eth0 10.0.0.1 10.0.0.2"); /* the gateway's own name */
    expect_end(world,
               "state=pending addresses=10.0.0.1 withheld=10.0.0.2(gateway) rule= reason=\n");
}

/* A name that publishing holds back shows no address. */
static enum served held_back(void *owner, const struct listing *listing, const char **reason)
{
    (void)listing;
    *reason = owner;
    return strcmp(owner, "static") == 0 ? SERVED_WAITING : SERVED_PENDING;
}

static void publishing_may_withhold_addresses(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 fe80::1");
    world->source.served = held_back;
    world->source.owner = (char[]){"static"};
    expect_end(world, "state=waiting addresses= withheld=10.0.0.1(static),fe80::1(scope) rule= "
                      "reason=static\n");
    world->source.owner = (char[]){"untold"};
    expect_end(world,
               "state=pending addresses=10.0.0.1 withheld=fe80::1(scope) rule= reason=untold\n");
}

static void each_withheld_address_has_its_reason(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0");
    world->room.zones[1].families = ZONE_IPV6;
    made_links(world->room.holders[0].namespace,
               "eth0 10.0.0.1 fd00::1 fd00::2=deprecated fd00::3=temporary fd00::4=tentative "
               "fe80::1 2001:db8::1");
    expect(world, "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=fd00::1 "
                  "withheld=10.0.0.1(family),2001:db8::1(zone-rule),fd00::2(deprecated),"
                  "fd00::3(temporary),fd00::4(tentative),fe80::1(scope) rule= reason=\n");
}

static struct registration *claim_family(struct world *world, int holder, const char *name,
                                         enum request_family family)
{
    struct request_options options = no_request_options;
    options.family = family;
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
    assert_int_equal(registry_add(&world->room.registry, &world->room.holders[holder], name, "eth0",
                                  &options, 1700000000 + holder, false, &added, why),
                     REGISTRY_OK);
    return added;
}

/* Also if another registration of the name shows it. */
static void the_other_family_is_withheld_from_a_registration_of_one(void **state)
{
    static const struct {
        enum request_family family;
        const char *links, *expected;
    } cases[] = {
        {REQUEST_IPV4, "eth0 10.0.0.1 fd00::1 fd00::1=deprecated",
         "state=pending addresses=10.0.0.1 withheld=fd00::1(family) rule= reason=\n"},
        {REQUEST_IPV6, "eth0 10.0.0.1 fd00::1",
         "state=pending addresses=fd00::1 withheld=10.0.0.1(family) rule= reason=\n"},
        {REQUEST_IPV6, "eth0 10.0.0.1 10.0.0.2",
         "state=waiting addresses= withheld=10.0.0.1(family),10.0.0.2(family) rule= "
         "reason=family\n"},
        {REQUEST_IPV6, "eth0 10.0.0.1 fe80::1",
         "state=waiting addresses= withheld=fe80::1(scope),10.0.0.1(family) rule= reason=scope\n"},
        {REQUEST_IPV6, "-eth0 10.0.0.1 fd00::1",
         "state=waiting addresses= withheld=10.0.0.1(down),fd00::1(down) rule= reason=down\n"},
        {REQUEST_IPV4, "eth0", "state=waiting addresses= withheld= rule= reason=no-address\n"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        claim_family(world, 0, "www.internal", cases[i].family);
        made_links(world->room.holders[0].namespace, cases[i].links);
        expect_end(world, cases[i].expected);
    }
    world->room.holders[1].namespace = world->room.holders[0].namespace;
    claim_family(world, 1, "www.internal", REQUEST_IPV6);
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 fd00::1");
    expect(world, "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4712 "
                  "since=1700000001 state=pending addresses=fd00::1 withheld=10.0.0.1(family) "
                  "rule= reason=\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=10.0.0.1 withheld=fd00::1(family) "
                  "rule= reason=\n");
}

/* The gateway is listed with each holder that keeps the name alive. */
static void a_gateways_address_is_shown_for_the_name(void **state)
{
    struct world *world = *state;
    struct zone *zone = &world->room.zones[1];
    claim(world, 0, "www.internal", "eth0");
    claim(world, 1, "www.internal", "eth5");
    assert_true(address_parse(&zone->gateways[0], "192.0.2.7"));
    zone->n_gateways = 1;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 fd00::1");
    made_links(world->room.holders[1].namespace, "eth5 2001:db8::1");
    expect(world, "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
                  "since=1700000001 state=waiting addresses= withheld=2001:db8::1(zone-rule) rule= "
                  "reason=zone-rule\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=192.0.2.7,fd00::1 "
                  "withheld=10.0.0.1(gateway) rule= reason=\n");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1");
    made_links(world->room.holders[1].namespace, "eth5");
    expect(world, "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
                  "since=1700000001 state=waiting addresses= withheld= rule= reason=no-address\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=192.0.2.7 "
                  "withheld=10.0.0.1(gateway) rule= reason=\n");
}

/* But one holder's address makes another's deprecated one withheld. */
static void each_holder_has_a_line_with_its_own_addresses(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0");
    claim(world, 1, "www.internal", "eth5");
    made_links(world->room.holders[0].namespace, "eth0 fd00::1=deprecated 10.0.0.1");
    made_links(world->room.holders[1].namespace, "-eth0 10.0.0.9, eth5");
    expect(world,
           "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
           "since=1700000001 state=waiting addresses= withheld= rule= reason=no-address\n"
           "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
           "since=1700000000 state=pending addresses=10.0.0.1,fd00::1 withheld= rule= reason=\n");
    made_links(world->room.holders[1].namespace, "eth5 fd00::2");
    expect(world, "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
                  "since=1700000001 state=pending addresses=fd00::2 withheld= rule= reason=\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses=10.0.0.1 "
                  "withheld=fd00::1(deprecated) rule= reason=\n");
}

static void very_many_withheld_addresses_are_cut(void **state)
{
    enum { EACH = LIST_WITHHELD_MAX / 16 };
    struct world *world = *state;
    char *links = malloc(16 + EACH * 24), *to = links + sprintf(links, "eth0");
    for (int i = 0; i < EACH; i++)
        to += sprintf(to, " 2001:db8::%x", 0x1000 + i);
    made_links(world->room.holders[0].namespace, links);
    world->room.holders[0].uid = world->room.holders[0].owner = 0; /* root has no limit */
    for (int i = 0; i < 18; i++) {
        char name[32];
        sprintf(name, "n%02d.internal", i);
        claim(world, 0, name, "eth0");
    }
    char *text = text_without_numbers(world);
    assert_non_null(strstr(text, "withheld=2001:db8::1000(zone-rule),"));
    size_t cut = 0;
    for (char *at = text;
         (at = strstr(at, ",2001:db8::103f(zone-rule),+4032(more) rule= reason=zone-rule\n")); at++)
        cut++;
    assert_int_equal(cut, 2);
    free(text);
    free(links);
}

/* Two registrations on one link have the same addresses. "+1(limit)" can follow other entries. */
static void addresses_not_looked_at_are_a_number(void **state)
{
    struct world *world = *state;
    struct registration *r = claim(world, 0, "www.internal", "eth0");
    claim(world, 1, "www.internal", "eth5");
    claim(world, 1, "www.internal", "eth6");
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1 10.0.0.2 fe80::1");
    made_links(world->room.holders[1].namespace, "eth5 10.0.1.1 fe80::2");
    r->claims[0].listing->allowed = 4;
    expect(world,
           "name=www.internal interface=eth6 namespace=4026530001 uid=1000 pid=4712 "
           "since=1700000001 state=waiting addresses= withheld= rule= reason=no-interface\n"
           "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
           "since=1700000001 state=pending addresses=10.0.1.1 withheld=+1(limit) rule= reason=\n"
           "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
           "since=1700000000 state=pending addresses=10.0.0.1,10.0.0.2 "
           "withheld=fe80::1(scope) rule= reason=\n");
    r->claims[0].listing->allowed = 2;
    claim(world, 0, "www.internal.", "eth0");
    expect(world,
           "name=www.internal interface=eth6 namespace=4026530001 uid=1000 pid=4712 "
           "since=1700000001 state=waiting addresses= withheld= rule= reason=no-interface\n"
           "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
           "since=1700000001 state=waiting addresses= withheld=+2(limit) rule= reason=limit\n"
           "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
           "since=1700000000 state=pending addresses=10.0.0.1,10.0.0.2 "
           "withheld=+1(limit) rule= reason=\n"
           "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
           "since=1700000000 state=pending addresses=10.0.0.1,10.0.0.2 "
           "withheld=+1(limit) rule= reason=\n");
}

static void what_lingers_is_listed_while_no_holder_shows_an_address(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal", "eth0")->options.linger = 10;
    made_links(world->room.holders[0].namespace, "eth0 10.0.0.1");
    registry_linger(&world->room.registry, &world->room.holders[0], 1);
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    claim(world, 1, "www.internal", "eth5");
    made_links(world->room.holders[1].namespace, "eth5 10.0.0.9=tentative fe80::1");
    expect(world, "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
                  "since=1700000001 state=waiting addresses= "
                  "withheld=10.0.0.9(tentative),fe80::1(scope) rule= reason=tentative\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=lingering addresses=10.0.0.1 withheld= rule= reason=\n");
    made_links(world->room.holders[1].namespace, "eth5 10.0.0.9");
    expect(world, "name=www.internal interface=eth5 namespace=4026530001 uid=1000 pid=4712 "
                  "since=1700000001 state=pending addresses=10.0.0.9 withheld= rule= reason=\n"
                  "name=www.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=lingering addresses= withheld= rule= reason=\n");
}

static struct registration *claim_since(struct world *world, int holder, const char *interface,
                                        int64_t since)
{
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
    assert_int_equal(registry_add(&world->room.registry, &world->room.holders[holder],
                                  "www.internal", interface, &no_request_options, since,
                                  REGISTRY_TAKEN, &added, why),
                     REGISTRY_OK);
    return added;
}

/* What each line has behind its interface, and its number and socket. */
static void expect_numbers(struct world *world, const char *expected)
{
    char *text = whole_text(world), found[512] = "";
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char interface[16];
        assert_int_equal(sscanf(strstr(line, "interface="), "interface=%15s", interface), 1);
        char rest[64];
        assert_int_equal(sscanf(strstr(line, "number="), "number=%63[^\n]", rest), 1);
        sprintf(found + strlen(found), "%s:%s; ", interface, rest);
    }
    assert_string_equal(found, expected);
    free(text);
}

/* Numbers follow the oldest registration of each connection, then its socket, however they came or
 * were taken over. All registrations of a connection have one number; remnants have none. */
static void connections_of_a_name_are_numbered_by_age(void **state)
{
    struct world *world = *state;
    world->room.holders[0].socket = 70;
    world->room.holders[1].socket = 60;
    claim_since(world, 0, "e0", 5)->options.linger = 10;
    claim_since(world, 1, "e1", 5);
    expect_numbers(world, "e0:2 socket=70; e1:1 socket=60; ");
    claim_since(world, 1, "e2", 9);
    expect_numbers(world, "e2:1 socket=60; e0:2 socket=70; e1:1 socket=60; ");
    claim_since(world, 0, "e3", 3);
    expect_numbers(world, "e2:2 socket=60; e0:1 socket=70; e1:2 socket=60; e3:1 socket=70; ");
    made_links(world->room.holders[0].namespace, "e0 10.0.0.1");
    registry_linger(&world->room.registry, &world->room.holders[0], 1);
    registry_drop_holder(&world->room.registry, &world->room.holders[0]);
    expect_numbers(world, "e2:1 socket=60; e1:1 socket=60; e0: socket=; ");
}

static void the_rule_for_a_name_is_listed(void **state)
{
    struct world *world = *state;
    struct name_rules *rules = &world->room.zones[1].names;
    const char *why;
    assert_non_null(name_rules_add(rules, "*.db", 7, &why));
    claim(world, 0, "x.db.internal", "eth0");
    world->room.holders[1].uid = world->room.holders[1].owner = 0;
    claim(world, 1, "ns.internal", "eth0");
    world->room.zones[1].file = strdup("/a b/lan.zone");
    name_rules_complete(rules, "internal", NULL, NULL);
    expect(world, "name=ns.internal interface=eth0 namespace=4026530001 uid=0 pid=4712 "
                  "since=1700000001 state=pending addresses= withheld= rule=own reason=\n"
                  "name=x.db.internal interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
                  "since=1700000000 state=pending addresses= withheld= "
                  "rule=/a?b/lan.zone:7 reason=\n");
}

static void a_name_that_stays_is_listed_once_while_others_come_and_go(void **state)
{
    enum { N = LIST_SLICE + 100 };
    struct world *world = *state;
    struct registration *all[N];
    char name[32];
    for (int i = 0; i < N; i++) {
        sprintf(name, "n%04d.internal", i);
        all[i] = claim_freely(world, name);
    }
    struct list_place place = {0};
    size_t length;
    char *slice = list_slice(&world->source, &place, &length);
    size_t lines = 0;
    for (const char *at = slice; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, LIST_SLICE);
    assert_string_equal(place.zone, "internal");
    sprintf(name, "n%04d.internal", LIST_SLICE - 1);
    assert_string_equal(place.name, name);
    free(slice);
    registry_drop(&world->room.registry, all[LIST_SLICE - 1]); /* the reader stood at this one */
    registry_drop(&world->room.registry, all[LIST_SLICE]);
    claim_freely(world, "n0000a.internal");
    claim_freely(world, "z.internal");
    slice = list_slice(&world->source, &place, &length);
    sprintf(name, "name=n%04d.internal ", LIST_SLICE + 1);
    assert_int_equal(strncmp(slice, name, strlen(name)), 0);
    assert_null(strstr(slice, "n0000a"));
    assert_non_null(strstr(slice, "\nname=z.internal "));
    free(slice);
    slice = list_slice(&world->source, &place, &length);
    assert_int_equal(length, 0);
    free(slice);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

/* Lines are distinguishable, because each holder has another pid. */
static void expect_once(const char *text, int pid)
{
    char field[32];
    sprintf(field, " pid=%d ", pid);
    char *found = strstr(text, field);
    assert_non_null(found);
    assert_null(strstr(found + 1, field));
}

/* All registrations of a user may have the same name. */
static void a_slice_may_end_between_two_holders_of_a_name(void **state)
{
    enum { N = 2 * LIST_SLICE + 100, GONE = N - LIST_SLICE + 1 };
    struct world *world = *state;
    struct holder *holders = calloc(N + 1, sizeof *holders), **all = calloc(N + 2, sizeof *all);
    for (int i = 0; i <= N; i++) {
        holders[i] = (struct holder){.pid = i + 1, .namespace = world->room.holders[0].namespace};
        all[i] = &holders[i];
    }
    struct registration *r;
    char why[REGISTRY_WHY_MAX];
    for (int i = 0; i < N; i++)
        assert_int_equal(registry_add(&world->room.registry, &holders[i], "x.internal", "eth0",
                                      &no_request_options, 1 + i / 100, true, &r, why),
                         REGISTRY_OK);
    claim_freely(world, "y.internal");
    struct list_place place = {0};
    char *slices[4];
    size_t length;
    slices[0] = list_slice(&world->source, &place, &length);
    assert_int_equal(count_lines(slices[0]), LIST_SLICE);
    assert_string_equal(place.name, "x.internal");
    /* The one at which a slice ended is dropped, and so is the next; others come; and all claims
     * are made anew. */
    registry_drop_holder(&world->room.registry, &holders[N - LIST_SLICE]);
    registry_drop_holder(&world->room.registry, &holders[GONE - 2]);
    registry_add(&world->room.registry, &holders[N], "x.internal", "eth0", &no_request_options, N,
                 true, &r, why);
    claim_freely(world, "w.internal");
    all[N + 1] = &world->room.holders[0];
    assert_true(registry_set_zones(&world->room.registry, world->room.list, 2, all, N + 2, NULL));
    slices[1] = list_slice(&world->source, &place, &length);
    assert_int_equal(count_lines(slices[1]), LIST_SLICE);
    slices[2] = list_slice(&world->source, &place, &length);
    slices[3] = list_slice(&world->source, &place, &length);
    assert_int_equal(length, 0);
    assert_non_null(strstr(slices[2], "name=y.internal "));
    char *text = malloc(strlen(slices[0]) + strlen(slices[1]) + strlen(slices[2]) + 1);
    strcat(strcat(strcpy(text, slices[0]), slices[1]), slices[2]);
    for (int i = 0; i < N; i++)
        if (i != GONE - 2)
            expect_once(text, i + 1);
    for (int i = 0; i < 4; i++)
        free(slices[i]);
    free(text);
    for (int i = 0; i <= N; i++)
        registry_drop_holder(&world->room.registry, &holders[i]);
    free(all);
    free(holders);
}

/* Whether the rest of its registrations ended, or the whole name. */
static void behind_a_name_that_has_gone_the_next_one_follows(void **state)
{
    enum { N = LIST_SLICE + 10, EACH = 2048 };
    struct world *world = *state;
    struct holder *holders = calloc(N, sizeof *holders);
    char *links = malloc(16 + EACH * 24), *to = links + sprintf(links, "eth0");
    for (int i = 0; i < EACH; i++)
        to += sprintf(to, " 2001:db8::%x", 0x1000 + i);
    made_links(world->room.holders[0].namespace, links);
    free(links);
    claim_freely(world, "y.internal");
    for (int left = 1; left >= 0; left--) {
        for (int i = 0; i < N; i++) {
            holders[i] =
                (struct holder){.pid = i + 1, .namespace = world->room.holders[0].namespace};
            struct registration *r;
            char why[REGISTRY_WHY_MAX];
            assert_int_equal(registry_add(&world->room.registry, &holders[i], "x.internal", "eth0",
                                          &no_request_options, 1, true, &r, why),
                             REGISTRY_OK);
        }
        struct list_place place = {0};
        size_t length;
        free(list_slice(&world->source, &place, &length));
        assert_string_equal(place.name, "x.internal");
        for (int i = 0; i < N - left; i++) /* the first ones are still to be sent */
            registry_drop_holder(&world->room.registry, &holders[i]);
        char *slice = list_slice(&world->source, &place, &length);
        assert_int_equal(strncmp(slice, "name=y.internal ", 16), 0);
        free(slice);
        registry_drop_holder(&world->room.registry, &holders[N - 1]);
    }
    free(holders);
}

static void a_slice_with_many_addresses_has_fewer_names(void **state)
{
    enum { EACH = LIST_SLICE / 4 };
    struct world *world = *state;
    char *links = malloc(16 + EACH * 24), *to = links + sprintf(links, "eth0");
    for (int i = 0; i < EACH; i++)
        to += sprintf(to, " 2001:db8::%x", 0x1000 + i);
    made_links(world->room.holders[0].namespace, links);
    free(links);
    for (char name[] = "a.internal"; name[0] <= 'f'; name[0]++)
        claim_freely(world, name);
    struct list_place place = {0};
    size_t length;
    char *slice = list_slice(&world->source, &place, &length);
    assert_string_equal(place.name, "d.internal");
    assert_int_equal(place.withheld, 4 * EACH);
    free(slice);
}

static void keep_unplaced(struct world *world, struct holder *holder, const char *name,
                          int64_t since)
{
    assert_non_null(
        registry_keep(&world->room.registry, holder, name, "eth0", &no_request_options, since));
}

/* By age, with the reason. */
static void what_is_in_no_zone_stands_at_the_end(void **state)
{
    static const char unplaced[] =
        "name=www interface=eth0 namespace= uid=7 pid=8 since=1700000001 state=aside addresses= "
        "withheld= rule= reason=aside\n"
        "name=www.elsewhere. interface=eth0 namespace=4026530000 uid=1000 pid=4711 "
        "since=1700000002 state=waiting addresses= withheld= rule= reason=no-zone\n"
        "name=late?.internal interface=eth0 namespace= uid=6 pid=0 since=1700000003 state=waiting "
        "addresses= withheld= rule= reason=no-namespace\n";
    struct world *world = *state;
    struct holder aside = {.uid = 7, .pid = 8, .socket = 9, .aside = true}, lost = {.uid = 6};
    struct holder *all[] = {&world->room.holders[0], &world->room.holders[1], &aside, &lost};
    claim(world, 1, "www.internal", "eth5");
    keep_unplaced(world, &lost, "late\x9b.internal", 1700000003);
    keep_unplaced(world, &aside, "www", 1700000001);
    keep_unplaced(world, &world->room.holders[0], "www.elsewhere.", 1700000002);
    expect_end(world, unplaced);
    strcpy(world->room.zones[0].name, "elsewhere"); /* it sorts before "internal" */
    assert_true(registry_set_zones(&world->room.registry, world->room.list, 2, all, 4, NULL));
    char *text = whole_text(world);
    assert_int_equal(strncmp(text, "name=www.elsewhere interface=eth0 ", 34), 0);
    assert_null(strstr(text, "no-zone"));
    assert_non_null(strstr(text, "name=www interface=eth0 namespace= uid=7 "));
    free(text);
    registry_drop_holder(&world->room.registry, &aside);
    registry_drop_holder(&world->room.registry, &lost);
    assert_true(TAILQ_EMPTY(&world->room.registry.unplaced));
}

static void what_is_in_no_zone_is_sliced_too(void **state)
{
    enum { N = LIST_SLICE + 10 };
    struct world *world = *state;
    struct holder aside = {.aside = true};
    for (int i = 0; i < N; i++) {
        char name[32];
        sprintf(name, "n%d", i);
        keep_unplaced(world, &aside, name, 1);
    }
    struct list_place place = {0};
    size_t length;
    char *slice = list_slice(&world->source, &place, &length);
    assert_int_equal(count_lines(slice), LIST_SLICE);
    free(slice);
    claim_freely(world, "late.internal"); /* names were sent already */
    slice = list_slice(&world->source, &place, &length);
    assert_int_equal(count_lines(slice), N - LIST_SLICE);
    assert_int_equal(strncmp(slice, "name=n1024 ", 11), 0);
    free(slice);
    free(list_slice(&world->source, &place, &length));
    assert_int_equal(length, 0);
    registry_drop_holder(&world->room.registry, &aside);
}

/* The reader may be a terminal. */
static void control_characters_of_interfaces_are_replaced(void **state)
{
    struct world *world = *state;
    claim(world, 0, "www.internal",
          "\x9b"
          "31m\xc2\x9b.\xc3\x84");
    expect(world, "name=www.internal interface=?31m??.\xc3\x84 namespace=4026530000 uid=1000 "
                  "pid=4711 since=1700000000 state=pending addresses= withheld= rule= reason=\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(without_names_the_list_is_empty),
        TEST(each_name_has_a_line),
        TEST(a_name_without_an_address_says_why),
        TEST(each_withheld_address_has_its_reason),
        TEST(the_reason_that_matters_most_is_shown),
        TEST(an_address_is_listed_once),
        TEST(publishing_may_withhold_addresses),
        TEST(the_other_family_is_withheld_from_a_registration_of_one),
        TEST(a_gateways_address_is_shown_for_the_name),
        TEST(each_holder_has_a_line_with_its_own_addresses),
        TEST(connections_of_a_name_are_numbered_by_age),
        TEST(the_rule_for_a_name_is_listed),
        TEST(very_many_withheld_addresses_are_cut),
        TEST(addresses_not_looked_at_are_a_number),
        TEST(what_lingers_is_listed_while_no_holder_shows_an_address),
        TEST(a_name_that_stays_is_listed_once_while_others_come_and_go),
        TEST(a_slice_may_end_between_two_holders_of_a_name),
        TEST(behind_a_name_that_has_gone_the_next_one_follows),
        TEST(a_slice_with_many_addresses_has_fewer_names),
        TEST(what_is_in_no_zone_stands_at_the_end),
        TEST(what_is_in_no_zone_is_sliced_too),
        TEST(control_characters_of_interfaces_are_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
