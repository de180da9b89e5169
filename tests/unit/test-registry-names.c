/* Who may have a name over time: below another user's name, with new zones, after a takeover. */
#include "../../phonebookd/state/registry.h"

#include "room.h"

#include <stdio.h>

enum { ALICE = 1000, BOB = 2000, OWNER = 990, ZONES = 2, HOLDERS = 16 };

struct world {
    struct room room; /* one holder per connection */
    char why[REGISTRY_WHY_MAX];
    struct registration *added;
};

static struct namespace somewhere;

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "internal=main lan=main", 0);
    for (int i = 0; i < ZONES; i++) {
        world->room.zones[i].owner = OWNER;
        world->room.zones[i].wildcards = true;
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

static struct holder *connect_as(struct world *world, uint32_t uid)
{
    struct holder *holder = &world->room.holders[world->room.n_holders++];
    *holder = (struct holder){.uid = uid, .owner = uid, .pid = 5, .namespace = &somewhere};
    return holder;
}

/* The rules of one zone, all for one user. */
static void reserve(struct zone *zone, const char *names, uint32_t uid)
{
    char copy[256], *rest = copy;
    strcpy(copy, names);
    for (char *name; (name = strsep(&rest, " "));) {
        const char *why;
        struct name_rule *rule = name_rules_add(&zone->names, name, 5, &why);
        assert_non_null(rule);
        rule->people.uids[rule->people.n_uids++] = uid;
    }
    name_rules_complete(&zone->names, zone->name, NULL, NULL);
}

static struct holder *add_as(struct world *world, enum registry_origin origin, uint32_t uid,
                             const char *name, enum registry_outcome expected)
{
    struct holder *holder = connect_as(world, uid);
    enum registry_outcome outcome =
        registry_add(&world->room.registry, holder, name, "eth0", &no_request_options, 1, origin,
                     &world->added, world->why);
    if (outcome != expected)
        fail_msg("%s of uid %u: outcome %d, %s", name, uid, outcome, world->why);
    return holder;
}

static struct holder *takes(struct world *world, uint32_t uid, const char *name)
{
    return add_as(world, REGISTRY_ASKED, uid, name, REGISTRY_OK);
}

static void may_not(struct world *world, uint32_t uid, const char *name, const char *why)
{
    add_as(world, REGISTRY_ASKED, uid, name, REGISTRY_DENIED);
    world->room.n_holders--; /* it holds nothing */
    if (!strstr(world->why, why))
        fail_msg("%s of uid %u: %s", name, uid, world->why);
}

static void ends(struct world *world, struct holder *holder)
{
    registry_drop_holder(&world->room.registry, holder);
}

static void has(const struct holder *holder, const char *names)
{
    char found[512] = "";
    for (const struct registration *r = holder->registrations; r; r = r->next)
        for (size_t i = 0; i < r->n_claims; i++)
            sprintf(found + strlen(found), "%s ", r->claims[i].listing->name);
    assert_string_equal(found, names);
}

/* ---- below another's name ---- */

static void a_name_below_another_users_is_refused(void **state)
{
    struct world *world = *state;
    struct holder *web = takes(world, ALICE, "web.internal");
    may_not(world, BOB, "evil.web.internal",
            "web.internal is held by uid 1000 (pid 5, interface eth0), and names below it are for "
            "that user (subtrees)");
    may_not(world, BOB, "_dmarc.web.internal", "web.internal is held by uid 1000");
    may_not(world, BOB, "*.web.internal", "web.internal is held by uid 1000");
    may_not(world, BOB, "c.b.a.web.internal", "web.internal is held by uid 1000");
    may_not(world, BOB, "*.a.web.internal", "web.internal is held by uid 1000");
    may_not(world, OWNER, "x.web.internal", "web.internal is held by uid 1000");
    takes(world, ALICE, "a.web.internal");
    takes(world, ALICE, "*.web.internal");
    takes(world, 0, "b.web.internal");
    takes(world, BOB, "web.lan"); /* another zone */
    takes(world, BOB, "xweb.internal");
    ends(world, web);
    takes(world, BOB, "late.web.internal");
}

static void the_nearest_name_above_decides(void **state)
{
    struct world *world = *state;
    struct holder *child = takes(world, BOB, "child.web.internal");
    takes(world, ALICE, "web.internal"); /* accepted, and the child stays */
    has(child, "child.web.internal ");
    takes(world, BOB, "x.child.web.internal");
    may_not(world, ALICE, "y.child.web.internal", "child.web.internal is held by uid 2000");
    may_not(world, BOB, "sister.web.internal", "web.internal is held by uid 1000");
    takes(world, BOB, "child.web.internal"); /* not new: he holds it */
}

static void a_relative_name_is_refused_whole(void **state)
{
    struct world *world = *state;
    takes(world, ALICE, "web.lan");
    may_not(world, BOB, "x.web", "web.lan is held by uid 1000");
    assert_int_equal(world->room.registry.listings.n, 1);
    takes(world, ALICE, "x.web");
}

static void a_zone_may_open_its_subtrees(void **state)
{
    struct world *world = *state;
    world->room.zones[0].subtrees_open = true;
    takes(world, ALICE, "web");
    takes(world, BOB, "x.web.internal");
    may_not(world, BOB, "x.web.lan", "web.lan is held by uid 1000");
}

static void a_rule_may_give_a_name_below_anothers(void **state)
{
    struct world *world = *state;
    reserve(&world->room.zones[0], "_acme-challenge.web", BOB);
    strcpy(world->room.zones[0].nameservers[0], "ns.web.internal");
    made_servers(world->room.list, ZONES);
    takes(world, ALICE, "web.internal");
    takes(world, BOB, "_acme-challenge.web.internal");
    may_not(world, BOB, "x.web.internal", "web.internal is held by uid 1000");
    may_not(world, ALICE, "_acme-challenge.web.internal", "is reserved for others than uid 1000");
    takes(world, OWNER, "ns.web.internal"); /* the zone's own */
    may_not(world, ALICE, "ns.web.internal", "ns.web.internal is a name server of zone internal");
}

/* A name above the zone does not count either. */
static void the_apex_reserves_nothing_below_it(void **state)
{
    struct world *world = *state;
    strcpy(world->room.zones[1].name, "lan.internal");
    takes(world, OWNER, "internal");
    takes(world, OWNER, "lan.internal");
    takes(world, BOB, "x.internal");
    takes(world, BOB, "x.lan.internal");
}

static void a_lingering_name_reserves_what_is_below_it(void **state)
{
    struct world *world = *state;
    struct interfaces interfaces;
    interfaces_init(&interfaces);
    struct namespace *namespace = interfaces_add(&interfaces, 1, 1);
    made_links(namespace, "eth0 10.0.0.1");
    struct holder *web = connect_as(world, ALICE);
    web->namespace = namespace;
    assert_int_equal(registry_add(&world->room.registry, web, "web.internal", "eth0",
                                  &no_request_options, 1, REGISTRY_ASKED, &world->added,
                                  world->why),
                     REGISTRY_OK);
    world->added->options.linger = 60;
    assert_true(registry_linger(&world->room.registry, web, 1000));
    ends(world, web);
    may_not(world, BOB, "x.web.internal", "web.internal lingers for uid 1000");
    takes(world, ALICE, "x.web.internal");
    assert_true(registry_expire(&world->room.registry, 61000));
    takes(world, BOB, "y.web.internal");
    interfaces_fini(&interfaces);
}

/* ---- a takeover ---- */

static void rules_are_not_asked_at_a_takeover(void **state)
{
    struct world *world = *state;
    reserve(&world->room.zones[0], "www", ALICE);
    reserve(&world->room.zones[1], "www", ALICE);
    struct holder *www = add_as(world, REGISTRY_TAKEN, BOB, "www", REGISTRY_OK);
    has(www, "www.internal www.lan ");
    struct holder *x = add_as(world, REGISTRY_TAKEN, ALICE, "x.www", REGISTRY_OK);
    has(x, "x.www.internal x.www.lan ");
    has(add_as(world, REGISTRY_TAKEN, BOB, "ns.lan", REGISTRY_OK), "ns.lan ");
    may_not(world, BOB, "www", "www.internal is reserved for others than uid 2000 by internal:5");
}

/* Without the mark in the keeper's text, it would get into that zone after a takeover. */
static void a_name_that_a_rule_kept_out_of_a_zone_stays_out(void **state)
{
    struct world *world = *state;
    reserve(&world->room.zones[0], "www", ALICE);
    struct holder *www = takes(world, BOB, "www");
    has(www, "www.lan ");
    assert_true(www->registrations->in_part);
    ends(world, www);
    www = add_as(world, REGISTRY_TAKEN_IN_PART, BOB, "www", REGISTRY_OK);
    has(www, "www.lan ");
    assert_true(www->registrations->in_part);
    assert_false(takes(world, BOB, "other")->registrations->in_part);
}

/* ---- other zones ---- */

static char lost_names[512];

static void note_lost(const struct registration *registration, const char *why)
{
    sprintf(lost_names + strlen(lost_names), "%s: %s;", registration->name, why);
}

static void set_zones(struct world *world, const struct zone *const *zones, size_t n)
{
    struct holder *holders[HOLDERS];
    for (size_t i = 0; i < world->room.n_holders; i++)
        holders[i] = &world->room.holders[i];
    lost_names[0] = '\0';
    assert_true(registry_set_zones(&world->room.registry, zones, n, holders, world->room.n_holders,
                                   note_lost));
}

/* A holder does not get a name that a rule refused before, or a new one. */
static void later_rules_take_nothing_away(void **state)
{
    struct world *world = *state;
    struct zone zones[3] = {made_zone("internal", "main"), made_zone("lan", "main"),
                            made_zone("new", "main")};
    const struct zone *list[] = {&zones[0], &zones[1], &zones[2]};
    reserve(&world->room.zones[0], "mail", ALICE);
    strcpy(world->room.zones[0].nameservers[0], "else.where");
    made_servers(world->room.list, ZONES);
    made_servers(list, 3);
    struct holder *www = takes(world, BOB, "www");
    struct holder *mail = takes(world, BOB, "mail");
    struct holder *ns = takes(world, BOB, "ns.internal");
    www->registrations->kept = mail->registrations->kept = true;
    for (int i = 0; i < 3; i++)
        reserve(&zones[i], "www mail", ALICE);
    set_zones(world, list, 3);
    assert_string_equal(lost_names, "");
    has(www, "www.internal www.lan ");
    has(mail, "mail.lan ");
    has(ns, "ns.internal ");                                               /* the zone's own name */
    assert_true(www->registrations->in_part && !www->registrations->kept); /* out of `new` */
    assert_true(mail->registrations->in_part && mail->registrations->kept);
    set_zones(world, world->room.list, ZONES);
    has(www, "www.internal www.lan ");
    has(mail, "mail.lan ");
    assert_false(www->registrations->in_part || www->registrations->kept);
    /* a zone that was removed and comes back is new to them */
    set_zones(world, NULL, 0);
    has(www, "");
    set_zones(world, list, 3);
    has(www, "");
    assert_non_null(strstr(lost_names, "www: www.internal is reserved for others than uid 2000"));
    set_zones(world, world->room.list, ZONES);
    for (int i = 0; i < 3; i++)
        zone_fini(&zones[i]);
}

static void new_zones_take_no_name_below_anothers(void **state)
{
    struct world *world = *state;
    struct zone added = made_zone("new", "main");
    const struct zone *list[] = {&world->room.zones[0], &added};
    struct holder *child = takes(world, BOB, "x.web"), *web = takes(world, ALICE, "web");
    web->registrations->since = 0; /* and so placed first */
    set_zones(world, list, 2);
    assert_string_equal(lost_names, "");
    has(child, "x.web.internal x.web.new ");
    has(web, "web.internal web.new ");
    set_zones(world, world->room.list, ZONES);
    zone_fini(&added);
}

/* No zone took the name before. */
static void a_rule_that_keeps_a_name_out_is_told_to_the_keeper(void **state)
{
    struct world *world = *state;
    struct holder *holder = connect_as(world, BOB);
    struct registration *r =
        registry_keep(&world->room.registry, holder, "www", "eth0", &no_request_options, 1);
    reserve(&world->room.zones[1], "www", ALICE);
    assert_non_null(r);
    r->kept = true;
    assert_int_equal(registry_add(&world->room.registry, holder, "www", "eth0", &no_request_options,
                                  1, REGISTRY_ASKED, &world->added, world->why),
                     REGISTRY_OK);
    assert_ptr_equal(world->added, r);
    has(holder, "www.internal ");
    assert_true(r->in_part);
    assert_false(r->kept);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_name_below_another_users_is_refused),
        TEST(the_nearest_name_above_decides),
        TEST(a_relative_name_is_refused_whole),
        TEST(a_zone_may_open_its_subtrees),
        TEST(a_rule_may_give_a_name_below_anothers),
        TEST(the_apex_reserves_nothing_below_it),
        TEST(a_lingering_name_reserves_what_is_below_it),
        TEST(rules_are_not_asked_at_a_takeover),
        TEST(a_name_that_a_rule_kept_out_of_a_zone_stays_out),
        TEST(later_rules_take_nothing_away),
        TEST(new_zones_take_no_name_below_anothers),
        TEST(a_rule_that_keeps_a_name_out_is_told_to_the_keeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
