#include "../../zones/name.h"
#include "test.h"

#include <string.h>

static const char label63[] = "abcdefghijklmnopqrstuvwxyz0123456789-_abcdefghijklmnopqrstuvwxy";

/* `length` octets, in labels as long as possible. */
static char *long_name(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text[i] = i % (NAME_LABEL_MAX + 1) == NAME_LABEL_MAX ? '.' : 'a';
    text[length] = '\0';
    return text;
}

static enum name_outcome outcome_of(const char *text)
{
    char name[NAME_TEXT_MAX + 1];
    return name_canonical(name, text, strlen(text));
}

static void accepts(const char *text, const char *canonical)
{
    char name[NAME_TEXT_MAX + 1];
    assert_int_equal(name_canonical(name, text, strlen(text)), NAME_OK);
    assert_string_equal(name, canonical);
}

static void a_name_is_made_canonical(void **state)
{
    (void)state;
    accepts("www", "www");
    accepts("WwW.Internal", "www.internal");
    accepts("www.internal.", "www.internal");
    accepts("_http._tcp.a-b", "_http._tcp.a-b");
    accepts("0.1", "0.1");
    accepts("*.app", "*.app");
    accepts("*.APP.", "*.app");
    accepts(label63, label63);
}

static void nothing_behind_the_length_is_read(void **state)
{
    (void)state;
    char name[NAME_TEXT_MAX + 1];
    assert_int_equal(name_canonical(name, "www eth0", 3), NAME_OK);
    assert_string_equal(name, "www");
    assert_int_equal(name_canonical(name, "www\0x", 5), NAME_BAD_OCTET);
    assert_int_equal(name_canonical(name, "", 0), NAME_EMPTY);
}

static void a_bad_name_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *text;
        enum name_outcome outcome;
    } cases[] = {
        {"", NAME_EMPTY},
        {".", NAME_EMPTY},
        {"..", NAME_EMPTY_LABEL},
        {".a", NAME_EMPTY_LABEL},
        {"a..b", NAME_EMPTY_LABEL},
        {"a..", NAME_EMPTY_LABEL},
        {"a b", NAME_BAD_OCTET},
        {"a\tb", NAME_BAD_OCTET},
        {"a:b", NAME_BAD_OCTET},
        {"a\\072b", NAME_BAD_OCTET},
        {"x\n.evil.lan", NAME_BAD_OCTET},
        {"b\xc3\xbc"
         "cher",
         NAME_BAD_OCTET},
        {"@", NAME_BAD_OCTET},
        {"*", NAME_BAD_WILDCARD},
        {"*.", NAME_BAD_WILDCARD},
        {"a.*.b", NAME_BAD_WILDCARD},
        {"a*.b", NAME_BAD_WILDCARD},
        {"**.b", NAME_BAD_WILDCARD},
        {"*..b", NAME_EMPTY_LABEL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(outcome_of(cases[i].text), cases[i].outcome);
        assert_true(strlen(name_outcome_text(cases[i].outcome)) > 0);
    }
}

static void labels_and_names_have_their_lengths(void **state)
{
    (void)state;
    char text[512];
    strcpy(text, label63);
    assert_int_equal(outcome_of(text), NAME_OK);
    strcat(text, "x");
    assert_int_equal(outcome_of(text), NAME_LABEL_TOO_LONG);
    assert_int_equal(outcome_of(long_name(text, NAME_TEXT_MAX + 1)), NAME_TOO_LONG);
    long_name(text, NAME_TEXT_MAX);
    assert_int_equal(outcome_of(text), NAME_OK);
    strcat(text, "."); /* the final dot is not counted */
    char name[NAME_TEXT_MAX + 1];
    assert_int_equal(name_canonical(name, text, strlen(text)), NAME_OK);
    uint8_t wire[NAME_WIRE_MAX];
    assert_int_equal(name_to_wire(wire, name), NAME_WIRE_MAX);
}

static void a_wildcard_begins_with_an_asterisk(void **state)
{
    (void)state;
    assert_true(name_is_wildcard("*.a"));
    assert_false(name_is_wildcard("a.b"));
}

static void a_name_is_within_a_zone_by_whole_labels(void **state)
{
    (void)state;
    assert_true(name_within("internal", "internal"));
    assert_true(name_within("a.b.internal", "internal"));
    assert_true(name_within("*.internal", "internal"));
    assert_false(name_within("notinternal", "internal"));
    assert_false(name_within("internal", "a.internal"));
    assert_false(name_within("internal.example", "internal"));
}

static void the_name_above_lacks_the_first_label(void **state)
{
    (void)state;
    const char *name = "*.a.bc.internal";
    assert_string_equal(name = name_above(name), "a.bc.internal");
    assert_string_equal(name = name_above(name), "bc.internal");
    assert_string_equal(name = name_above(name), "internal");
    assert_null(name_above(name));
}

static void a_name_and_a_zone_are_joined_up_to_the_limit(void **state)
{
    (void)state;
    char name[NAME_TEXT_MAX + 1];
    assert_int_equal(name_join(name, "www", "internal"), NAME_OK);
    assert_string_equal(name, "www.internal");
    char long_one[512];
    long_name(long_one, NAME_TEXT_MAX - 2);
    assert_int_equal(name_join(name, "a", long_one), NAME_OK);
    assert_int_equal(strlen(name), NAME_TEXT_MAX);
    assert_int_equal(name_join(name, "ab", long_one), NAME_TOO_LONG);
}

static void a_name_has_its_wire_form(void **state)
{
    static const uint8_t expected[] = "\3www\10internal";
    (void)state;
    uint8_t wire[NAME_WIRE_MAX];
    assert_int_equal(name_to_wire(wire, "www.internal"), sizeof expected);
    assert_memory_equal(wire, expected, sizeof expected);
    assert_int_equal(name_to_wire(wire, "a"), 3);
    assert_memory_equal(wire, "\1a\0", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_made_canonical),
        cmocka_unit_test(nothing_behind_the_length_is_read),
        cmocka_unit_test(a_bad_name_is_refused_with_its_reason),
        cmocka_unit_test(labels_and_names_have_their_lengths),
        cmocka_unit_test(a_wildcard_begins_with_an_asterisk),
        cmocka_unit_test(a_name_is_within_a_zone_by_whole_labels),
        cmocka_unit_test(the_name_above_lacks_the_first_label),
        cmocka_unit_test(a_name_and_a_zone_are_joined_up_to_the_limit),
        cmocka_unit_test(a_name_has_its_wire_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
