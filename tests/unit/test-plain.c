/* Which octets of other users' texts may reach a terminal or a log. */
#include "../../common/plain.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static void expect(void (*make_plain)(char *, size_t), const char *text, const char *expected)
{
    char copy[64];
    strcpy(copy, text);
    make_plain(copy, strlen(copy));
    assert_string_equal(copy, expected);
}

static void utf8_stays_and_controls_are_replaced(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"eth0 ~", "eth0 ~"},
        {"a\x1b[31m\n\x7f", "a?[31m??"},
        {"\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\xc2\xa0",
         "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\xc2\xa0"},
        {"\xc3\x84\xc4\x9b", "\xc3\x84\xc4\x9b"}, /* continuation octets of 0x80 to 0x9f */
        {"\xc2\x80.\xc2\x9b.\xc2\x9f", "??.??.??"},
        {"\x9b"
         "31m\xe9",
         "?31m?"},
        {"\xc2", "?"}, /* cut off */
        {"\xc0\xaf", "??"},
        {"\xe0\x9f\x80", "???"},
        {"\xed\xa0\x80", "???"},
        {"\xf0\x8f\x80\x80", "????"},
        {"\xf4\x90\x80\x80", "????"},
        {"\xf5\x80\x80\x80", "????"},
        {"\xe6\x97z", "??z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(plain_utf8, cases[i][0], cases[i][1]);
}

static void only_printable_ascii_stays(void **state)
{
    (void)state;
    char all[256], made[256];
    for (int i = 0; i < 256; i++)
        all[i] = made[i] = (char)i;
    plain_ascii(made, sizeof made);
    for (int i = 0; i < 256; i++)
        assert_int_equal(made[i], i >= ' ' && i <= '~' ? all[i] : '?');
}

/* For any two octets, the result is ASCII, or a sequence that is not a control. */
static void any_two_octets_become_harmless(void **state)
{
    (void)state;
    for (int i = 0; i < 0x10000; i++) {
        char text[2] = {(char)(i >> 8), (char)(i & 0xff)};
        plain_utf8(text, 2);
        for (size_t at = 0, n; at < 2; at += n) {
            n = utf8_length(text + at, 2 - at);
            assert_true(n > 0 && !utf8_is_control(text + at, n));
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_stays_and_controls_are_replaced),
        cmocka_unit_test(only_printable_ascii_stays),
        cmocka_unit_test(any_two_octets_become_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
