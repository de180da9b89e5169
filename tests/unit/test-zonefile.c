#include "../../zones/config/complaints.h"
#include "../../zones/config/findings-system.h"
#include "../../zones/config/findings.h"
#include "../../zones/config/zonefile.h"
#include "../../zones/config/zonekeys.h"
#include "files.h"
#include "read-zones.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads `text` as a file; asserts its complaints, in which F stands for the path. */
static void reads(void **state, struct zone *zone, const char *text, const char *expected)
{
    const char *path = files_path(*state, "F");
    char *told = NULL;
    size_t length;
    FILE *stream = open_memstream(&told, &length);
    files_write(path, text, strlen(text));
    struct complaints complaints = {0};
    size_t count = read_zone(zone, path, "host.example.net", &complaints);
    assert_int_equal(count, complaints.count);
    for (const char *from = complaints.text ? complaints.text : ""; *from; from++) {
        if (strncmp(from, path, strlen(path)) == 0) {
            fputc('F', stream);
            from += strlen(path) - 1;
        } else {
            fputc(*from, stream);
        }
    }
    fclose(stream);
    assert_string_equal(told, expected);
    free(told);
    complaints_fini(&complaints);
}

static void complains(void **state, const char *text, const char *expected)
{
    struct zone zone;
    reads(state, &zone, text, expected);
    zone_fini(&zone);
}

static void a_short_file_has_the_defaults(void **state)
{
    struct zone zone;
    reads(state, &zone, "[zone]\nname = Internal.\n", "");
    assert_string_equal(zone.name, "internal");
    assert_string_equal(zone.database, "main");
    assert_int_equal(zone.n_rules, 2);
    assert_int_equal(zone.families, ZONE_IPV4 | ZONE_IPV6);
    assert_int_equal(zone.ttl, 60);
    assert_int_equal(zone.ttl_min, 0);
    assert_int_equal(zone.ttl_max, 86400);
    assert_int_equal(zone.negative_ttl, 5);
    assert_true(zone.relative && !zone.wildcards && !zone.temporary);
    assert_int_equal(zone.labels_max, 8);
    assert_int_equal(zone.n_nameservers, 1);
    assert_string_equal(zone.nameservers[0], "ns.internal");
    assert_string_equal(zone.contact, "hostmaster.internal");
    zone_fini(&zone);
}

static void each_key_is_read(void **state)
{
    struct zone zone;
    reads(state, &zone,
          "[zone]\n"
          "name = v6.%h\n"
          "database = public-6\n"
          "addresses = !2001:db8:9::/48 global\n"
          "   link-local\n"
          "families = ipv6\n"
          "temporary = yes\n"
          "wildcards = on\n"
          "relative = no\n"
          "labels-max = 127\n"
          "ttl = 100\n"
          "ttl-min = 10\n"
          "ttl-max = 1000\n"
          "negative-ttl = 0\n"
          "nameservers = ns1.%h ns2.Example.org.\n"
          "contact = root@%h\n",
          "");
    assert_string_equal(zone.name, "v6.host.example.net");
    assert_string_equal(zone.database, "public-6");
    assert_int_equal(zone.n_rules, 3);
    assert_true(zone.rules[0].refuses);
    assert_int_equal(zone.rules[2].class, ADDRESS_LINK_LOCAL);
    assert_int_equal(zone.families, ZONE_IPV6);
    assert_true(zone.temporary && zone.wildcards && !zone.relative);
    assert_int_equal(zone.labels_max, 127);
    assert_int_equal(zone.ttl, 100);
    assert_int_equal(zone.ttl_min, 10);
    assert_int_equal(zone.ttl_max, 1000);
    assert_int_equal(zone.negative_ttl, 0);
    assert_int_equal(zone.n_nameservers, 2);
    assert_string_equal(zone.nameservers[0], "ns1.host.example.net");
    assert_string_equal(zone.nameservers[1], "ns2.example.org");
    assert_string_equal(zone.contact, "root.host.example.net");
    assert_false(zone.restricted);
    assert_false(zone.reverse);
    zone_fini(&zone);
}

static void gateways_and_publishers_are_read(void **state)
{
    struct zone zone;
    reads(state, &zone,
          "[zone]\n"
          "name = %h\n"
          "gateway = 2001:db8::7 192.0.2.9\n"
          "   192.0.2.7 2001:DB8::7\n"
          "publishers = root 1000 @root\n"
          "   @100 4294967294\n"
          "linger-max = 7\n",
          "");
    assert_int_equal(zone.n_gateways, 3);
    char text[ADDRESS_TEXT_MAX];
    assert_string_equal(address_text(text, &zone.gateways[0]), "192.0.2.7");
    assert_string_equal(address_text(text, &zone.gateways[1]), "192.0.2.9");
    assert_string_equal(address_text(text, &zone.gateways[2]), "2001:db8::7");
    assert_true(zone.restricted);
    assert_int_equal(zone.publishers.n_uids, 3);
    assert_int_equal(zone.publishers.uids[0], 0);
    assert_int_equal(zone.publishers.uids[1], 1000);
    assert_int_equal(zone.publishers.uids[2], 4294967294);
    assert_int_equal(zone.publishers.n_gids, 2);
    assert_int_equal(zone.publishers.gids[0], 0);
    assert_int_equal(zone.publishers.gids[1], 100);
    assert_int_equal(zone.linger_max, 7);
    zone_fini(&zone);
}

static void all_mistakes_are_told_at_once(void **state)
{
    complains(
        state,
        "[zone]\n"
        "name = a..b\n"
        "database = ../etc\n"
        "addresses = globl 10.0.0.1/8 !private\n"
        "families = ipv5\n"
        "temporary = perhaps\n"
        "ttl = -1\n"
        "ttl-max = 2147483648\n"
        "negative-ttl = 1m\n"
        "nameservers = ns1.a *.a ns1.a\n"
        "contact = first.last@a\n"
        "publishers = root nobody-there @nobody-there 4294967295 root@ @\n"
        "gateway = 192.0.2.1 192.0.2 ff02::1 0.0.0.0 192.0.2.0/24\n"
        "relative =\n"
        "gateways = 192.0.2.1\n"
        "on-change = touch /run/x\n",
        "F:2: name: a..b: it has two dots in a row, or begins with a dot\n"
        "F:3: database: ../etc: is not a database's name: up to 63 letters, digits, \"-\", "
        "\"_\", \".\"\n"
        "F:4: addresses: globl: is neither global, private, link-local, loopback, special "
        "nor an address\n"
        "F:4: addresses: 10.0.0.1/8: has bits set outside its prefix or mask\n"
        "F:5: families: ipv5: is neither ipv4 nor ipv6\n"
        "F:6: temporary: perhaps: is neither yes nor no\n"
        "F:7: ttl: -1: is too small: seconds, from 0 to 2147483647\n"
        "F:8: ttl-max: 2147483648: is too large: seconds, from 0 to 2147483647\n"
        "F:9: negative-ttl: 1m: is not a whole number: seconds, from 0 to 2147483647\n"
        "F:10: nameservers: *.a: only letters, digits, hyphens and underscores can be in a "
        "label\n"
        "F:10: nameservers: ns1.a: is given twice\n"
        "F:11: contact: first.last@a: there can be no dot before the \"@\"\n"
        "F:12: publishers: nobody-there: is not a user of this system now, and stands for "
        "nobody until it is; a group has \"@\" in front\n"
        "F:12: publishers: @nobody-there: is not a group of this system now, and stands for "
        "nobody until it is\n"
        "F:12: publishers: 4294967295: cannot be a user: a user is a name, or a number up to "
        "4294967294\n"
        "F:12: publishers: root@: is not a user of this system now, and stands for nobody until "
        "it is; a group has \"@\" in front\n"
        "F:12: publishers: @: cannot be a group: a group is a name, or a number up to "
        "4294967294\n"
        "F:13: gateway: 192.0.2: is not an address\n"
        "F:13: gateway: ff02::1: is not an address that anyone could connect to\n"
        "F:13: gateway: 0.0.0.0: is not an address that anyone could connect to\n"
        "F:13: gateway: 192.0.2.0/24: is not an address\n"
        "F:14: relative: has no value\n"
        "F:15: gateways: is not a key of a zone\n"
        "F:16: on-change: touch: is not an absolute path\n");
}

static void rules_for_names_are_read(void **state)
{
    struct zone zone;
    reads(state, &zone,
          "[zone]\nnames = *.db:root,@root www:1000 @:1,2,@3\n  *:4 b.db.%h.:5\nname = %h\n"
          "subtrees = open\n",
          "");
    assert_int_equal(zone.names.n, 5);
    assert_string_equal(zone.names.rules[0].name, "b.db.host.example.net");
    assert_false(zone.names.rules[0].below);
    assert_string_equal(zone.names.rules[1].name, "db.host.example.net");
    assert_true(zone.names.rules[1].below);
    assert_int_equal(zone.names.rules[1].people.n_uids, 1);
    assert_int_equal(zone.names.rules[1].people.n_gids, 1);
    assert_string_equal(zone.names.rules[2].name, "host.example.net");
    assert_false(zone.names.rules[2].below);
    assert_int_equal(zone.names.rules[2].line, 2);
    assert_int_equal(zone.names.rules[2].people.uids[1], 2);
    assert_int_equal(zone.names.rules[2].people.gids[0], 3);
    assert_string_equal(zone.names.rules[3].name, "host.example.net");
    assert_true(zone.names.rules[3].below);
    assert_int_equal(zone.names.rules[3].line, 3);
    assert_true(zone.names.groups && zone.subtrees_open);
    zone_fini(&zone);
    reads(state, &zone, "[zone]\nname = a\nsubtrees = closed\n", "");
    assert_false(zone.subtrees_open);
    zone_fini(&zone);
}

static void a_wrong_rule_for_names_is_a_mistake(void **state)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    complains(state,
              "[zone]\nname = a\nsubtrees = shut\nnames = www www: :1 a..b:1 a.*.b:1 **:1\n"
              "  x:4294967295 x.b.:1 *.a:1,,2\n",
              "F:3: subtrees: shut: is neither closed nor open\n"
              "F:4: names: www: is not NAME:WHO[,WHO...]\n"
              "F:4: names: www:: is not NAME:WHO[,WHO...]\n"
              "F:4: names: : the name is empty\n"
              "F:4: names: a..b: it has two dots in a row, or begins with a dot\n"
              "F:4: names: a.*.b: an asterisk can only be the whole first label, with others after "
              "it\n"
              "F:4: names: **: an asterisk can only be the whole first label, with others after "
              "it\n"
              "F:5: names: 4294967295: cannot be a user: a user is a name, or a number up to "
              "4294967294\n"
              "F:5: names: : cannot be a user: a user is a name, or a number up to 4294967294\n"
              "F:5: names: x.b: is not in the zone\n");
    complains(state,
              "[zone]\nname = a\nnames = b:1 *.c:1\n  B.a.:2\n  c:1 *.C:1 @:1\n  @:2 *:1 a.:3\n",
              "F:6: names: a: is given twice: line 5 has it, too\n"
              "F:6: names: a: is given twice: line 6 has it, too\n"
              "F:4: names: b.a: is given twice: line 3 has it, too\n"
              "F:5: names: *.c.a: is given twice: line 3 has it, too\n");
    fputs("[zone]\nname = a\nnames =\n", stream);
    for (int i = 0; i < NAME_RULES_MAX + 1; i++)
        fprintf(stream, "  n%d:1\n", i);
    fclose(stream);
    complains(state, text, "F:1028: names: n1024: is one rule too many: at most 1024\n");
    free(text);
}

/* The full name would be too long, or the zone has no name. */
static void a_rule_without_a_full_name_is_a_mistake(void **state)
{
    char name[NAME_TEXT_MAX + 1];
    for (int i = 0; i < 190; i++)
        name[i] = i % 64 == 63 ? '.' : 'a';
    name[190] = '\0';
    char text[400];
    snprintf(text, sizeof text, "[zone]\nnames = %.180s:1\n", name);
    complains(state, text, "F: name: is missing: which zone is this?\n");
    snprintf(text, sizeof text, "[zone]\nname = %.63s.%.63s\nnames = %.180s:1\n", name, name, name);
    char expected[400];
    snprintf(expected, sizeof expected, "F:3: names: %.180s: is too long with the zone's name\n",
             name);
    complains(state, text, expected);
}

static void each_word_of_a_long_value_is_told_with_its_line(void **state)
{
    complains(state,
              "[zone]\nname = a\naddresses = private\n  globl\nfamilies =\n  ipv5\n"
              "gateway = 192.0.2.1\n; all\n  192.0.2\npublishers = root\n  4294967295\n"
              "nameservers = ns.a\n  ns..a\n  ns.a\n",
              "F:4: addresses: globl: is neither global, private, link-local, loopback, special "
              "nor an address\n"
              "F:6: families: ipv5: is neither ipv4 nor ipv6\n"
              "F:9: gateway: 192.0.2: is not an address\n"
              "F:11: publishers: 4294967295: cannot be a user: a user is a name, or a number up to "
              "4294967294\n"
              "F:13: nameservers: ns..a: it has two dots in a row, or begins with a dot\n"
              "F:14: nameservers: ns.a: is given twice\n");
}

static void a_zone_needs_a_good_name(void **state)
{
    complains(state, "[zone]\nttl = 5\n", "F: name: is missing: which zone is this?\n");
    complains(state, "[zone]\nname = %x.a\n",
              "F:2: name: %x.a: after \"%\" only \"h\" has a meaning, the host's name\n");
    complains(state, "[zone]\nname = a%\n",
              "F:2: name: a%: after \"%\" only \"h\" has a meaning, the host's name\n");
    complains(state, "[zone]\nname = %h%h..%h\n",
              "F:2: name: %h%h..%h, which is "
              "host.example.nethost.example.net..host.example.net: it has two dots in a row, or "
              "begins with a dot\n");
    complains(state, "[zone]\nname = *.a\n",
              "F:2: name: *.a: only letters, digits, hyphens and underscores can be in a label\n");
}

static void a_reverse_zone_is_a_prefix_or_its_name(void **state)
{
    static const struct {
        const char *given, *name, *prefix;
        unsigned bits;
    } cases[] = {
        {"fd64:cafe::/64", "0.0.0.0.0.0.0.0.e.f.a.c.4.6.d.f.ip6.arpa", "fd64:cafe::", 64},
        {"FD64:CAF0::/28", "f.a.c.4.6.d.f.ip6.arpa", "fd64:caf0::", 28},
        {"192.0.2.0/24", "2.0.192.in-addr.arpa", "192.0.2.0", 24},
        {"10.0.0.0/8", "10.in-addr.arpa", "10.0.0.0", 8},
        {"2.0.192.IN-ADDR.arpa.", "2.0.192.in-addr.arpa", "192.0.2.0", 24},
        {"E.f.a.c.4.6.d.f.ip6.arpa", "e.f.a.c.4.6.d.f.ip6.arpa", "fd64:cafe::", 32},
        {"192.0.2.33/32", "33.2.0.192.in-addr.arpa", "192.0.2.33", 32},
        /* RFC 2317 */
        {"192.0.2.128/25", "128/25.2.0.192.in-addr.arpa", "192.0.2.128", 25},
        {"192.0.2.32/27", "32/27.2.0.192.in-addr.arpa", "192.0.2.32", 27},
        {"32/27.2.0.192.in-addr.ARPA.", "32/27.2.0.192.in-addr.arpa", "192.0.2.32", 27},
        {"32-63.2.0.192.In-addr.arpa", "32-63.2.0.192.in-addr.arpa", "192.0.2.32", 27},
        {"6-7.2.0.192.in-addr.arpa", "6-7.2.0.192.in-addr.arpa", "192.0.2.6", 31},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "[zone]\nname = %s\n", cases[i].given);
        struct zone zone;
        reads(state, &zone, text, "");
        assert_true(zone.reverse);
        assert_string_equal(zone.name, cases[i].name);
        char address[ADDRESS_TEXT_MAX];
        assert_string_equal(address_text(address, &zone.prefix.address), cases[i].prefix);
        assert_int_equal(zone.prefix.bits, cases[i].bits);
        zone_fini(&zone);
    }
}

#define IN_THE_TREE                                                                                \
    "is in the reverse tree, but not the name of a prefix, such as 2.0.192.in-addr.arpa, "         \
    "32/27.2.0.192.in-addr.arpa or 32-63.2.0.192.in-addr.arpa"

static void what_is_no_prefix_is_a_mistake(void **state)
{
    static const struct {
        const char *given, *complaint;
    } cases[] = {
        {"192.0.2.1/24", "has bits set beyond its length, unlike 192.0.2.0/24"},
        {"FD64:CAFE::/28", "has bits set beyond its length, unlike fd64:caf0::/28"},
        {"192.0.2.0/33", "the prefix length must be 0 to 32"},
        {"fd64::/x", "the prefix length must be 0 to 128"},
        {"a/24", "is not an address"},
        {"192.0.2.0", "the prefix of a reverse zone has a length, such as 192.0.2.0/32"},
        {"fd64::", "the prefix of a reverse zone has a length, such as fd64::/128"},
        {"0-25.2.0.192.in-addr.arpa", IN_THE_TREE},
        {"x.ip6.arpa", IN_THE_TREE},
        {"office.2.0.192.in-addr.arpa", IN_THE_TREE},
        {"1/27.2.0.192.in-addr.arpa", "is not an address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "[zone]\nname = %s\n", cases[i].given);
        char expected[512];
        snprintf(expected, sizeof expected, "F:2: name: %s: %s\n", cases[i].given,
                 cases[i].complaint);
        complains(state, text, expected);
    }
}

static void a_name_that_is_too_long_is_a_mistake(void **state)
{
    char text[1024] = "[zone]\nname = ";
    const char *path = files_path(*state, "F");
    for (int i = 0; i < 4; i++) /* 4 * 62 octets: no room for hostmaster. */
        strcat(text, "a123456789012345678901234567890123456789012345678901234567890.");
    strcat(text, "\n");
    files_write(path, text, strlen(text));
    struct complaints complaints = {0};
    struct zone zone;
    assert_int_equal(read_zone(&zone, path, "h", &complaints), 2);
    assert_non_null(strstr(complaints.text, "longer than 197 octets"));
    assert_non_null(strstr(complaints.text, "name: is missing"));
    zone_fini(&zone);
    complaints_fini(&complaints);

    /* the same, in a line that is not too long */
    memset(text, 0, sizeof text);
    for (int i = 0; i < 123; i++)
        strcat(text, "a.");
    strcat(text, "a"); /* 247 octets */
    files_write(path, "[zone]\nname = %h\n", 17);
    assert_int_equal(read_zone(&zone, path, text, &complaints), 0); /* only the host's */
    assert_int_equal(complaints.n_warnings, 2);
    assert_non_null(strstr(complaints.text, "there is no room for a name below it"));
    assert_string_equal(zone.name, "");
    zone_fini(&zone);
    complaints_fini(&complaints);
}

static void a_zone_file_has_one_section(void **state)
{
    complains(state, "name = a\n[zone]\nname = a\n", "F:1: name: comes before the line [zone]\n");
    complains(state, "[zone]\nname = a\n[other]\nkey = b\n",
              "F:3: a zone file has the section [zone] alone, not [other]\n");
    complains(state, "[zone]\nname = a\nname = b\n",
              "F:3: name: is given twice: line 2 has it first\n");
    complains(state, "", "F: name: is missing: which zone is this?\n");
}

static void limits_of_ttl_follow_from_each_other(void **state)
{
    struct zone zone;
    /* a long ttl needs no ttl-max */
    reads(state, &zone, "[zone]\nname = a\nttl = 1000000\n", "");
    assert_int_equal(zone_clamp_ttl(&zone, -1), 1000000);
    zone_fini(&zone);
    reads(state, &zone, "[zone]\nname = a\nttl-min = 300\n", "");
    assert_int_equal(zone_clamp_ttl(&zone, -1), 300);
    zone_fini(&zone);
    complains(state, "[zone]\nname = a\nttl = 10\nttl-max = 5\n",
              "F:3: ttl: 10 is larger than ttl-max, 5\n");
    reads(state, &zone, "[zone]\nname = a\nttl = 200000\nttl-min = 100000\n", "");
    assert_int_equal(zone.ttl_max, 200000);
    zone_fini(&zone);
    complains(state, "[zone]\nname = a\nttl = 10\nttl-min = 50\n",
              "F:3: ttl: 10 is smaller than ttl-min, 50\n");
    complains(state, "[zone]\nname = a\nttl-max = 10\nttl-min = 50\n",
              "F:4: ttl-min: 50 is larger than ttl-max, 10\n");
}

static void the_number_of_labels_has_limits(void **state)
{
    static const struct {
        const char *value, *complaint;
    } cases[] = {{"0", "is too small"},
                 {"-1", "is too small"},
                 {"128", "is too large"},
                 {"all", "is not a whole number"}};
    struct zone zone;
    reads(state, &zone, "[zone]\nname = a\nlabels-max = 1\n", "");
    assert_int_equal(zone.labels_max, 1);
    zone_fini(&zone);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        sprintf(text, "[zone]\nname = a\nlabels-max = %s\n", cases[i].value);
        char expected[128];
        sprintf(expected, "F:3: labels-max: %s: %s: labels below the zone, from 1 to 127\n",
                cases[i].value, cases[i].complaint);
        complains(state, text, expected);
    }
}

static void lists_have_limits(void **state)
{
    char text[4096] = "[zone]\nname = a\naddresses =\n";
    for (int i = 0; i <= ZONE_RULES_MAX; i++)
        strcat(text, "  global\n");
    complains(state, text, "F:68: addresses: has more than 64 rules\n");
    strcpy(text, "[zone]\nname = a\nnameservers =\n");
    for (int i = 0; i <= ZONE_NAMESERVERS_MAX; i++)
        sprintf(text + strlen(text), "  n%d\n", i);
    complains(state, text, "F:17: nameservers: has more than 13 names\n");
    strcpy(text, "[zone]\nname = a\ngateway =\n");
    for (int i = 0; i <= ZONE_GATEWAYS_MAX; i++)
        sprintf(text + strlen(text), "  192.0.2.%d\n", i);
    complains(state, text, "F:36: gateway: has more than 32 addresses\n");
    strcpy(text, "[zone]\nname = a\npublishers =\n");
    for (int i = 0; i <= PEOPLE_MAX; i++)
        sprintf(text + strlen(text), "  %d @%d\n", i, i);
    complains(state, text,
              "F:68: publishers: 64: is one user too many: at most 64\n"
              "F:68: publishers: @64: is one group too many: at most 64\n");
}

static void a_missing_file_is_a_mistake(void **state)
{
    struct complaints complaints = {0};
    struct zone zone;
    assert_int_equal(read_zone(&zone, files_path(*state, "none"), "h", &complaints), 1);
    assert_non_null(strstr(complaints.text, "none: No such file or directory\n"));
    zone_fini(&zone);
    complaints_fini(&complaints);
}

static void write_zone(void **state, const char *file, const char *name)
{
    char text[128];
    snprintf(text, sizeof text, "[zone]\nname = %s\n", name);
    files_write(files_path(*state, file), text, strlen(text));
}

static void the_zone_files_of_a_directory_are_read(void **state)
{
    write_zone(state, "b.zone", "b");
    write_zone(state, "a.zone", "%h");
    write_zone(state, "B.zone", "c");
    write_zone(state, ".hidden.zone", "d");
    write_zone(state, "a.zone~", "e");
    write_zone(state, ".zone", "f");
    write_zone(state, "zone", "g");
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    assert_int_equal(read_directory(&set, *state, "host", &complaints), 0);
    assert_int_equal(set.n_zones, 3);
    assert_string_equal(set.zones[0]->name, "b");
    assert_string_equal(set.zones[1]->name, "c");
    assert_string_equal(set.zones[2]->name, "host");
    complaints_fini(&complaints);
    zonefile_set_fini(&set);
}

/* The zones have equal keys, and none of them may be another file's zone too. */
static void a_prefix_between_two_labels_is_several_zones(void **state)
{
    static const struct {
        const char *prefix;
        size_t n;
        const char *first, *last; /* in the order of names */
    } cases[] = {
        {"192.168.6.0/23", 2, "6.168.192.in-addr.arpa", "7.168.192.in-addr.arpa"},
        {"172.16.0.0/12", 16, "16.172.in-addr.arpa", "31.172.in-addr.arpa"},
        {"10.128.0.0/9", 128, "128.10.in-addr.arpa", "255.10.in-addr.arpa"},
        {"2001:db8:0:14::/62", 4, "4.1.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
         "7.1.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
        {"2001:db8:0:18::/61", 8, "8.1.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
         "f.1.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
        {"2001:db8:0:80::/57", 8, "8.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
         "f.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
    };
    struct complaints complaints = {0};
    struct zonefile_set set = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "[zone]\nname = %s\nttl = 7\n", cases[i].prefix);
        files_write(files_path(*state, "a.zone"), text, strlen(text));
        assert_int_equal(read_directory(&set, *state, "host", &complaints), 0);
        assert_int_equal(set.n_zones, cases[i].n);
        assert_string_equal(set.zones[0]->name, cases[i].first);
        assert_string_equal(set.zones[set.n_zones - 1]->name, cases[i].last);
        for (size_t j = 0; j < set.n_zones; j++)
            assert_true(set.zones[j]->reverse && set.zones[j]->ttl == 7);
        zonefile_set_fini(&set);
    }
    write_zone(state, "a.zone", "192.168.6.0/23");
    write_zone(state, "b.zone", "192.168.7.0/24");
    assert_int_equal(read_directory(&set, *state, "host", &complaints), 1);
    assert_non_null(
        strstr(complaints.text, "b.zone:2: name: 7.168.192.in-addr.arpa is the zone of"));
    complaints_fini(&complaints);
    zonefile_set_fini(&set);
}

static void the_word_for_pointers_is_read(void **state)
{
    static const char *const words[] = {"all", "first", "none"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[64];
        snprintf(text, sizeof text, "[zone]\nname = a\npointers = %s\n", words[i]);
        struct zone zone;
        reads(state, &zone, text, "");
        assert_int_equal(zone.pointers, i);
        zone_fini(&zone);
    }
    complains(state, "[zone]\nname = a\npointers = one\n",
              "F:3: pointers: one: is neither all, first nor none\n");
}

/* Names of servers in a reverse zone cannot be registered. */
static void a_reverse_zone_gets_the_servers_of_another_zone(void **state)
{
    static const struct {
        const char *file, *text, *server, *contact;
    } cases[] = {
        {"a.zone", "name = 10.0.0.0/8", "ns1.c", "root.c"},
        {"b.zone", "name = 192.0.2.0/24\nnameservers = ns.b", "ns.b", "root.c"},
        {"c.zone", "name = c\nnameservers = ns1.c ns2.c\ncontact = root@c", "ns1.c", "root.c"},
        {"d.zone", "name = d", "ns.d", "hostmaster.d"},
        {"e.zone", "name = fd00::/8\ndatabase = lonely", "ns.d.f.ip6.arpa",
         "hostmaster.d.f.ip6.arpa"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "[zone]\n%s\n", cases[i].text);
        files_write(files_path(*state, cases[i].file), text, strlen(text));
    }
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    assert_int_equal(read_directory(&set, *state, "host", &complaints), 0);
    assert_int_equal(set.n_zones, sizeof cases / sizeof *cases);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(set.zones[i]->nameservers[0], cases[i].server);
        assert_string_equal(set.zones[i]->contact, cases[i].contact);
    }
    assert_int_equal(set.zones[0]->n_nameservers, 2);
    zonefile_set_fini(&set);
}

static void the_name_a_zone_is_like_exists_and_makes_no_circle(void **state)
{
    static const struct {
        const char *a, *b, *c; /* words of `addresses` of zone a, b and c.b; "": not given */
        const char *like;      /* of a */
        const char *complaint; /* "": none */
    } cases[] = {
        {"like gw", "", "", "gw.a", ""},
        {"global like gw", "like gw", "", "gw.a", ""},
        {"like gw.b", "", "", "gw.b", ""},
        {"like gw.b", "like gw", "", "gw.b", ""},
        {"like gw.b", "like mux", "", "gw.b", ""},
        {"like gw.c.b", "like x.a", "like gw", "gw.c.b", ""},
        {"like gw.c.b.", "", "", "gw.c.b", ""},
        {"like d.", "", "", "d",
         "a.zone:3: addresses: like d: has no effect: no zone has this name"},
        {"like @", "", "", "a", "a.zone:3: addresses: like a: is the zone itself"},
        {"like a", "", "", "a", "a.zone:3: addresses: like a: is the zone itself"},
        {"like gw.b", "like gw.a", "", "gw.b", "a.zone:3: addresses: like gw.b: is a circle"},
        {"like gw.b", "like gw.a", "", "gw.b", "b.zone:3: addresses: like gw.a: is a circle"},
        {"like x.c.b", "like x.a", "like x.b", "x.c.b",
         "a.zone:3: addresses: like x.c.b: is a circle"},
        {"like", "", "", "", "a.zone:3: addresses: like: takes a name"},
        {"like gw like mux", "", "", "gw", "a.zone:3: addresses: like: is given twice"},
        {"like a..b", "", "", "", "a.zone:3: addresses: a..b: it has two dots"},
        {"!like gw", "", "", "", "a.zone:3: addresses: !like: is neither"},
    };
    static const char *const files[] = {"a.zone", "b.zone", "c.zone"};
    static const char *const names[] = {"a", "b", "c.b"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *words[] = {cases[i].a, cases[i].b, cases[i].c};
        for (size_t j = 0; j < 3; j++) {
            char text[128];
            snprintf(text, sizeof text,
                     *words[j] ? "[zone]\nname = %s\naddresses = %s\n" : "[zone]\nname = %s\n",
                     names[j], words[j]);
            files_write(files_path(*state, files[j]), text, strlen(text));
        }
        struct complaints complaints = {0};
        struct zonefile_set set = {0};
        read_directory(&set, *state, "host", &complaints);
        if (!strstr(complaints.text ? complaints.text : "", cases[i].complaint))
            fail_msg("%s: %s", cases[i].a, complaints.text);
        assert_true(*cases[i].complaint || !complaints.text);
        if (*cases[i].like)
            assert_string_equal(set.zones[0]->like, cases[i].like);
        if (strcmp(cases[i].a, "like gw") == 0) /* the default rules apply */
            assert_int_equal(set.zones[0]->n_rules, 2);
        complaints_fini(&complaints);
        zonefile_set_fini(&set);
    }
}

static void a_zone_in_two_files_is_a_mistake(void **state)
{
    write_zone(state, "a.zone", "%h");
    write_zone(state, "b.zone", "b..c");
    write_zone(state, "c.zone", "b..c"); /* invalid names are not reported as equal */
    write_zone(state, "d.zone", "HOST");
    write_zone(state, "e.zone", "192.0.2.0/24");
    write_zone(state, "f.zone", "2.0.192.in-addr.arpa");
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    assert_int_equal(read_directory(&set, *state, "host", &complaints), 3);
    char expected[512];
    snprintf(expected, sizeof expected,
             "%s:2: name: 2.0.192.in-addr.arpa is the zone of %s already\n",
             files_path(*state, "f.zone"), files_path(*state, "e.zone"));
    assert_non_null(strstr(complaints.text, expected));
    snprintf(expected, sizeof expected, "%s:2: name: host is the zone of %s already\n",
             files_path(*state, "a.zone"), files_path(*state, "d.zone"));
    assert_non_null(strstr(complaints.text, expected)); /* as long as the host has this name */
    assert_int_equal(complaints.n_warnings, 2);
    complaints_fini(&complaints);
    zonefile_set_fini(&set);
}

/* This is no mistake, and the other zones are read. */
static void a_useless_host_name_leaves_its_zone_out(void **state)
{
    char label[NAME_LABEL_MAX + 2] = "", long_name[NAME_TEXT_MAX + 1] = "";
    const char *const names[] = {"",     "(none)", "b\xc3\xbcro", "two words",
                                 "a..b", label,    long_name,     "internal"};
    memset(label, 'a', NAME_LABEL_MAX + 1);
    while (strlen(long_name) + 2 < NAME_TEXT_MAX)
        strcat(long_name, "a.");
    strcat(long_name, "a");
    write_zone(state, "a.zone", "%h");
    write_zone(state, "b.zone", "internal");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zonefile_set set = {0};
        struct complaints complaints = {0};
        assert_int_equal(read_directory(&set, *state, names[i], &complaints), 0);
        assert_int_equal(set.n_zones, 1);
        assert_string_equal(set.zones[0]->name, "internal");
        assert_int_equal(complaints.n_warnings, 2); /* why, and that it is left out */
        assert_int_equal(complaints.n_unknown, 0);
        assert_non_null(strstr(complaints.text, "is left out until the host has another name"));
        complaints_fini(&complaints);
        zonefile_set_fini(&set);
    }
}

static void a_mistake_stays_one_whatever_the_host_is_called(void **state)
{
    const char *path = files_path(*state, "F");
    static const char *const texts[] = {"name = %h\nttl = x\n", "name = %h.a..b\n",
                                        "name = a\nnames = b..%h:0\n", "name = %i.%h\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[128];
        snprintf(text, sizeof text, "[zone]\n%s", texts[i]);
        files_write(path, text, strlen(text));
        struct complaints complaints = {0};
        struct zone zone;
        assert_int_not_equal(read_zone(&zone, path, "(none)", &complaints), 0);
        assert_null(strstr(complaints.text, "left out"));
        zone_fini(&zone);
        complaints_fini(&complaints);
        assert_int_equal(read_zone(&zone, path, "box.example", &complaints), 1);
        zone_fini(&zone);
        complaints_fini(&complaints);
    }
}

/* It has a full name, and applies once the host has this name. */
static void a_rule_for_another_host_name_has_no_effect(void **state)
{
    struct zone zone;
    reads(state, &zone,
          "[zone]\nname = %h\nnames = www:0 www.other.example.:0\n  *.x.host.example.net.:0\n",
          "F:3: names: www.other.example: has no effect: is not in zone host.example.net\n");
    assert_int_equal(zone.names.n, 2);
    assert_string_equal(zone.names.rules[1].name, "x.host.example.net");
    zone_fini(&zone);
    reads(state, &zone, "[zone]\nname = a\nnames = www.other.example.:0\n",
          "F:3: names: www.other.example: is not in the zone\n");
    zone_fini(&zone);
}

static void a_short_host_name_is_warned_of(void **state)
{
    static const struct {
        const char *name, *database, *hostname;
        unsigned warnings;
    } cases[] = {
        {"%h", "public", "box", 1},         {"v6.%h", "public", "Box", 1},
        {"%h", "public", "box.example", 0}, {"%h.example", "public", "box", 0},
        {"box", "public", "box", 0},  /* as written by hand */
        {"%h", "internal", "box", 0}, /* beside .internal, not for other networks */
    };
    static const char internal[] = "[zone]\nname = internal\ndatabase = internal\n";
    files_write(files_path(*state, "b.zone"), internal, sizeof internal - 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        int length = snprintf(text, sizeof text, "[zone]\n\nname = %s\ndatabase = %s\n",
                              cases[i].name, cases[i].database);
        files_write(files_path(*state, "a.zone"), text, (size_t)length);
        struct zonefile_set set = {0};
        struct complaints complaints = {0};
        assert_int_equal(read_directory(&set, *state, cases[i].hostname, &complaints), 0);
        assert_int_equal(complaints.n_warnings, cases[i].warnings);
        assert_true(!cases[i].warnings ||
                    strstr(complaints.text, "a.zone:3: name: the host's name is short"));
        complaints_fini(&complaints);
        zonefile_set_fini(&set);
    }
}

/* Even if the files change meanwhile; also with another host name. */
static void equal_findings_are_an_equal_configuration(void **state)
{
    struct findings findings = {.source = findings_system};
    write_zone(state, "a.zone", "%h");
    write_zone(state, "b.zone", "b");
    struct complaints complaints = {0};
    struct zonefile_set first = {0};
    assert_int_equal(zonefile_read_directory(&first, &findings, *state, "x.example", &complaints),
                     0);
    write_zone(state, "b.zone", "b..c");
    write_zone(state, "c.zone", "c");
    unlink(files_path(*state, "a.zone"));
    struct zonefile_set second = {0};
    assert_int_equal(zonefile_read_directory(&second, &findings, *state, "y.example", &complaints),
                     0);
    assert_int_equal(second.n_zones, 2);
    assert_string_equal(first.zones[1]->name, "x.example");
    assert_string_equal(second.zones[1]->name, "y.example");
    assert_string_equal(second.zones[0]->name, "b");
    assert_null(complaints.text);
    zonefile_set_fini(&first);
    zonefile_set_fini(&second);
    findings_fini(&findings);
}

/* Reads the directory again, and keeps what may stay of *set, which becomes the new one. Says which
 * zones are others now. */
static void expect_changed(void **state, struct zonefile_set *set, struct findings *findings,
                           const char *expected)
{
    struct findings next_findings = {.source = findings_system};
    struct zonefile_set next = {0}, before = *set;
    struct complaints complaints = {0};
    zonefile_read_directory(&next, &next_findings, *state, "host.example.net", &complaints);
    assert_null(complaints.text);
    size_t n_files;
    const char **files = findings_differing(findings, &next_findings, &n_files);
    assert_non_null(files);
    const struct zone *changed[8];
    size_t n = zonefile_set_keep(&next, &before, files, n_files, changed);
    char told[256] = "";
    for (size_t i = 0; i < n; i++)
        sprintf(told + strlen(told), "%s ", changed[i]->name);
    assert_string_equal(told, expected);
    free(files);
    zonefile_set_fini(&before);
    findings_fini(findings);
    *findings = next_findings;
    *set = next;
    for (size_t i = 0; i < set->n_zones; i++)
        for (size_t j = 0; j < set->zones[i]->n_servers; j++) {
            const struct zone *of = set->zones[i]->servers[j].of;
            assert_ptr_equal(
                of, zone_of((const struct zone *const *)set->zones, set->n_zones, of->name));
            assert_string_equal(set->zones[i]->servers[j].name, of->nameservers[0]);
        }
}

static void a_zone_stays_while_nothing_of_it_changes(void **state)
{
    struct zonefile_set set = {0};
    struct findings findings = {.source = findings_system};
    struct complaints complaints = {0};
    files_put(*state, "a.zone", "[zone]\nname = a.lan\n");
    files_put(*state, "b.zone", "[zone]\nname = b.lan\nnameservers = ns.c.lan.\n");
    files_put(*state, "c.zone", "[zone]\nname = c.lan\n");
    files_put(*state, "r.zone", "[zone]\nname = 10.0.0.0/7\n");
    zonefile_read_directory(&set, &findings, *state, "host.example.net", &complaints);
    assert_null(complaints.text);
    expect_changed(state, &set, &findings, "");
    files_put(*state, "b.zone", "[zone]\nname = b.lan\nnameservers = ns.c.lan.\nttl = 9\n");
    expect_changed(state, &set, &findings, "b.lan ");
    files_put(*state, "b.zone", "[zone]\nname = b.lan\npublishers = root\n");
    expect_changed(state, &set, &findings, "b.lan c.lan "); /* ns.c.lan is free */
    files_put(*state, "a.zone", "[zone]\nname = a.lan\nnameservers = ns.b.lan.\n");
    expect_changed(state, &set, &findings, "10.in-addr.arpa 11.in-addr.arpa a.lan b.lan ");
    files_put(*state, "a.zone", "[zone]\nname = a.lan\ncontact = admin.a.lan.\n");
    files_put(*state, "r.zone", "[zone]\nname = 10.0.0.0/7\nttl = 7\n");
    expect_changed(state, &set, &findings, "10.in-addr.arpa 11.in-addr.arpa a.lan b.lan ");
    files_put(*state, "c.zone", "[zone]\nname = d.lan\n");
    expect_changed(state, &set, &findings,
                   "10.in-addr.arpa 11.in-addr.arpa a.lan b.lan d.lan "); /* other names */
    zonefile_set_fini(&set);
    findings_fini(&findings);
}

static void a_missing_directory_is_a_mistake(void **state)
{
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    assert_int_equal(read_directory(&set, files_path(*state, "none"), "h", &complaints), 1);
    assert_non_null(strstr(complaints.text, "none: No such file or directory\n"));
    complaints_fini(&complaints);
    zonefile_set_fini(&set);
}

/* The shipped zones, beside this program's source. */
static void the_shipped_zones_are_read(void **state)
{
    (void)state;
    char directory[512];
    snprintf(directory, sizeof directory, "%.*s../../zones",
             (int)(strrchr(__FILE__, '/') + 1 - __FILE__), __FILE__);
    if (access(directory, R_OK) < 0)
        skip();
    struct zonefile_set set = {0};
    struct complaints complaints = {0};
    read_directory(&set, directory, "host.example.net", &complaints);
    assert_null(complaints.text);
    assert_int_equal(set.n_zones, 2);
    assert_string_equal(set.zones[0]->name, "host.example.net");
    assert_string_equal(set.zones[0]->database, "public");
    assert_int_equal(set.zones[0]->n_rules, 1);
    assert_int_equal(set.zones[0]->rules[0].class, ADDRESS_GLOBAL);
    assert_string_equal(set.zones[1]->name, "internal");
    assert_string_equal(set.zones[1]->database, "internal");
    assert_int_equal(set.zones[1]->n_rules, 1);
    assert_int_equal(set.zones[1]->rules[0].class, ADDRESS_PRIVATE);
    zonefile_set_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(a_short_file_has_the_defaults, files_setup),
        WITH_FILES(each_key_is_read, files_setup),
        WITH_FILES(each_word_of_a_long_value_is_told_with_its_line, files_setup),
        WITH_FILES(rules_for_names_are_read, files_setup),
        WITH_FILES(a_wrong_rule_for_names_is_a_mistake, files_setup),
        WITH_FILES(a_rule_without_a_full_name_is_a_mistake, files_setup),
        WITH_FILES(all_mistakes_are_told_at_once, files_setup),
        WITH_FILES(a_zone_needs_a_good_name, files_setup),
        WITH_FILES(gateways_and_publishers_are_read, files_setup),
        WITH_FILES(a_reverse_zone_is_a_prefix_or_its_name, files_setup),
        WITH_FILES(what_is_no_prefix_is_a_mistake, files_setup),
        WITH_FILES(a_prefix_between_two_labels_is_several_zones, files_setup),
        WITH_FILES(the_word_for_pointers_is_read, files_setup),
        WITH_FILES(a_reverse_zone_gets_the_servers_of_another_zone, files_setup),
        WITH_FILES(a_name_that_is_too_long_is_a_mistake, files_setup),
        WITH_FILES(a_zone_file_has_one_section, files_setup),
        WITH_FILES(limits_of_ttl_follow_from_each_other, files_setup),
        WITH_FILES(the_number_of_labels_has_limits, files_setup),
        WITH_FILES(lists_have_limits, files_setup),
        WITH_FILES(a_missing_file_is_a_mistake, files_setup),
        WITH_FILES(the_zone_files_of_a_directory_are_read, files_setup),
        WITH_FILES(the_name_a_zone_is_like_exists_and_makes_no_circle, files_setup),
        WITH_FILES(a_zone_in_two_files_is_a_mistake, files_setup),
        WITH_FILES(a_useless_host_name_leaves_its_zone_out, files_setup),
        WITH_FILES(a_mistake_stays_one_whatever_the_host_is_called, files_setup),
        WITH_FILES(a_rule_for_another_host_name_has_no_effect, files_setup),
        WITH_FILES(a_short_host_name_is_warned_of, files_setup),
        WITH_FILES(equal_findings_are_an_equal_configuration, files_setup),
        WITH_FILES(a_zone_stays_while_nothing_of_it_changes, files_setup),
        WITH_FILES(a_missing_directory_is_a_mistake, files_setup),
        cmocka_unit_test(the_shipped_zones_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
