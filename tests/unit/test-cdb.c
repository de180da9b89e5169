#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../zones/cdb.h"

/* A string's octets without its NUL. */
#define OCTETS(text) (text), sizeof(text) - 1

static void makes(const struct record *record, const char *key, size_t key_length,
                  const char *value, size_t value_length)
{
    struct cdb_entry entry;

    cdb_entry_key(&entry, record->owner);
    cdb_entry_value(&entry, record, 0x01020304);
    assert_int_equal(entry.key_length, key_length);
    assert_memory_equal(entry.key, key, key_length);
    assert_int_equal(entry.value_length, value_length);
    assert_memory_equal(entry.value, value, value_length);
}

static void test_addresses(void **state)
{
    struct record record = {.type = RECORD_A, .owner = "www.a", .ttl = 0x10203040};

    (void)state;
    assert_true(address_parse(&record.address, "192.0.2.1"));
    makes(&record, OCTETS("\3www\1a\0"), OCTETS("\0\1=\x10\x20\x30\x40\0\0\0\0\0\0\0\0\xc0\0\2\1"));
    record.type = RECORD_AAAA;
    record.owner = "*.a";
    assert_true(address_parse(&record.address, "2001:db8::1"));
    makes(&record, OCTETS("\1a\0"),
          OCTETS("\0\34*\x10\x20\x30\x40\0\0\0\0\0\0\0\0"
                 "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"));
}

static void test_names(void **state)
{
    struct record record = {.type = RECORD_NS, .owner = "a", .target = "ns.a", .ttl = 1};

    (void)state;
    makes(&record, OCTETS("\1a\0"), OCTETS("\0\2=\0\0\0\1\0\0\0\0\0\0\0\0\2ns\1a\0"));
    record.type = RECORD_PTR;
    makes(&record, OCTETS("\1a\0"), OCTETS("\0\14=\0\0\0\1\0\0\0\0\0\0\0\0\2ns\1a\0"));
}

static void test_placeholder(void **state)
{
    struct record record = {.type = RECORD_PLACEHOLDER, .owner = "a", .ttl = 1};

    (void)state;
    makes(&record, OCTETS("\1a\0"), OCTETS("\xff\0=\0\0\0\1\0\0\0\0\0\0\0\0ent"));
}

static const struct record soa = {
    .type = RECORD_SOA, .owner = "a", .target = "n", .contact = "h", .minimum = 5, .ttl = 6};

static void test_soa(void **state)
{
    (void)state;
    makes(&soa, OCTETS("\1a\0"),
          OCTETS("\0\6=\0\0\0\6\0\0\0\0\0\0\0\0\1n\0\1h\0"
                 "\1\2\3\4\0\0\x40\0\0\0\x08\0\0\x10\0\0\0\0\0\5"));
}

static void test_serial(void **state)
{
    struct cdb_entry entry;
    uint32_t serial = 0;

    (void)state;
    cdb_entry_value(&entry, &soa, 0xfedcba98);
    assert_true(cdb_value_serial(entry.value, entry.value_length, &serial));
    assert_int_equal(serial, 0xfedcba98);
    for (size_t length = 0; length < entry.value_length; length++)
        assert_false(cdb_value_serial(entry.value, length, &serial));
    entry.value[entry.value_length] = 0;
    assert_false(cdb_value_serial(entry.value, entry.value_length + 1, &serial));
    entry.value[CDB_ENTRY_HEAD] = 255; /* a label beyond the end */
    assert_false(cdb_value_serial(entry.value, entry.value_length, &serial));
    entry.value[1] = RECORD_NS;
    assert_false(cdb_value_serial(entry.value, entry.value_length, &serial));
}

static void test_serial_in_location(void **state)
{
    static const char value[] = "\0\6>lo\0\0\0\6\0\0\0\0\0\0\0\0\1n\0\1h\0"
                                "\1\2\3\4\0\0\x40\0\0\0\x08\0\0\x10\0\0\0\0\0\5";
    uint32_t serial;

    (void)state;
    assert_true(cdb_value_serial((const uint8_t *)value, sizeof value - 1, &serial));
    assert_int_equal(serial, 0x01020304);
}

static void test_longest(void **state)
{
    char longest[NAME_TEXT_MAX + 1];
    struct record record = soa;
    struct cdb_entry entry;

    (void)state;
    for (size_t i = 0; i < NAME_TEXT_MAX; i++)
        longest[i] = i % 64 == 63 ? '.' : 'a';
    longest[NAME_TEXT_MAX] = '\0';
    record.owner = record.target = record.contact = longest;
    cdb_entry_key(&entry, longest);
    cdb_entry_value(&entry, &record, 1);
    assert_int_equal(entry.key_length, NAME_WIRE_MAX);
    assert_int_equal(entry.value_length, CDB_ENTRY_VALUE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_placeholder), cmocka_unit_test(test_soa),
        cmocka_unit_test(test_serial),      cmocka_unit_test(test_serial_in_location),
        cmocka_unit_test(test_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
