#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../zones/zone.h"

enum { MANY = 16 };

/* Addresses as one text; letters in front of one are its state: T(entative), D(eprecated),
 * P(rivacy). */
static size_t read_addresses(struct address addresses[MANY], const char *words)
{
    char copy[512], *rest = NULL;
    size_t n = 0;

    strcpy(copy, words);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest), n++) {
        size_t letters = 0;
        uint8_t flags = 0;

        assert_true(n < MANY);
        for (; strchr("TDP", word[letters]); letters++)
            flags |= word[letters] == 'T'   ? ADDRESS_TENTATIVE
                     : word[letters] == 'D' ? ADDRESS_DEPRECATED
                                            : ADDRESS_TEMPORARY;
        assert_true(address_parse(&addresses[n], word + letters));
        addresses[n].state = flags;
    }
    return n;
}

static void verdicts_are(const struct zone *zone, const char *words, const char *expected)
{
    struct address addresses[MANY];
    enum zone_verdict verdicts[MANY];
    size_t n = read_addresses(addresses, words);
    char found[512] = "";

    zone_judge(zone, addresses, n, verdicts);
    for (size_t i = 0; i < n; i++) {
        if (i)
            strcat(found, " ");
        strcat(found, zone_verdict_text(verdicts[i]));
    }
    assert_string_equal(found, expected);
}

/* The addresses that zone_add_name() makes records of. */
static void shows(const struct zone *zone, const char *words, const char *expected)
{
    struct address addresses[MANY];
    size_t n = read_addresses(addresses, words), added, cursor = 0;
    struct records records;
    struct record record;
    char found[512] = "", text[ADDRESS_TEXT_MAX];

    records_init(&records);
    added = zone_add_name(zone, &records, "www.internal", 60, addresses, n);
    assert_int_equal(added, records.count);
    while (records_next(&records, &cursor, &record)) {
        assert_string_equal(record.owner, "www.internal");
        assert_int_equal(record.ttl, 60);
        if (found[0])
            strcat(found, " ");
        strcat(found, address_text(text, &record.address));
    }
    assert_string_equal(found, expected);
    records_fini(&records);
}

static void test_defaults(void **state)
{
    struct zone zone;

    (void)state;
    zone_init(&zone);
    strcpy(zone.name, "internal");
    zone_complete(&zone);
    assert_int_equal(zone.ttl, 60);
    assert_int_equal(zone.negative_ttl, 5);
    assert_int_equal(zone.families, ZONE_IPV4 | ZONE_IPV6);
    assert_true(zone.relative);
    assert_false(zone.temporary);
    assert_false(zone.wildcards);
    assert_int_equal(zone.n_nameservers, 1);
    assert_string_equal(zone.nameservers[0], "ns.internal");
    assert_string_equal(zone.contact, "hostmaster.internal");
    verdicts_are(&zone, "192.0.2.1 10.0.0.1 fe80::1 127.0.0.1", "shown shown scope scope");
    zone_fini(&zone);
}

static void test_no_room_below(void **state)
{
    struct zone zone;

    (void)state;
    zone_init(&zone);
    memset(zone.name, 'a', NAME_TEXT_MAX);
    zone_complete(&zone);
    assert_string_equal(zone.nameservers[0], zone.name);
    assert_string_equal(zone.contact, zone.name);
}

static void test_verdicts_in_order(void **state)
{
    struct zone zone;

    (void)state;
    zone_init(&zone);
    zone.families = ZONE_IPV6;
    assert_null(address_rule_parse(&zone.rules[0], "global"));
    zone.n_rules = 1;
    verdicts_are(&zone, "TP192.0.2.1 P192.0.2.1 D192.0.2.1 Dfe80::1 Dfd00::1 D2001:db8::1",
                 "tentative temporary family scope zone-rule shown");
    zone.temporary = true;
    verdicts_are(&zone, "P192.0.2.1 P2001:db8::1", "family shown");
}

static void test_deprecated(void **state)
{
    struct zone zone;

    (void)state;
    zone_init(&zone);
    verdicts_are(&zone, "D2001:db8::1 2001:db8::2", "deprecated shown");
    verdicts_are(&zone, "2001:db8::2 D2001:db8::1", "shown deprecated");
    verdicts_are(&zone, "D2001:db8::1 D2001:db8::2", "shown shown");
    /* another family's does not count, nor does one that is not shown */
    verdicts_are(&zone, "D2001:db8::1 192.0.2.1", "shown shown");
    verdicts_are(&zone, "D2001:db8::1 T2001:db8::2 fe80::1", "shown tentative scope");
    verdicts_are(&zone, "D2001:db8::1 P2001:db8::2", "shown temporary");
    verdicts_are(&zone, "D192.0.2.1 192.0.2.2 D2001:db8::1", "deprecated shown shown");
}

static void test_add_name(void **state)
{
    struct zone zone;

    (void)state;
    zone_init(&zone);
    shows(&zone, "", "");
    shows(&zone, "fe80::1", "");
    shows(&zone, "2001:db8::1 192.0.2.2 192.0.2.1", "192.0.2.1 192.0.2.2 2001:db8::1");
    shows(&zone, "192.0.2.1 192.0.2.1 192.0.2.1", "192.0.2.1");
    shows(&zone, "D2001:db8::1 2001:db8::2 D192.0.2.1", "192.0.2.1 2001:db8::2");
    shows(&zone, "D2001:db8::1 D2001:db8::1", "2001:db8::1");
    /* of two holders, one may have an address that the other's interface calls deprecated */
    shows(&zone, "D2001:db8::1 2001:db8::1", "2001:db8::1");
    shows(&zone, "2001:db8::1 D2001:db8::1 D2001:db8::2", "2001:db8::1");
    shows(&zone, "T2001:db8::1 2001:db8::1", "2001:db8::1");
}

/* Both ways to judge must be one. */
static void test_judge_equals_add(void **state)
{
    static const char *const pool[] = {"192.0.2.1",   "192.0.2.2", "10.0.0.1", "2001:db8::1",
                                       "2001:db8::2", "fd00::1",   "fe80::1",  "127.0.0.1"};
    struct zone zone;
    unsigned seed = 1;

    (void)state;
    zone_init(&zone);
    for (int round = 0; round < 2000; round++) {
        struct address addresses[MANY], shown[MANY];
        enum zone_verdict verdicts[MANY];
        struct records records;
        size_t n = (size_t)rand_r(&seed) % 8, n_shown = 0, added;

        zone.families = (unsigned)rand_r(&seed) & 3;
        zone.temporary = rand_r(&seed) & 1;
        for (size_t i = 0; i < n; i++) {
            assert_true(address_parse(&addresses[i], pool[rand_r(&seed) % 8]));
            addresses[i].state = rand_r(&seed) % 2 ? 0 : (uint8_t)(rand_r(&seed) & 7);
        }
        zone_judge(&zone, addresses, n, verdicts);
        for (size_t i = 0; i < n; i++) {
            size_t j = 0;

            while (j < n_shown && address_compare(&shown[j], &addresses[i]) != 0)
                j++;
            if (verdicts[i] == ZONE_SHOWN && j == n_shown)
                shown[n_shown++] = addresses[i];
        }
        records_init(&records);
        added = zone_add_name(&zone, &records, "a", 1, addresses, n);
        assert_int_equal(added, n_shown);
        records_fini(&records);
    }
}

static void test_apex(void **state)
{
    struct zone zone;
    struct records records;
    struct record record;
    size_t cursor = 0;

    (void)state;
    zone_init(&zone);
    strcpy(zone.name, "internal");
    strcpy(zone.nameservers[0], "ns1.example.net");
    strcpy(zone.nameservers[1], "ns2.example.net");
    zone.n_nameservers = 2;
    zone.ttl = 100;
    zone.negative_ttl = 7;
    zone_complete(&zone);
    records_init(&records);
    zone_add_apex(&zone, &records);
    assert_int_equal(records.count, 3);
    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_SOA);
    assert_string_equal(record.target, "ns1.example.net");
    assert_string_equal(record.contact, "hostmaster.internal");
    assert_int_equal(record.minimum, 7);
    assert_int_equal(record.ttl, 7);
    assert_true(records_next(&records, &cursor, &record));
    assert_string_equal(record.target, "ns1.example.net");
    assert_int_equal(record.ttl, 100);
    assert_true(records_next(&records, &cursor, &record));
    assert_string_equal(record.target, "ns2.example.net");
    records_fini(&records);
}

static void test_zone_of(void **state)
{
    struct zone a, b;
    const struct zone *const zones[] = {&a, &b};
    const struct zone *const turned[] = {&b, &a};

    (void)state;
    zone_init(&a);
    zone_init(&b);
    strcpy(a.name, "example.net");
    strcpy(b.name, "host.example.net");
    assert_ptr_equal(zone_of(zones, 2, "www.host.example.net"), &b);
    assert_ptr_equal(zone_of(turned, 2, "www.host.example.net"), &b);
    assert_ptr_equal(zone_of(zones, 2, "host.example.net"), &b);
    assert_ptr_equal(zone_of(zones, 2, "ghost.example.net"), &a);
    assert_null(zone_of(zones, 2, "www.internal"));
    assert_null(zone_of(zones, 0, "www.internal"));
}

static void test_ttl(void **state)
{
    struct zone zone;

    (void)state;
    zone_init(&zone);
    assert_int_equal(zone_clamp_ttl(&zone, -1), 60);
    assert_int_equal(zone_clamp_ttl(&zone, 1), 1);
    assert_int_equal(zone_clamp_ttl(&zone, INT64_MAX), 86400);
    zone.ttl_min = 30;
    zone.ttl_max = 90;
    assert_int_equal(zone_clamp_ttl(&zone, 1), 30);
    assert_int_equal(zone_clamp_ttl(&zone, 89), 89);
    assert_int_equal(zone_clamp_ttl(&zone, 91), 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_no_room_below),
        cmocka_unit_test(test_verdicts_in_order),
        cmocka_unit_test(test_deprecated),
        cmocka_unit_test(test_add_name),
        cmocka_unit_test(test_judge_equals_add),
        cmocka_unit_test(test_apex),
        cmocka_unit_test(test_zone_of),
        cmocka_unit_test(test_ttl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
