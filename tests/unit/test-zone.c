#include "../../zones/zone.h"

#include "made.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

enum { MANY = 16 };

/* Addresses as one text; letters before an address are its state: T(entative), D(eprecated),
 * P(rivacy). */
static size_t read_addresses(struct address addresses[MANY], const char *words)
{
    char copy[512];
    strcpy(copy, words);
    char *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest), n++) {
        assert_true(n < MANY);
        size_t letters = 0;
        uint8_t flags = 0;
        for (; strchr("TDPX", word[letters]); letters++)
            flags |= word[letters] == 'T'   ? ADDRESS_TENTATIVE
                     : word[letters] == 'X' ? ADDRESS_DUPLICATE
                     : word[letters] == 'D' ? ADDRESS_DEPRECATED
                                            : ADDRESS_TEMPORARY;
        assert_true(address_parse(&addresses[n], word + letters));
        addresses[n].state = flags;
    }
    return n;
}

/* The same rules say whether there is an address to show. */
static void verdicts_are(const struct zone *zone, const char *words, const char *expected)
{
    struct address addresses[MANY];
    size_t n = read_addresses(addresses, words);
    enum zone_verdict verdicts[MANY];
    zone_judge(zone, NULL, "www.internal", addresses, n, verdicts);
    char found[512] = "";
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        any = any || verdicts[i] == ZONE_SHOWN || verdicts[i] == ZONE_GATEWAY;
        if (i)
            strcat(found, " ");
        strcat(found, zone_verdict_text(verdicts[i]));
    }
    assert_string_equal(found, expected);
    assert_int_equal(zone_shows_any(zone, NULL, addresses, n), any);
}

/* zone_copy_shown() picks the same as zone_add_name() if the zone has no gateways. */
static void copied_are(const struct zone *zone, const char *words, const char *expected)
{
    struct address addresses[MANY];
    size_t n = read_addresses(addresses, words);
    struct address copied[ZONE_COPIED_MAX];
    n = zone_copy_shown(zone, NULL, "www.internal", addresses, n, copied);
    char found[512] = "";
    for (size_t i = 0; i < n; i++) {
        strcat(found, i ? " " : "");
        char text[ADDRESS_TEXT_MAX];
        strcat(found, address_text(text, &copied[i]));
    }
    assert_string_equal(found, expected);
}

/* The addresses that zone_add_name() makes records of. */
static void shows(const struct zone *zone, const char *words, const char *expected)
{
    struct address addresses[MANY];
    size_t n = read_addresses(addresses, words);
    struct records records;
    records_init(&records);
    struct fit_cuts cuts = {.n = 0};
    size_t added = zone_add_name(zone, NULL, &records, "www.internal", 60, ZONE_IPV4 | ZONE_IPV6,
                                 addresses, n, &cuts);
    assert_int_equal(added, records.count);
    size_t cursor = 0;
    char found[512] = "";
    struct record record;
    while (records_next(&records, &cursor, &record)) {
        assert_string_equal(record.owner, "www.internal");
        assert_int_equal(record.ttl, 60);
        if (found[0])
            strcat(found, " ");
        char text[ADDRESS_TEXT_MAX];
        strcat(found, address_text(text, &record.address));
    }
    assert_string_equal(found, expected);
    if (zone->n_gateways == 0)
        copied_are(zone, words, expected);
    assert_int_equal(cuts.n, 0);
    records_fini(&records);
}

static void a_new_zone_has_the_defaults(void **state)
{
    (void)state;
    struct zone zone;
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

static void a_zone_with_the_longest_name_is_its_own_server(void **state)
{
    (void)state;
    struct zone zone;
    zone_init(&zone);
    memset(zone.name, 'a', NAME_TEXT_MAX);
    zone_complete(&zone);
    assert_string_equal(zone.nameservers[0], zone.name);
    assert_string_equal(zone.contact, zone.name);
}

static void the_first_verdict_that_applies_counts(void **state)
{
    (void)state;
    struct zone zone;
    zone_init(&zone);
    zone.families = ZONE_IPV6;
    assert_null(address_rule_parse(&zone.rules[0], "global"));
    zone.n_rules = 1;
    verdicts_are(&zone, "TP192.0.2.1 P192.0.2.1 D192.0.2.1 Dfe80::1 Dfd00::1 D2001:db8::1",
                 "tentative temporary family scope zone-rule shown");
    zone.temporary = true;
    verdicts_are(&zone, "P192.0.2.1 P2001:db8::1", "family shown");
}

static void a_deprecated_address_is_shown_if_there_is_no_other(void **state)
{
    (void)state;
    struct zone zone;
    zone_init(&zone);
    verdicts_are(&zone, "D2001:db8::1 2001:db8::2", "deprecated shown");
    verdicts_are(&zone, "2001:db8::2 D2001:db8::1", "shown deprecated");
    verdicts_are(&zone, "D2001:db8::1 D2001:db8::2", "shown shown");
    /* addresses of another family, and hidden ones, do not count */
    verdicts_are(&zone, "D2001:db8::1 192.0.2.1", "shown shown");
    verdicts_are(&zone, "D2001:db8::1 T2001:db8::2 fe80::1", "shown tentative scope");
    verdicts_are(&zone, "D2001:db8::1 P2001:db8::2", "shown temporary");
    verdicts_are(&zone, "D192.0.2.1 192.0.2.2 D2001:db8::1", "deprecated shown shown");
    verdicts_are(&zone, "D2001:db8::1 X2001:db8::2", "shown duplicate");
}

/* Addresses that may still come, and the reason to show first. */
static void some_verdicts_are_temporary_and_some_matter_more(void **state)
{
    static const struct {
        const char *words;
        bool awaited;
        enum zone_verdict foremost;
    } cases[] = {
        {"T2001:db8::1", true, ZONE_TENTATIVE},
        {"2001:db8::2 T2001:db8::1", true, ZONE_SHOWN},
        {"TD2001:db8::1", true, ZONE_TENTATIVE}, /* it may become the only one */
        {"X2001:db8::1", false, ZONE_DUPLICATE},
        {"TX2001:db8::1", false, ZONE_TENTATIVE},
        {"TP2001:db8::1", false, ZONE_TENTATIVE},
        {"Tfe80::1 fe80::2", false, ZONE_TENTATIVE},
        {"10.1.0.1 P2001:db8::1 fe80::2", false, ZONE_RULE},
        {"192.0.2.1 10.1.0.1", false, ZONE_SHOWN},
        {"D192.0.2.1", false, ZONE_SHOWN},
        {"fe80::1", false, ZONE_SCOPE},
    };
    (void)state;
    struct zone zone;
    zone_init(&zone);
    zone.n_rules = 1; /* only global */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address addresses[MANY];
        size_t n = read_addresses(addresses, cases[i].words);
        assert_int_equal(zone_awaits_any(&zone, NULL, addresses, n), cases[i].awaited);
        assert_int_equal(zone_foremost(&zone, NULL, addresses, n), cases[i].foremost);
    }
    assert_false(zone_awaits_any(&zone, NULL, NULL, 0));
}

static void a_name_shows_each_address_once_in_order(void **state)
{
    (void)state;
    struct zone zone;
    zone_init(&zone);
    shows(&zone, "", "");
    shows(&zone, "fe80::1", "");
    shows(&zone, "2001:db8::1 192.0.2.2 192.0.2.1", "192.0.2.1 192.0.2.2 2001:db8::1");
    shows(&zone, "192.0.2.1 192.0.2.1 192.0.2.1", "192.0.2.1");
    shows(&zone, "D2001:db8::1 2001:db8::2 D192.0.2.1", "192.0.2.1 2001:db8::2");
    shows(&zone, "D2001:db8::1 D2001:db8::1", "2001:db8::1");
    /* one of two holders may have an address that is deprecated on the other's interface */
    shows(&zone, "D2001:db8::1 2001:db8::1", "2001:db8::1");
    shows(&zone, "2001:db8::1 D2001:db8::1 D2001:db8::2", "2001:db8::1");
    shows(&zone, "T2001:db8::1 2001:db8::1", "2001:db8::1");
}

/* ---- the same of all who judge ---- */

enum { POOL = 60, MOST = 2 * POOL };

static void make_random_zone(struct zone *zone, unsigned *seed)
{
    static const char *const rules[] = {"global", "private", "10.0.0.0/28", "2001:db8::/64"};
    zone_init(zone);
    for (zone->n_rules = 0; zone->n_rules < 2; zone->n_rules++)
        assert_null(address_rule_parse(&zone->rules[zone->n_rules], rules[rand_r(seed) % 4]));
    zone->families = (unsigned)rand_r(seed) & 3;
    zone->temporary = rand_r(seed) & 1;
    if (rand_r(seed) % 3 == 0)
        assert_true(address_parse(&zone->gateways[zone->n_gateways++], "192.0.2.7"));
    if (rand_r(seed) % 3 == 0)
        assert_true(address_parse(&zone->gateways[zone->n_gateways++], "2001:db8::7"));
    zone_complete(zone);
}

/* Of both families and several kinds; many of them twice, deprecated and not. */
static size_t make_random_addresses(struct address addresses[MOST], unsigned *seed)
{
    static const char *const kinds[] = {"10.0.0.0", "192.0.2.0",  "127.0.0.0",
                                        "fd00::",   "2001:db8::", "fe80::"};
    size_t n = (size_t)rand_r(seed) % (rand_r(seed) % 2 ? 8 : MOST);
    unsigned mostly = rand_r(seed) & 7;
    for (size_t i = 0; i < n; i++) {
        assert_true(address_parse(&addresses[i], kinds[rand_r(seed) % 6]));
        addresses[i].octets[address_length(&addresses[i]) - 1] = (uint8_t)(rand_r(seed) % POOL);
        addresses[i].state = rand_r(seed) % 4 == 0 ? (uint8_t)(rand_r(seed) & 7)
                             : rand_r(seed) % 2    ? (uint8_t)mostly & ADDRESS_DEPRECATED
                                                   : 0;
    }
    return n;
}

static int compare_addresses(const void *a, const void *b)
{
    return address_compare(a, b);
}

/* In order, each once. */
static size_t in_order_once(struct address *addresses, size_t n)
{
    qsort(addresses, n, sizeof *addresses, compare_addresses);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || address_compare(&addresses[kept - 1], &addresses[i]) != 0)
            addresses[kept++] = addresses[i];
    return kept;
}

static void addresses_are(const struct address *found, size_t n_found, struct address *expected,
                          size_t n_expected)
{
    n_expected = in_order_once(expected, n_expected);
    assert_int_equal(n_found, n_expected);
    for (size_t i = 0; i < n_found; i++)
        assert_int_equal(address_compare(&found[i], &expected[i]), 0);
}

static size_t published(const struct zone *zone, const struct address *addresses, size_t n,
                        struct address found[MOST])
{
    struct address used[MOST];
    memcpy(used, addresses, n * sizeof *used);
    struct records records;
    records_init(&records);
    struct fit_cuts cuts = {.n = 0};
    size_t added =
        zone_add_name(zone, NULL, &records, "a", 1, ZONE_IPV4 | ZONE_IPV6, used, n, &cuts);
    assert_int_equal(added, records.count);
    size_t cursor = 0, n_found = 0;
    struct record record;
    while (records_next(&records, &cursor, &record))
        found[n_found++] = record.address;
    records_fini(&records);
    fit_cuts_fini(&cuts);
    return n_found;
}

/* The addresses that zone_judge() shows, with gateways replacing some, are those that
 * zone_add_name() publishes and, without gateways, those that zone_copy_shown() copies. */
static void all_judgements_of_random_addresses_agree(void **state)
{
    (void)state;
    unsigned seed = 1, cut = 0;
    for (int round = 0; round < 5000; round++) {
        struct address addresses[MOST];
        size_t n = make_random_addresses(addresses, &seed);
        struct zone zone;
        make_random_zone(&zone, &seed);
        size_t n_gateways;
        const struct address *gateways = zone_gateways(&zone, ZONE_IPV4 | ZONE_IPV6, &n_gateways);
        enum zone_verdict verdicts[MOST];
        zone_judge(&zone, NULL, "a", addresses, n, verdicts);
        size_t n_shown = 0;
        bool any = false;
        struct address shown[MOST + 2];
        for (size_t i = 0; i < n; i++) {
            any = any || verdicts[i] == ZONE_SHOWN || verdicts[i] == ZONE_GATEWAY;
            cut += verdicts[i] == ZONE_NO_ROOM;
            if (verdicts[i] == ZONE_SHOWN)
                shown[n_shown++] = addresses[i];
        }
        assert_int_equal(zone_shows_any(&zone, NULL, addresses, n), any);
        for (size_t i = 0; any && i < n_gateways; i++)
            shown[n_shown++] = gateways[i];
        struct address found[MOST];
        size_t n_found = published(&zone, addresses, n, found);
        addresses_are(found, n_found, shown, n_shown);

        struct address copied[ZONE_COPIED_MAX];
        size_t n_copied = zone_copy_shown(&zone, NULL, "a", addresses, n, copied);
        zone.n_gateways = 0;
        n_found = published(&zone, addresses, n, found);
        addresses_are(found, n_found, copied, n_copied);
    }
    assert_true(cut > 0); /* some were cut */
}

static void set_gateways(struct zone *zone, const char *words)
{
    zone->n_gateways = read_addresses(zone->gateways, words);
    zone_complete(zone);
}

static void a_gateways_address_stands_for_the_names(void **state)
{
    static const struct {
        unsigned families;
        const char *rules, *gateways, *addresses, *shown;
    } cases[] = {
        /* NAT46: the proxy's A beside the host's AAAA */
        {3, "global", "192.0.2.7", "2001:db8::1", "192.0.2.7 2001:db8::1"},
        {3, "global", "192.0.2.7", "2001:db8::1 10.0.0.1", "192.0.2.7 2001:db8::1"},
        {3, "global", "192.0.2.7", "2001:db8::1 198.51.100.1", "192.0.2.7 2001:db8::1"},
        /* the name lives by an address of either family that the zone shows */
        {3, "global", "192.0.2.7", "198.51.100.1", "192.0.2.7"},
        {3, "global", "192.0.2.7", "10.0.0.1", ""},
        {3, "global", "192.0.2.7", "T2001:db8::1", ""},
        {3, "global", "192.0.2.7", "fe80::1", ""},
        {3, "global", "192.0.2.7", "", ""},
        {3, "global", "192.0.2.7", "D2001:db8::1", "192.0.2.7 2001:db8::1"},
        /* both families, several, in order, each once; without rules */
        {3, "global", "2001:db8::7 192.0.2.8 10.0.0.7 192.0.2.8", "2001:db8::1",
         "10.0.0.7 192.0.2.8 2001:db8::7"},
        {3, "global", "2001:db8::7", "2001:db8::1 198.51.100.1", "198.51.100.1 2001:db8::7"},
        /* `families` filters gateways too, and the addresses by which a name lives */
        {ZONE_IPV6, "global", "192.0.2.7", "2001:db8::1", "2001:db8::1"},
        {ZONE_IPV6, "global", "192.0.2.7 2001:db8::7", "2001:db8::1", "2001:db8::7"},
        {ZONE_IPV4, "global", "192.0.2.7", "2001:db8::1", ""},
        {ZONE_IPV6, "global", "192.0.2.7", "198.51.100.1", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zone zone;
        zone_init(&zone);
        assert_null(address_rule_parse(&zone.rules[0], cases[i].rules));
        zone.n_rules = 1;
        zone.families = cases[i].families;
        set_gateways(&zone, cases[i].gateways);
        shows(&zone, cases[i].addresses, cases[i].shown);
    }
}

static void a_gateway_replaces_addresses_of_its_family(void **state)
{
    (void)state;
    struct zone zone;
    zone_init(&zone);
    set_gateways(&zone, "192.0.2.7 2001:db8::7");
    zone.families = ZONE_IPV4;
    verdicts_are(&zone, "10.0.0.1 D10.0.0.2 T10.0.0.3 fe80::1 fd00::1",
                 "gateway deprecated tentative family family");
    size_t n;
    const struct address *gateways = zone_gateways(&zone, ZONE_IPV4 | ZONE_IPV6, &n);
    assert_int_equal(n, 1);
    char text[ADDRESS_TEXT_MAX];
    assert_string_equal(address_text(text, gateways), "192.0.2.7");
    zone.families = ZONE_IPV6;
    verdicts_are(&zone, "10.0.0.1 fe80::1 fd00::1", "family scope gateway");
    gateways = zone_gateways(&zone, ZONE_IPV4 | ZONE_IPV6, &n);
    assert_int_equal(n, 1);
    assert_string_equal(address_text(text, gateways), "2001:db8::7");
    zone.families = 0;
    zone_gateways(&zone, ZONE_IPV4 | ZONE_IPV6, &n);
    assert_int_equal(n, 0);
}

/* Of many addresses the first stay, whatever follows; both functions agree. */
static void addresses_beyond_a_reply_have_no_room(void **state)
{
    enum { TOO_MANY = 100 };
    const char *name = "www.internal";
    size_t room4 = fit_room(name, 4), room6 = fit_room(name, 16);
    (void)state;
    struct zone zone;
    zone_init(&zone);
    for (size_t n = 0; n < TOO_MANY; n++) {
        struct address addresses[2 * TOO_MANY];
        for (size_t i = 0; i < n; i++) {
            uint8_t last = (uint8_t)(i % 2 ? i / 2 : n - 1 - i / 2); /* from both ends */
            addresses[i] = (struct address){.family = AF_INET, .octets = {10, 0, 0, last}};
            addresses[n + i] = (struct address){.family = AF_INET6, .octets = {0xfd}};
            addresses[n + i].octets[15] = last;
        }
        enum zone_verdict verdicts[2 * TOO_MANY];
        zone_judge(&zone, NULL, name, addresses, 2 * n, verdicts);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(verdicts[i] == ZONE_SHOWN, addresses[i].octets[3] < room4);
            assert_int_equal(verdicts[n + i] == ZONE_SHOWN, addresses[n + i].octets[15] < room6);
        }
        struct records records;
        records_init(&records);
        struct fit_cuts cuts = {.n = 0};
        assert_int_equal(zone_add_name(&zone, NULL, &records, name, 1, ZONE_IPV4 | ZONE_IPV6,
                                       addresses, 2 * n, &cuts),
                         (n < room4 ? n : room4) + (n < room6 ? n : room6));
        assert_int_equal(cuts.n, (n > room4) + (n > room6));
        if (n > room6) {
            assert_int_equal(cuts.cuts[cuts.n - 1].type, RECORD_AAAA);
            assert_int_equal(cuts.cuts[cuts.n - 1].kept, room6);
            assert_int_equal(cuts.cuts[cuts.n - 1].all, n);
        }
        records_fini(&records);
        fit_cuts_fini(&cuts);
    }
    verdicts_are(&zone, "10.0.0.1 10.0.0.1", "shown shown");
    assert_string_equal(zone_verdict_text(ZONE_NO_ROOM), "no-room");
}

static void a_restricted_zone_admits_its_publishers_and_root(void **state)
{
    static const uint32_t gids[] = {5, 100, 7};
    (void)state;
    struct zone zone;
    zone_init(&zone);
    assert_true(zone_admits(&zone, &(struct zone_publisher){.uid = 1000}));
    zone.restricted = true;
    assert_false(zone_admits(&zone, &(struct zone_publisher){.uid = 1000}));
    assert_true(zone_admits(&zone, &(struct zone_publisher){.uid = 0}));
    zone.publishers.uids[zone.publishers.n_uids++] = 1000;
    zone.publishers.uids[zone.publishers.n_uids++] = 1001;
    zone.publishers.gids[zone.publishers.n_gids++] = 100;
    zone.publishers.gids[zone.publishers.n_gids++] = 1002;
    assert_true(zone_admits(&zone, &(struct zone_publisher){.uid = 1000}));
    assert_true(zone_admits(&zone, &(struct zone_publisher){.uid = 1001}));
    assert_false(zone_admits(&zone, &(struct zone_publisher){.uid = 1002}));
    assert_false(zone_admits(&zone, &(struct zone_publisher){.uid = 100}));
    assert_true(zone_admits(&zone, &(struct zone_publisher){1002, gids, 3}));
    assert_false(zone_admits(&zone, &(struct zone_publisher){1002, gids, 1}));
}

static void an_apex_has_an_soa_and_its_servers(void **state)
{
    (void)state;
    struct zone zone;
    zone_init(&zone);
    strcpy(zone.name, "internal");
    strcpy(zone.nameservers[0], "ns1.example.net");
    strcpy(zone.nameservers[1], "ns2.example.net");
    zone.n_nameservers = 2;
    zone.ttl = 100;
    zone.negative_ttl = 7;
    zone_complete(&zone);
    struct records records;
    records_init(&records);
    zone_add_soa(&zone, &records);
    zone_add_nameservers(&zone, &records);
    assert_int_equal(records.count, 3);
    size_t cursor = 0;
    struct record record;
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

static void a_name_is_in_the_deepest_zone(void **state)
{
    struct zone a, b;
    const struct zone *const zones[] = {&a, &b};
    (void)state;
    zone_init(&a);
    zone_init(&b);
    strcpy(a.name, "example.net");
    strcpy(b.name, "host.example.net");
    assert_ptr_equal(zone_of(zones, 2, "www.host.example.net"), &b);
    assert_ptr_equal(zone_of(zones, 2, "example.net"), &a);
    assert_null(zone_of(zones, 2, "net"));
    assert_ptr_equal(zone_below(zones, 2, &a, "www.host.example.net"), &b);
    assert_ptr_equal(zone_below(zones, 2, &a, "www.example.net"), &a);
    assert_ptr_equal(zone_below(zones, 2, &b, "host.example.net"), &b);
    assert_ptr_equal(zone_of(zones, 2, "host.example.net"), &b);
    assert_ptr_equal(zone_of(zones, 2, "ghost.example.net"), &a);
    assert_null(zone_of(zones, 2, "www.internal"));
    assert_null(zone_of(zones, 0, "www.internal"));
}

static void a_server_belongs_to_the_first_zone_that_has_it(void **state)
{
    static const char *const names[] = {"a", "b", "x.b"}, *const servers[] = {"ns.x.b", "ns.b"};
    (void)state;
    struct zone zones[3], *list[3];
    for (size_t i = 0; i < 3; i++) {
        list[i] = &zones[i];
        zone_init(&zones[i]);
        strcpy(zones[i].name, names[i]);
    }
    for (size_t i = 0; i < 2; i++)
        strcpy(zones[1].nameservers[i], servers[i]);
    strcpy(zones[0].nameservers[0], "ns.x.b");
    strcpy(zones[2].nameservers[0], "else.where");
    zones[1].n_nameservers = 2;
    zones[0].n_nameservers = zones[2].n_nameservers = 1;
    for (int again = 0; again < 2; again++) {
        assert_true(zones_note_servers(list, 3));
        assert_ptr_equal(zone_served_by(&zones[2], "ns.x.b"), &zones[0]);
        assert_ptr_equal(zone_served_by(&zones[1], "ns.b"), &zones[1]);
        assert_null(zone_served_by(&zones[2], "ns2.x.b"));
        assert_null(zone_served_by(&zones[0], "ns.a"));
    }
    for (size_t i = 0; i < 3; i++)
        zone_fini(&zones[i]);
}

static void a_ttl_stays_within_the_zones_limits(void **state)
{
    (void)state;
    struct zone zone;
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

/* The prefixes are those of the addresses that a name shows. */
static void an_address_passes_by_its_prefix(void **state)
{
    static const struct {
        const char *shown; /* shown by the name */
        size_t n;
        const char *passes, *does_not;
    } cases[] = {
        {"", 0, "10.0.0.1 2001:db8::1 fd00::1", ""},
        {"192.0.2.1", 0, "10.0.0.1 2001:db8::1 fd00::1", ""},
        {"2001:db8:0:1::1/64", 1, "10.0.0.1 2001:db8:0:1::2", "2001:db8:0:2::1 fd00::1"},
        {"2001:db8:0:1::1/56 192.0.2.1", 1, "2001:db8:0:2::1 2001:db8:0:ff::1",
         "2001:db8:0:100::1"},
        {"2001:db8::1/128", 1, "2001:db8::2", "2001:db8:0:1::1"}, /* counts as /64 */
        {"2001:db8::1", 1, "2001:db8::2", "2001:db8:0:1::1"},     /* as does an unknown length */
        {"2001:db8::1/127", 1, "2001:db8::", "2001:db8::2"},
        {"2001:db8::1/64 2001:db8::2/64 fd00::1/64", 2, "2001:db8::3 fd00::9", "fd00:0:0:1::1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *copy = strdup(cases[i].shown);
        size_t n = 0;
        struct address addresses[8];
        char *rest;
        for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
            addresses[n++] = made_address(word);
        free(copy);
        struct living living;
        living_set(&living, addresses, n);
        assert_int_equal(living.n, cases[i].n);
        struct living again;
        living_set(&again, addresses, n);
        assert_true(living_same(&living, &again));
        for (int passes = 0; passes < 2; passes++) {
            copy = strdup(passes ? cases[i].passes : cases[i].does_not);
            for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
                struct address address = made_address(word);
                assert_int_equal(living_has(&living, &address), passes);
                assert_true(living_has(NULL, &address));
            }
            free(copy);
        }
    }
}

/* Deprecated addresses with the right prefix are shown instead. */
static void an_address_with_another_prefix_is_excluded_by_the_zones_rule(void **state)
{
    struct zone zone = made_zone("internal", "main");
    struct address addresses[] = {made_address((char[]){"2001:db8:0:1::1"}),
                                  made_address((char[]){"2001:db8:0:2::1=deprecated"}),
                                  made_address((char[]){"10.0.0.1"})};
    struct address gw = made_address((char[]){"2001:db8:0:2::99/64"});
    (void)state;
    struct living living;
    living_set(&living, &gw, 1);
    enum zone_verdict verdicts[3];
    zone_judge(&zone, &living, "www.internal", addresses, 3, verdicts);
    assert_int_equal(verdicts[0], ZONE_RULE);
    assert_int_equal(verdicts[1], ZONE_SHOWN);
    assert_int_equal(verdicts[2], ZONE_SHOWN);
    assert_false(zone_shows_any(&zone, &living, addresses, 1));
    assert_true(zone_shows_any(&zone, NULL, addresses, 1));
    zone_fini(&zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_zone_has_the_defaults),
        cmocka_unit_test(a_zone_with_the_longest_name_is_its_own_server),
        cmocka_unit_test(the_first_verdict_that_applies_counts),
        cmocka_unit_test(a_deprecated_address_is_shown_if_there_is_no_other),
        cmocka_unit_test(some_verdicts_are_temporary_and_some_matter_more),
        cmocka_unit_test(a_name_shows_each_address_once_in_order),
        cmocka_unit_test(all_judgements_of_random_addresses_agree),
        cmocka_unit_test(a_gateways_address_stands_for_the_names),
        cmocka_unit_test(a_gateway_replaces_addresses_of_its_family),
        cmocka_unit_test(addresses_beyond_a_reply_have_no_room),
        cmocka_unit_test(a_restricted_zone_admits_its_publishers_and_root),
        cmocka_unit_test(an_apex_has_an_soa_and_its_servers),
        cmocka_unit_test(a_name_is_in_the_deepest_zone),
        cmocka_unit_test(a_server_belongs_to_the_first_zone_that_has_it),
        cmocka_unit_test(a_ttl_stays_within_the_zones_limits),
        cmocka_unit_test(an_address_passes_by_its_prefix),
        cmocka_unit_test(an_address_with_another_prefix_is_excluded_by_the_zones_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
