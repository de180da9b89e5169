#include "../../zones/address.h"
#include "test.h"

#include <string.h>

static struct address parsed(const char *text)
{
    struct address address;
    assert_true(address_parse(&address, text));
    return address;
}

static void an_address_is_printed_as_it_was_written(void **state)
{
    static const char *const texts[] = {
        "0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1:2:3:4"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address = parsed(texts[i]);
        assert_int_equal(address.state, 0);
        char text[ADDRESS_TEXT_MAX];
        assert_string_equal(address_text(text, &address), texts[i]);
        assert_int_equal(address_length(&address), strchr(texts[i], ':') ? 16 : 4);
    }
}

static void other_texts_are_no_addresses(void **state)
{
    static const char *const texts[] = {
        "",    "1.2.3",    "1.2.3.256", "fe80::1%eth0", "2001:db8::/32",
        "::g", "internal", "1.2.3.4 ",  "01.2.3.4"};
    (void)state;
    struct address address;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(address_parse(&address, texts[i]));
}

static void each_range_has_its_class(void **state)
{
    static const struct {
        const char *text;
        enum address_class class;
    } cases[] = {
        {"192.0.2.1", ADDRESS_GLOBAL},
        {"9.255.255.255", ADDRESS_GLOBAL},
        {"10.0.0.0", ADDRESS_PRIVATE},
        {"10.255.255.255", ADDRESS_PRIVATE},
        {"11.0.0.0", ADDRESS_GLOBAL},
        {"172.15.255.255", ADDRESS_GLOBAL},
        {"172.16.0.0", ADDRESS_PRIVATE},
        {"172.31.255.255", ADDRESS_PRIVATE},
        {"172.32.0.0", ADDRESS_GLOBAL},
        {"192.167.255.255", ADDRESS_GLOBAL},
        {"192.168.0.0", ADDRESS_PRIVATE},
        {"192.168.255.255", ADDRESS_PRIVATE},
        {"192.169.0.0", ADDRESS_GLOBAL},
        {"100.63.255.255", ADDRESS_GLOBAL},
        {"100.64.0.0", ADDRESS_PRIVATE},
        {"100.127.255.255", ADDRESS_PRIVATE},
        {"100.128.0.0", ADDRESS_GLOBAL},
        {"169.253.255.255", ADDRESS_GLOBAL},
        {"169.254.0.1", ADDRESS_LINK_LOCAL},
        {"169.255.0.0", ADDRESS_GLOBAL},
        {"127.0.0.1", ADDRESS_LOOPBACK},
        {"127.255.255.255", ADDRESS_LOOPBACK},
        {"128.0.0.0", ADDRESS_GLOBAL},
        {"0.0.0.0", ADDRESS_NEVER},
        {"223.255.255.255", ADDRESS_GLOBAL},
        {"224.0.0.1", ADDRESS_NEVER},
        {"239.255.255.255", ADDRESS_NEVER},
        {"255.255.255.255", ADDRESS_NEVER},
        /* the registries of special-purpose addresses; the innermost range decides */
        {"191.255.255.255", ADDRESS_GLOBAL},
        {"192.0.0.0", ADDRESS_SPECIAL},
        {"192.0.0.8", ADDRESS_SPECIAL},
        {"192.0.0.9", ADDRESS_GLOBAL},
        {"192.0.0.10", ADDRESS_GLOBAL},
        {"192.0.0.11", ADDRESS_SPECIAL},
        {"192.0.0.255", ADDRESS_SPECIAL},
        {"192.0.1.0", ADDRESS_GLOBAL},
        {"192.31.196.1", ADDRESS_GLOBAL},
        {"192.88.98.255", ADDRESS_GLOBAL},
        {"192.88.99.2", ADDRESS_SPECIAL},
        {"192.175.48.1", ADDRESS_GLOBAL},
        {"198.17.255.255", ADDRESS_GLOBAL},
        {"198.18.0.0", ADDRESS_SPECIAL},
        {"198.19.255.255", ADDRESS_SPECIAL},
        {"198.20.0.0", ADDRESS_GLOBAL},
        {"198.51.100.1", ADDRESS_GLOBAL},
        {"203.0.113.1", ADDRESS_GLOBAL},
        {"240.0.0.0", ADDRESS_SPECIAL},
        {"255.255.255.254", ADDRESS_SPECIAL},
        {"64:ff9b::c000:201", ADDRESS_GLOBAL},
        {"64:ff9b:0:ffff::", ADDRESS_GLOBAL},
        {"64:ff9b:1::1", ADDRESS_SPECIAL},
        {"64:ff9b:2::", ADDRESS_GLOBAL},
        {"100::1", ADDRESS_SPECIAL},
        {"100:0:0:1::1", ADDRESS_SPECIAL},
        {"100:0:0:2::", ADDRESS_GLOBAL},
        {"2000:ffff::1", ADDRESS_GLOBAL},
        {"2001::1", ADDRESS_SPECIAL},
        {"2001:1::", ADDRESS_SPECIAL},
        {"2001:1::1", ADDRESS_GLOBAL},
        {"2001:1::3", ADDRESS_GLOBAL},
        {"2001:1::4", ADDRESS_SPECIAL},
        {"2001:2::1", ADDRESS_SPECIAL},
        {"2001:3::1", ADDRESS_GLOBAL},
        {"2001:4:112::1", ADDRESS_GLOBAL},
        {"2001:4:113::1", ADDRESS_SPECIAL},
        {"2001:1f::1", ADDRESS_SPECIAL},
        {"2001:20::1", ADDRESS_GLOBAL},
        {"2001:3f:ffff::1", ADDRESS_GLOBAL},
        {"2001:40::", ADDRESS_SPECIAL},
        {"2001:1ff:ffff::1", ADDRESS_SPECIAL},
        {"2001:200::1", ADDRESS_GLOBAL},
        {"2002:c0a8:701::1", ADDRESS_GLOBAL},
        {"2620:4f:8000::1", ADDRESS_GLOBAL},
        {"3fff::1", ADDRESS_GLOBAL},
        {"5eff::1", ADDRESS_GLOBAL},
        {"5f00::1", ADDRESS_SPECIAL},
        {"5f01::1", ADDRESS_GLOBAL},
        {"2001:db8::1", ADDRESS_GLOBAL},
        {"fbff::1", ADDRESS_GLOBAL},
        {"fc00::", ADDRESS_PRIVATE},
        {"fdff:ffff::1", ADDRESS_PRIVATE},
        {"fe00::1", ADDRESS_GLOBAL},
        {"fe7f::1", ADDRESS_GLOBAL},
        {"fe80::1", ADDRESS_LINK_LOCAL},
        {"febf::1", ADDRESS_LINK_LOCAL},
        {"fec0::1", ADDRESS_SPECIAL},
        {"feff:ffff::1", ADDRESS_SPECIAL},
        {"ff02::1", ADDRESS_NEVER},
        {"::", ADDRESS_NEVER},
        {"::1", ADDRESS_LOOPBACK},
        {"::2", ADDRESS_GLOBAL},
        {"::ffff:192.0.2.1", ADDRESS_NEVER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address = parsed(cases[i].text);
        if (address_class(&address) != cases[i].class)
            fail_msg("%s: class %d", cases[i].text, address_class(&address));
    }
}

static void addresses_are_ordered_by_family_and_octets(void **state)
{
    static const char *const sorted[] = {"9.0.0.1", "10.0.0.1",    "10.0.0.2",
                                         "::1",     "2001:db8::1", "fd00::1"};
    (void)state;
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++) {
        for (size_t j = 0; j < sizeof sorted / sizeof *sorted; j++) {
            struct address a = parsed(sorted[i]);
            struct address b = parsed(sorted[j]);
            a.state = ADDRESS_DEPRECATED; /* has no effect */
            int order = address_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

/* Parses rules from one text, as in a zone file. */
static enum address_verdict judge(const char *words, const char *text)
{
    struct address address = parsed(text);
    char copy[256];
    strcpy(copy, words);
    size_t n = 0;
    char *rest = NULL;
    struct address_rule rules[8];
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        assert_null(address_rule_parse(&rules[n++], word));
    return address_rules_judge(rules, n, &address);
}

static void rules_accept_and_refuse_in_their_order(void **state)
{
    static const struct {
        const char *rules, *text;
        enum address_verdict verdict;
    } cases[] = {
        {"global", "192.0.2.1", ADDRESS_ACCEPTED},
        {"global", "10.0.0.1", ADDRESS_REFUSED},
        {"private", "10.0.0.1", ADDRESS_ACCEPTED},
        {"private", "fd00::1", ADDRESS_ACCEPTED},
        {"private", "2001:db8::1", ADDRESS_REFUSED},
        {"global private", "fe80::1", ADDRESS_UNSCOPED},
        {"global private", "127.0.0.1", ADDRESS_UNSCOPED},
        {"link-local", "fe80::1", ADDRESS_ACCEPTED},
        {"link-local", "169.254.1.1", ADDRESS_ACCEPTED},
        {"link-local", "192.0.2.1", ADDRESS_REFUSED},
        {"loopback", "::1", ADDRESS_ACCEPTED},
        {"!link-local loopback", "fe80::1", ADDRESS_REFUSED},
        /* first match decides */
        {"!192.0.2.0/24 global", "192.0.2.1", ADDRESS_REFUSED},
        {"!192.0.2.0/24 global", "192.0.3.1", ADDRESS_ACCEPTED},
        {"global !192.0.2.0/24", "192.0.2.1", ADDRESS_ACCEPTED},
        {"!10.0.0.0/8", "192.0.2.1", ADDRESS_REFUSED}, /* and otherwise refused */
        {"", "192.0.2.1", ADDRESS_REFUSED},
        /* prefixes, masks */
        {"2001:db8::/32", "2001:db8:ffff::1", ADDRESS_ACCEPTED},
        {"2001:db8::/32", "2001:db9::1", ADDRESS_REFUSED},
        {"2001:db8::/32", "32.1.13.184", ADDRESS_REFUSED}, /* the same octets of another family */
        {"192.0.2.128/25", "192.0.2.128", ADDRESS_ACCEPTED},
        {"192.0.2.128/25", "192.0.2.127", ADDRESS_REFUSED},
        {"192.0.2.1", "192.0.2.1", ADDRESS_ACCEPTED},
        {"192.0.2.1", "192.0.2.2", ADDRESS_REFUSED},
        {"10.0.0.1/255.0.0.255", "10.9.9.1", ADDRESS_ACCEPTED},
        {"10.0.0.1/255.0.0.255", "10.9.9.2", ADDRESS_REFUSED},
        {"2000:0:0:1::/e000:0:0:ff::", "2001:db8:5:a01::9", ADDRESS_ACCEPTED},
        {"2000:0:0:1::/e000:0:0:ff::", "2001:db8:5:a02::9", ADDRESS_REFUSED},
        {"2000:0:0:1::/e000:0:0:ff::", "fd00:db8:5:a01::9", ADDRESS_REFUSED},
        {"0.0.0.0/0 ::/0", "192.0.2.1", ADDRESS_ACCEPTED},
        {"0.0.0.0/0 ::/0", "fd00::1", ADDRESS_ACCEPTED},
        /* link-local and loopback pass only if a rule is about them, not if it also matches them */
        {"0.0.0.0/0 ::/0", "fe80::1", ADDRESS_UNSCOPED},
        {"0.0.0.0/0 ::/0", "127.0.0.1", ADDRESS_UNSCOPED},
        {"::1:0:0:0/::ffff:0:0:0", "fe80::1:0:0:0", ADDRESS_UNSCOPED},
        {"fe80::/10", "fe80::1", ADDRESS_ACCEPTED},
        {"fe80::/64", "fe80::1", ADDRESS_ACCEPTED},
        {"fe80::1", "fe80::1", ADDRESS_ACCEPTED},
        {"127.0.0.53", "127.0.0.53", ADDRESS_ACCEPTED},
        {"!::/0 link-local", "fe80::1", ADDRESS_REFUSED},
        /* what is never published */
        {"0.0.0.0/0 ::/0 global", "224.0.0.1", ADDRESS_UNSCOPED},
        {"::/0 ff02::1", "ff02::1", ADDRESS_UNSCOPED},
        {"0.0.0.0/0", "0.0.0.0", ADDRESS_UNSCOPED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum address_verdict verdict = judge(cases[i].rules, cases[i].text);
        if (verdict != cases[i].verdict)
            fail_msg("\"%s\", %s: verdict %d", cases[i].rules, cases[i].text, verdict);
    }
}

static void a_bad_rule_is_refused(void **state)
{
    static const char *const words[] = {
        "",
        "!",
        "globl",
        "!!global",
        "Global",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.0/ffff::",
        "::/255.0.0.0",
        "10.0.0.1/8",
        "2001:db8::1/64",
        "10.0.0.0/08x",
        "2001:db8:0:1::/ffff:ffff::",
        "fe80::%eth0/64",
        "10.0.0.0/1000",
    };
    (void)state;
    char long_word[200];
    memset(long_word, '0', sizeof long_word);
    long_word[sizeof long_word - 1] = '\0';
    struct address_rule rule;
    assert_non_null(address_rule_parse(&rule, long_word));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!address_rule_parse(&rule, words[i]))
            fail_msg("\"%s\" is taken for a rule", words[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_printed_as_it_was_written),
        cmocka_unit_test(other_texts_are_no_addresses),
        cmocka_unit_test(each_range_has_its_class),
        cmocka_unit_test(addresses_are_ordered_by_family_and_octets),
        cmocka_unit_test(rules_accept_and_refuse_in_their_order),
        cmocka_unit_test(a_bad_rule_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
