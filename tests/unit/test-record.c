#include "../../zones/record.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static struct address parsed(const char *text)
{
    struct address address;
    assert_true(address_parse(&address, text));
    return address;
}

static void add_address(struct records *records, const char *owner, const char *text, uint32_t ttl)
{
    struct address address = parsed(text);
    records_add_addresses(records, owner, &address, 1, ttl);
}

static void records_are_read_as_they_were_added(void **state)
{
    (void)state;
    struct records records;
    records_init(&records);
    records_add_soa(&records, "internal", "ns.internal", "hostmaster.internal", 5, 6);
    records_add_ns(&records, "internal", "ns.internal", 60);
    add_address(&records, "*.a.internal", "192.0.2.1", 0);
    add_address(&records, "www.internal", "2001:db8::1", 0xffffffff);
    records_add_ptr(&records, "1.2.0.192.in-addr.arpa", "www.internal", 7);
    records_add_placeholder(&records, "app.internal", 8);
    assert_int_equal(records.count, 6);
    assert_false(records.failed);

    size_t cursor = 0;
    struct record record;
    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_SOA);
    assert_string_equal(record.owner, "internal");
    assert_string_equal(record.target, "ns.internal");
    assert_string_equal(record.contact, "hostmaster.internal");
    assert_int_equal(record.minimum, 5);
    assert_int_equal(record.ttl, 6);

    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_NS);
    assert_string_equal(record.target, "ns.internal");
    assert_null(record.contact);
    assert_int_equal(record.ttl, 60);

    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_A);
    assert_string_equal(record.owner, "*.a.internal");
    char text[ADDRESS_TEXT_MAX];
    assert_string_equal(address_text(text, &record.address), "192.0.2.1");
    assert_null(record.target);
    assert_int_equal(record.ttl, 0);

    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_AAAA);
    assert_string_equal(address_text(text, &record.address), "2001:db8::1");
    assert_int_equal(record.ttl, 0xffffffff);

    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_PTR);
    assert_string_equal(record.owner, "1.2.0.192.in-addr.arpa");
    assert_string_equal(record.target, "www.internal");

    assert_true(records_next(&records, &cursor, &record));
    assert_int_equal(record.type, RECORD_PLACEHOLDER);
    assert_string_equal(record.owner, "app.internal");
    assert_int_equal(record.ttl, 8);
    assert_null(record.target);
    assert_false(records_next(&records, &cursor, &record));
    records_fini(&records);
}

static void sets_are_equal_if_their_records_are(void **state)
{
    struct address deprecated = parsed("192.0.2.1");
    (void)state;
    struct records a;
    records_init(&a);
    struct records b;
    records_init(&b);
    assert_true(records_equal(&a, &b));
    add_address(&a, "www.internal", "192.0.2.1", 60);
    assert_false(records_equal(&a, &b));
    deprecated.state = ADDRESS_DEPRECATED; /* the DNS does not show states */
    records_add_addresses(&b, "www.internal", &deprecated, 1, 60);
    assert_true(records_equal(&a, &b));
    add_address(&a, "x", "192.0.2.1", 60);
    add_address(&b, "x", "192.0.2.1", 61);
    assert_false(records_equal(&a, &b));
    records_clear(&a);
    records_clear(&b);
    assert_true(records_equal(&a, &b));
    assert_int_equal(a.count, 0);
    a.failed = true;
    assert_false(records_equal(&a, &b));
    records_fini(&a);
    records_fini(&b);
}

static void a_set_keeps_its_records_as_it_grows(void **state)
{
    enum { MANY = 5000 };
    (void)state;
    struct records records;
    records_init(&records);
    char owner[32];
    for (int i = 0; i < MANY; i++) {
        snprintf(owner, sizeof owner, "h%d.internal", i);
        records_add_ns(&records, owner, "ns", (uint32_t)i);
    }
    size_t cursor = 0;
    struct record record;
    for (int i = 0; i < MANY; i++) {
        snprintf(owner, sizeof owner, "h%d.internal", i);
        assert_true(records_next(&records, &cursor, &record));
        assert_string_equal(record.owner, owner);
        assert_int_equal(record.ttl, i);
    }
    assert_false(records_next(&records, &cursor, &record));
    assert_int_equal(records.count, MANY);
    records_fini(&records);
}

static void the_longest_names_fit_a_record(void **state)
{
    (void)state;
    char longest[NAME_TEXT_MAX + 1];
    memset(longest, 'a', NAME_TEXT_MAX);
    longest[NAME_TEXT_MAX] = '\0';
    struct records records;
    records_init(&records);
    records_add_soa(&records, longest, longest, longest, 1, 2);
    size_t cursor = 0;
    struct record record;
    assert_true(records_next(&records, &cursor, &record));
    assert_string_equal(record.owner, longest);
    assert_string_equal(record.target, longest);
    assert_string_equal(record.contact, longest);
    records_fini(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_as_they_were_added),
        cmocka_unit_test(sets_are_equal_if_their_records_are),
        cmocka_unit_test(a_set_keeps_its_records_as_it_grows),
        cmocka_unit_test(the_longest_names_fit_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
