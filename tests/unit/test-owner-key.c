#include "../../zones/owner-key.h"
#include "test.h"

#include <string.h>

/* The first line is the example of RFC 4034, 6.1, without octets that our names cannot have. */
static const char *const in_order[] = {
    "example", "a.example", "yljkjljk.a.example", "z.a.example", "zabc.a.example", "z.example",
    /* A wildcard comes after its parent, and before all other names below it. */
    "host", "*.host", "-.host", "0.host", "a.host", "*.a.host", "b.a.host", "a-b.host", "a0.host",
    "aa.host", "host-1", "internal", "arpa", "10.in-addr.arpa", "1.10.in-addr.arpa", "*.ip6.arpa"};

static void keys_have_the_order_of_owners(void **state)
{
    size_t n = sizeof in_order / sizeof *in_order;
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            struct owner_key a;
            owner_key_of(&a, in_order[i]);
            struct owner_key b;
            owner_key_of(&b, in_order[j]);
            int order = owner_key_compare(a.octets, a.length, b.octets, b.length);
            if (i < j ? order >= 0 : i > j ? order <= 0 : order != 0)
                fail_msg("%s, %s: %d", in_order[i], in_order[j], order);
        }
}

static void arpa_is_special_as_the_last_label_alone(void **state)
{
    (void)state;
    struct owner_key last;
    owner_key_of(&last, "zz");
    struct owner_key key;
    owner_key_of(&key, "arpa.example");
    assert_true(owner_key_compare(key.octets, key.length, last.octets, last.length) < 0);
    owner_key_of(&key, "arpas");
    assert_true(owner_key_compare(key.octets, key.length, last.octets, last.length) < 0);
    owner_key_of(&key, "arp");
    assert_true(owner_key_compare(key.octets, key.length, last.octets, last.length) < 0);
    owner_key_of(&key, "arpa");
    assert_true(owner_key_compare(key.octets, key.length, last.octets, last.length) > 0);
}

static void equals_entry(const char *owner)
{
    struct record record = {.type = RECORD_PLACEHOLDER, .owner = owner};
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    cdb_add_record(&entries, &record, 0, false);
    struct cdb_entry entry = cdb_entry_at(&entries, 0);
    struct owner_key key;
    owner_key_of(&key, owner);
    struct owner_key again;
    owner_key_of_entry(&again, &entry);
    assert_int_equal(owner_key_compare(key.octets, key.length, again.octets, again.length), 0);
    cdb_entries_fini(&entries);
}

static void a_key_is_found_from_an_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++)
        equals_entry(in_order[i]);
    char longest[NAME_TEXT_MAX + 1], many[NAME_TEXT_MAX + 1];
    for (size_t i = 0; i < NAME_TEXT_MAX; i++) {
        longest[i] = i % 64 == 63 ? '.' : 'a';
        many[i] = i % 2 ? '.' : 'b';
    }
    longest[NAME_TEXT_MAX] = many[NAME_TEXT_MAX] = '\0';
    equals_entry(longest);
    equals_entry(many);
    many[0] = '*';
    equals_entry(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_order_of_owners),
        cmocka_unit_test(arpa_is_special_as_the_last_label_alone),
        cmocka_unit_test(a_key_is_found_from_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
