#include "../../zones/tinydns.h"
#include "test.h"

#include <string.h>

static struct record address_record(const char *owner, const char *text, uint32_t ttl)
{
    struct record record = {.owner = owner, .ttl = ttl};
    assert_true(address_parse(&record.address, text));
    record.type = address_length(&record.address) == 4 ? RECORD_A : RECORD_AAAA;
    return record;
}

static void writes(const struct record *record, uint32_t serial, const char *expected)
{
    char line[TINYDNS_LINE_MAX + 1];
    size_t length = tinydns_write(line, record, serial);
    assert_true(length <= TINYDNS_LINE_MAX);
    line[length] = '\0';
    assert_string_equal(line, expected);
}

static void an_address_becomes_a_line(void **state)
{
    struct record record = address_record("www.internal", "192.0.2.1", 60);
    (void)state;
    writes(&record, 1, "+www.internal:192.0.2.1:60\n");
    record = address_record("*.internal", "0.9.10.255", 0);
    writes(&record, 1, "+*.internal:0.9.10.255:0\n");
    record = address_record("a", "100.101.99.200", 4294967295u);
    writes(&record, 1, "+a:100.101.99.200:4294967295\n");
    record = address_record("www.internal", "2001:db8::ff01", 5);
    writes(&record, 1,
           ":www.internal:28:\\040\\001\\015\\270\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000"
           "\\377\\001:5\n");
}

static void a_name_becomes_a_line(void **state)
{
    (void)state;
    struct record ns = {.type = RECORD_NS, .owner = "internal", .target = "ns.internal", .ttl = 60};
    writes(&ns, 1, "&internal::ns.internal:60\n");
    ns.target = "ns"; /* without a dot it would be ns.ns.internal */
    writes(&ns, 1, "&internal::ns.:60\n");
    struct record ptr = {
        .type = RECORD_PTR, .owner = "1.2.0.192.in-addr.arpa", .target = "www", .ttl = 10};
    writes(&ptr, 1, "^1.2.0.192.in-addr.arpa:www:10\n");
}

static void a_placeholder_becomes_a_generic_line(void **state)
{
    (void)state;
    struct record record = {.type = RECORD_PLACEHOLDER, .owner = "app.internal", .ttl = 5};
    writes(&record, 1, ":app.internal:65280:ent:5\n");
}

static void an_soa_becomes_a_line(void **state)
{
    (void)state;
    struct record soa = {
        .type = RECORD_SOA,
        .owner = "internal",
        .target = "ns.internal",
        .contact = "hostmaster.internal",
        .minimum = 5,
        .ttl = 6,
    };
    writes(&soa, 1700000000,
           "Zinternal:ns.internal:hostmaster.internal:1700000000:16384:2048:1048576:5:6\n");
    soa.target = "ns"; /* names in a Z line are never abbreviated */
    writes(&soa, 1, "Zinternal:ns:hostmaster.internal:1:16384:2048:1048576:5:6\n");
}

static void the_longest_record_fits_a_line(void **state)
{
    char longest[NAME_TEXT_MAX + 1];
    struct record soa = {
        .type = RECORD_SOA,
        .owner = longest,
        .target = longest,
        .contact = longest,
        .minimum = UINT32_MAX,
        .ttl = UINT32_MAX,
    };
    struct record ns = {.type = RECORD_NS, .owner = longest, .target = longest, .ttl = UINT32_MAX};
    (void)state;
    memset(longest, 'a', NAME_TEXT_MAX);
    longest[NAME_TEXT_MAX] = '\0';
    char line[TINYDNS_LINE_MAX];
    assert_true(tinydns_write(line, &soa, UINT32_MAX) <= TINYDNS_LINE_MAX);
    assert_true(tinydns_write(line, &ns, UINT32_MAX) <= TINYDNS_LINE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_becomes_a_line),
        cmocka_unit_test(a_name_becomes_a_line),
        cmocka_unit_test(a_placeholder_becomes_a_generic_line),
        cmocka_unit_test(an_soa_becomes_a_line),
        cmocka_unit_test(the_longest_record_fits_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
