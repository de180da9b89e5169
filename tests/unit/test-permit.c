/* Who may have a name: zone files and a request in, the verdict and its reason out. */
#include "../../zones/config/complaints.h"
#include "../../zones/config/findings-system.h"
#include "../../zones/config/zonefile.h"
#include "../../zones/permit.h"
#include "files.h"
#include "read-zones.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OWNER = 990, ALICE = 1000, BOB = 2000, GROUP = 50 };

static const struct request {
    const char *name;
    uint32_t uid, gid; /* gid 0: in no other group */
    const char *verdict;
} requests[] = {
    /* names without a rule: first come, first served */
    {"free.lan", BOB, 0, "free"},
    {"a.b.c.lan", BOB, 0, "free"},
    {"*.free.lan", BOB, 0, "free"},
    {"wwww.lan", BOB, 0, "free"},
    {"x.www.lan", BOB, 0, "free"},
    /* one name, for a user, a group, or both */
    {"www.lan", ALICE, 0, "rule F/lan.zone:3"},
    {"www.lan", BOB, 0, "not-by-rule F/lan.zone:3"},
    {"www.lan", BOB, GROUP, "not-by-rule F/lan.zone:3"},
    {"www.lan", 0, 0, "rule F/lan.zone:3"},
    {"www.lan", OWNER, 0, "not-by-rule F/lan.zone:3"},
    {"mail.lan", ALICE, 0, "rule F/lan.zone:5"},
    {"mail.lan", BOB, GROUP, "rule F/lan.zone:5"},
    {"mail.lan", BOB, GROUP + 1, "not-by-rule F/lan.zone:5"},
    {"mail.lan", BOB, 0, "not-by-rule F/lan.zone:5"},
    /* all names below a name, without that name; also wildcards, at any depth */
    {"db.lan", BOB, 0, "free"},
    {"x.db.lan", ALICE, 0, "not-by-rule F/lan.zone:5"},
    {"x.db.lan", BOB, 0, "rule F/lan.zone:5"},
    {"z.y.x.db.lan", BOB, 0, "rule F/lan.zone:5"},
    {"*.db.lan", BOB, 0, "rule F/lan.zone:5"},
    {"*.db.lan", ALICE, 0, "not-by-rule F/lan.zone:5"},
    {"*.x.db.lan", ALICE, 0, "not-by-rule F/lan.zone:5"},
    {"xdb.lan", ALICE, 0, "free"},
    /* the longest rule decides, in any place */
    {"one.db.lan", ALICE, 0, "rule F/lan.zone:8"},
    {"one.db.lan", BOB, 0, "not-by-rule F/lan.zone:8"},
    {"x.one.db.lan", BOB, 0, "rule F/lan.zone:5"},
    {"x.deep.db.lan", ALICE, 0, "rule F/lan.zone:8"},
    {"x.deep.db.lan", BOB, 0, "not-by-rule F/lan.zone:8"},
    {"deep.db.lan", BOB, 0, "rule F/lan.zone:5"},
    {"*.deep.db.lan", ALICE, 0, "rule F/lan.zone:8"},
    /* in upper case, as a full name, with the host's name, or for users who do not exist here */
    {"upper.lan", ALICE, 0, "rule F/lan.zone:9"},
    {"full.lan", ALICE, 0, "rule F/lan.zone:9"},
    {"x.full.lan", BOB, 0, "rule F/lan.zone:9"},
    {"box.lan", ALICE, 0, "rule F/lan.zone:10"},
    {"late.lan", ALICE, 0, "not-by-rule F/lan.zone:10"},
    {"late.lan", 0, 0, "rule F/lan.zone:10"},
    /* the zone's own names: the apex and the name servers, of this zone and of others */
    {"lan", BOB, 0, "not-own the name of zone lan"},
    {"lan", OWNER, 0, "own"},
    {"lan", 0, 0, "own"},
    {"ns.lan", BOB, GROUP, "not-own a name server of zone lan"},
    {"ns.lan", OWNER, 0, "own"},
    {"ns1.lan", BOB, 0, "not-own a name server of zone b.lan"},
    {"ns2.lan", BOB, 0, "free"},
    {"x.ns.lan", BOB, 0, "free"},
    {"*.lan", BOB, 0, "free"},
    {"b.lan", BOB, 0, "not-own the name of zone b.lan"},
    {"ns.b.lan", BOB, 0, "not-own a name server of zone 10.in-addr.arpa"},
    {"x.b.lan", BOB, 0, "free"},
    /* unless rules say otherwise */
    {"c", ALICE, 0, "rule F/c.zone:4"},
    {"c", BOB, 0, "not-by-rule F/c.zone:4"},
    {"c", OWNER, 0, "not-by-rule F/c.zone:4"},
    {"ns.c", BOB, 0, "rule F/c.zone:5"},
    {"x.c", BOB, 0, "rule F/c.zone:5"},
    {"x.c", ALICE, 0, "not-by-rule F/c.zone:5"},
    {"*.c", ALICE, 0, "not-by-rule F/c.zone:5"},
    /* `publishers` of the zone is checked first */
    {"www.d", ALICE, 0, "not-admitted"},
    {"www.d", BOB, 0, "rule F/d.zone:4"},
    {"x.d", BOB, 0, "free"},
    {"mail.d", BOB, 0, "not-by-rule F/d.zone:4"},
    {"d", OWNER, 0, "not-admitted"},
    {"d", BOB, 0, "not-own the name of zone d"},
};

static const struct {
    const char *name, *text;
} files[] = {
    {"lan.zone", "[zone]\nname = lan\nnames = www:1000\n"
                 "; a comment between two lines\n"
                 "  mail:1000,@50 *.db:2000\n\n"
                 "; another\n"
                 "  one.db:1000 *.deep.db:1000\n"
                 "  UpPer:1000,2000 full.LAN.:1000 *.full.lan.:2000\n"
                 "  %h:1000 late:nobody-there,@nobody-there,4000\n"},
    {"b.zone", "[zone]\nname = b.lan\nnameservers = ns1.lan\n"},
    {"c.zone", "[zone]\nname = c\nnames =\n  @:1000\n  *:2000\n"},
    {"d.zone", "[zone]\nname = d\npublishers = 2000\nnames = www:2000 mail:1000\n"},
    {"r.zone", "[zone]\nname = 10.0.0.0/8\nnameservers = ns.b.lan\n"},
};

static void read_files(void **state, struct zonefile_set *set, struct complaints *complaints)
{
    const char *directory = (const char *)*state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        files_write(files_path(*state, files[i].name), files[i].text, strlen(files[i].text));
    assert_int_equal(read_directory(set, directory, "box", complaints), 0);
    for (size_t i = 0; i < set->n_zones; i++)
        set->zones[i]->owner = OWNER;
}

static const struct zone *const *all(const struct zonefile_set *set)
{
    return (const struct zone *const *)set->zones;
}

/* Replaces the files' directory in a text by F. */
static const char *told(void **state, char to[static PERMIT_WHY_MAX], const char *from)
{
    const char *directory = (const char *)*state, *at = strstr(from, directory);
    snprintf(to, PERMIT_WHY_MAX, "%.*s%s%s", at ? (int)(at - from) : (int)strlen(from), from,
             at ? "F" : "", at ? at + strlen(directory) : "");
    return to;
}

static const char *verdict_of(void **state, const struct zonefile_set *set,
                              const struct request *request, char found[static PERMIT_WHY_MAX])
{
    static const char *const words[] = {[PERMIT_FREE] = "free",
                                        [PERMIT_RULE] = "rule",
                                        [PERMIT_OWN] = "own",
                                        [PERMIT_NOT_ADMITTED] = "not-admitted",
                                        [PERMIT_NOT_BY_RULE] = "not-by-rule",
                                        [PERMIT_NOT_OWN] = "not-own"};
    const struct zone_publisher publisher = {request->uid, &request->gid, request->gid > 0};
    const struct zone *zone = zone_of(all(set), set->n_zones, request->name);
    struct permit permit = permit_judge(zone, request->name, &publisher);
    const char *server = permit.served ? permit.served->name : NULL;
    char rule[PERMIT_RULE_MAX];
    permit_rule(rule, zone, request->name);
    if (permit.verdict == PERMIT_NOT_OWN)
        snprintf(rule, sizeof rule, "%s of zone %s", server ? "a name server" : "the name",
                 server ? server : zone->name);
    else if (!permit.rule || permit.verdict == PERMIT_NOT_ADMITTED)
        rule[0] = '\0';
    char text[PERMIT_WHY_MAX + 32];
    snprintf(text, sizeof text, "%s%s%s", words[permit.verdict], rule[0] ? " " : "", rule);
    return told(state, found, text);
}

static void each_request_has_its_verdict(void **state)
{
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    read_files(state, &set, &complaints);
    char found[PERMIT_WHY_MAX];
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (strcmp(verdict_of(state, &set, &requests[i], found), requests[i].verdict) != 0)
            fail_msg("%s of uid %u, group %u: expected %s, found %s", requests[i].name,
                     requests[i].uid, requests[i].gid, requests[i].verdict, found);
    zonefile_set_fini(&set);
    complaints_fini(&complaints);
}

static void a_refusal_names_its_rule(void **state)
{
    static const struct {
        const char *name, *why;
    } cases[] = {
        {"free.lan", ""},
        {"www.lan", "www.lan is reserved for others than uid 2000 by F/lan.zone:3"},
        {"lan", "lan is the name of zone lan, and so for root and uid 990 alone, unless `names` of "
                "zone lan gives it to others"},
        {"ns1.lan", "ns1.lan is a name server of zone b.lan, and so for root and uid 990 alone, "
                    "unless `names` of zone lan gives it to others"},
    };
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    read_files(state, &set, &complaints);
    const struct zone_publisher bob = {.uid = BOB};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct zone *zone = zone_of(all(&set), set.n_zones, cases[i].name);
        struct permit permit = permit_judge(zone, cases[i].name, &bob);
        char why[PERMIT_WHY_MAX];
        permit_why(why, &permit, cases[i].name, &bob);
        char found[PERMIT_WHY_MAX];
        assert_string_equal(told(state, found, why), cases[i].why);
        assert_int_equal(permit_given(&permit), !cases[i].why[0]);
    }
    zonefile_set_fini(&set);
    complaints_fini(&complaints);
}

static void the_list_shows_the_rule_of_a_name(void **state)
{
    static const struct {
        const char *name, *rule;
    } cases[] = {{"free.lan", ""},
                 {"www.lan", "F/lan.zone:3"},
                 {"x.db.lan", "F/lan.zone:5"},
                 {"ns.lan", "own"},
                 {"ns.c", "F/c.zone:5"}};
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    read_files(state, &set, &complaints);
    char rule[PERMIT_RULE_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct zone *zone = zone_of(all(&set), set.n_zones, cases[i].name);
        permit_rule(rule, zone, cases[i].name);
        char found[PERMIT_WHY_MAX];
        assert_string_equal(told(state, found, rule), cases[i].rule);
    }
    assert_string_equal(set.zones[2]->name, "c");
    free(set.zones[2]->file);
    set.zones[2]->file = strdup("a file\t\xc3\xb6");
    permit_rule(rule, set.zones[2], "c");
    assert_string_equal(rule, "a?file???:4"); /* values in the list contain no blanks */
    zonefile_set_fini(&set);
    complaints_fini(&complaints);
}

static void unknown_users_and_groups_are_warned_of(void **state)
{
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    read_files(state, &set, &complaints);
    assert_int_equal(complaints.n_warnings, 2);
    assert_non_null(strstr(complaints.text, "/lan.zone:10: names: nobody-there: is not a user"));
    assert_non_null(strstr(complaints.text, "/lan.zone:10: names: @nobody-there: is not a group"));
    zonefile_set_fini(&set);
    complaints_fini(&complaints);
}

/* Such a rule is about a name in another zone, and has no effect. */
static void a_rule_without_effect_is_warned_of(void **state)
{
    static const char text[] = "[zone]\nname = lan\nnames = x.b:1 *.b:1 b:1 xb:1\n *.x.b.lan.:1\n";
    files_write(files_path(*state, "lan.zone"), text, strlen(text));
    files_write(files_path(*state, "b.zone"), files[1].text, strlen(files[1].text));
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    assert_int_equal(read_directory(&set, (const char *)*state, "box", &complaints), 0);
    assert_int_equal(complaints.n_warnings, 4);
    assert_non_null(strstr(complaints.text, "/lan.zone:3: names: *.b.lan: has no effect: the name "
                                            "is in zone b.lan\n"));
    assert_non_null(strstr(complaints.text, "/lan.zone:4: names: *.x.b.lan: has no effect"));
    zonefile_set_fini(&set);
    complaints_fini(&complaints);
}

static void groups_are_read_if_a_rule_names_one(void **state)
{
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    read_files(state, &set, &complaints);
    for (size_t i = 0; i < set.n_zones; i++)
        assert_int_equal(zones_ask_groups(all(&set) + i, 1),
                         strcmp(set.zones[i]->name, "lan") == 0);
    assert_true(zones_ask_groups(all(&set), set.n_zones));
    assert_false(zones_ask_groups(all(&set), 0));
    zonefile_set_fini(&set);
    complaints_fini(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(each_request_has_its_verdict, files_setup),
        WITH_FILES(a_refusal_names_its_rule, files_setup),
        WITH_FILES(the_list_shows_the_rule_of_a_name, files_setup),
        WITH_FILES(unknown_users_and_groups_are_warned_of, files_setup),
        WITH_FILES(a_rule_without_effect_is_warned_of, files_setup),
        WITH_FILES(groups_are_read_if_a_rule_names_one, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
