#include "../../zones/cdb.h"
#include "test.h"

#include <string.h>

/* A string's octets without the NUL. */
#define OCTETS(text) (text), sizeof(text) - 1

/* Adds it twice, so that the second entry can copy the key of the first. */
static void makes(const struct record *record, const char *key, size_t key_length,
                  const char *value, size_t value_length)
{
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    cdb_add_record(&entries, record, 0x01020304, false);
    cdb_add_record(&entries, record, 0x01020304, true);
    assert_false(entries.failed);
    assert_int_equal(entries.n, 2);
    assert_int_equal(entries.length, 2 * (CDB_LENGTHS + key_length + value_length));
    for (size_t i = 0; i < 2; i++) {
        struct cdb_entry entry = cdb_entry_at(&entries, entries.places[i].at);
        assert_int_equal(entry.key_length, key_length);
        assert_memory_equal(entry.key, key, key_length);
        assert_int_equal(entry.value_length, value_length);
        assert_memory_equal(entry.value, value, value_length);
        assert_int_equal(entries.places[i].hash, cdb_hash_of(entry.key, key_length));
    }
    cdb_entries_fini(&entries);
}

static void an_address_becomes_an_entry(void **state)
{
    (void)state;
    struct record record = {.type = RECORD_A, .owner = "www.a", .ttl = 0x10203040};
    assert_true(address_parse(&record.address, "192.0.2.1"));
    makes(&record, OCTETS("\3www\1a\0"), OCTETS("\0\1=\x10\x20\x30\x40\0\0\0\0\0\0\0\0\xc0\0\2\1"));
    record.type = RECORD_AAAA;
    record.owner = "*.a";
    assert_true(address_parse(&record.address, "2001:db8::1"));
    makes(&record, OCTETS("\1a\0"),
          OCTETS("\0\34*\x10\x20\x30\x40\0\0\0\0\0\0\0\0"
                 "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"));
}

static void a_name_becomes_an_entry(void **state)
{
    (void)state;
    struct record record = {.type = RECORD_NS, .owner = "a", .target = "ns.a", .ttl = 1};
    makes(&record, OCTETS("\1a\0"), OCTETS("\0\2=\0\0\0\1\0\0\0\0\0\0\0\0\2ns\1a\0"));
    record.type = RECORD_PTR;
    makes(&record, OCTETS("\1a\0"), OCTETS("\0\14=\0\0\0\1\0\0\0\0\0\0\0\0\2ns\1a\0"));
}

static void a_placeholder_becomes_an_entry_of_type_65280(void **state)
{
    (void)state;
    struct record record = {.type = RECORD_PLACEHOLDER, .owner = "a", .ttl = 1};
    makes(&record, OCTETS("\1a\0"), OCTETS("\xff\0=\0\0\0\1\0\0\0\0\0\0\0\0ent"));
}

static const struct record soa = {
    .type = RECORD_SOA, .owner = "a", .target = "n", .contact = "h", .minimum = 5, .ttl = 6};

static void an_soa_becomes_an_entry(void **state)
{
    (void)state;
    makes(&soa, OCTETS("\1a\0"),
          OCTETS("\0\6=\0\0\0\6\0\0\0\0\0\0\0\0\1n\0\1h\0"
                 "\1\2\3\4\0\0\x40\0\0\0\x08\0\0\x10\0\0\0\0\0\5"));
}

static void the_serial_is_read_from_an_soa(void **state)
{
    (void)state;
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    cdb_add_record(&entries, &soa, 0xfedcba98, false);
    struct cdb_entry entry = cdb_entry_at(&entries, 0);
    uint8_t value[CDB_ENTRY_VALUE_MAX + 1];
    memcpy(value, entry.value, entry.value_length);
    uint32_t serial = 0;
    assert_true(cdb_value_serial(value, entry.value_length, &serial));
    assert_int_equal(serial, 0xfedcba98);
    for (size_t length = 0; length < entry.value_length; length++)
        assert_false(cdb_value_serial(value, length, &serial));
    value[entry.value_length] = 0;
    assert_false(cdb_value_serial(value, entry.value_length + 1, &serial));
    value[CDB_ENTRY_HEAD] = 255; /* a label beyond the end */
    assert_false(cdb_value_serial(value, entry.value_length, &serial));
    value[1] = RECORD_NS;
    assert_false(cdb_value_serial(value, entry.value_length, &serial));
    cdb_entries_fini(&entries);
}

static void the_serial_is_read_from_an_soa_with_a_location(void **state)
{
    static const char value[] = "\0\6>lo\0\0\0\6\0\0\0\0\0\0\0\0\1n\0\1h\0"
                                "\1\2\3\4\0\0\x40\0\0\0\x08\0\0\x10\0\0\0\0\0\5";
    (void)state;
    uint32_t serial;
    assert_true(cdb_value_serial((const uint8_t *)value, sizeof value - 1, &serial));
    assert_int_equal(serial, 0x01020304);
}

static void the_longest_record_fits_an_entry(void **state)
{
    struct record record = soa;
    (void)state;
    char longest[NAME_TEXT_MAX + 1];
    for (size_t i = 0; i < NAME_TEXT_MAX; i++)
        longest[i] = i % 64 == 63 ? '.' : 'a';
    longest[NAME_TEXT_MAX] = '\0';
    record.owner = record.target = record.contact = longest;
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    cdb_add_record(&entries, &record, 1, false);
    struct cdb_entry entry = cdb_entry_at(&entries, 0);
    assert_int_equal(entry.key_length, NAME_WIRE_MAX);
    assert_int_equal(entry.value_length, CDB_ENTRY_VALUE_MAX);
    cdb_entries_fini(&entries);
}

/* The first lines of https://cr.yp.to/cdb/cdb.txt: 5381, then each octet. */
static void the_hash_is_that_of_cdb(void **state)
{
    (void)state;
    assert_int_equal(cdb_hash_of((const uint8_t *)"", 0), 5381);
    assert_int_equal(cdb_hash_of((const uint8_t *)"a", 1), 5381 * 33 ^ 'a');
    assert_int_equal(cdb_hash_of((const uint8_t *)"ab", 2), (5381 * 33 ^ 'a') * 33 ^ 'b');
}

static void an_entry_that_does_not_fit_ends_the_adding(void **state)
{
    (void)state;
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    assert_non_null(cdb_reserve(&entries, 4));
    memcpy(cdb_reserve(&entries, 4), "kval", 4);
    cdb_commit(&entries, 1, 3);
    assert_null(cdb_reserve(&entries, UINT32_MAX));
    assert_true(entries.failed);
    assert_null(cdb_reserve(&entries, 1));
    assert_int_equal(entries.n, 1);
    cdb_entries_clear(&entries);
    assert_false(entries.failed);
    assert_int_equal(entries.length, 0);
    cdb_entries_fini(&entries);
}

static void the_places_of_all_serials_are_noted(void **state)
{
    (void)state;
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    for (uint32_t i = 0; i < 1000; i++) {
        memcpy(cdb_reserve(&entries, 8), "k....val", 8);
        cdb_commit(&entries, 1, 7);
        cdb_note_serial(&entries, 0);
        assert_int_equal(entries.serials[i], i * (CDB_LENGTHS + 8) + CDB_LENGTHS + 1);
    }
    assert_int_equal(entries.n_serials, 1000);
    cdb_entries_fini(&entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_becomes_an_entry),
        cmocka_unit_test(a_name_becomes_an_entry),
        cmocka_unit_test(a_placeholder_becomes_an_entry_of_type_65280),
        cmocka_unit_test(an_soa_becomes_an_entry),
        cmocka_unit_test(the_serial_is_read_from_an_soa),
        cmocka_unit_test(the_serial_is_read_from_an_soa_with_a_location),
        cmocka_unit_test(the_longest_record_fits_an_entry),
        cmocka_unit_test(the_hash_is_that_of_cdb),
        cmocka_unit_test(an_entry_that_does_not_fit_ends_the_adding),
        cmocka_unit_test(the_places_of_all_serials_are_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
