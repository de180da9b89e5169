#include "../../include/phonebook.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse(struct phonebook_entry *entry, char line[512], const char *text)
{
    snprintf(line, 512, "%s", text);
    return phonebook_entry_parse(entry, line);
}

static void a_line_is_read_whole(void **state)
{
    (void)state;
    struct phonebook_entry entry;
    char line[512];
    assert_int_equal(parse(&entry, line,
                           "name=www.internal interface=macv0 namespace=4026532281 uid=1000 "
                           "pid=4711 since=1767225600 state=live addresses=10.0.0.5,fd00::5 "
                           "withheld=fe80::1(scope),fd00::6(tentative) "
                           "rule=/etc/phonebook/zones/lan.zone:7 reason= number=2 "
                           "socket=12345"),
                     0);
    assert_string_equal(entry.name, "www.internal");
    assert_string_equal(entry.interface, "macv0");
    assert_int_equal(entry.netns, 4026532281);
    assert_int_equal(entry.uid, 1000);
    assert_int_equal(entry.pid, 4711);
    assert_int_equal(entry.since, 1767225600);
    assert_string_equal(entry.state, "live");
    assert_string_equal(entry.addresses, "10.0.0.5,fd00::5");
    assert_string_equal(entry.withheld, "fe80::1(scope),fd00::6(tentative)");
    assert_string_equal(entry.rule, "/etc/phonebook/zones/lan.zone:7");
    assert_string_equal(entry.reason, "");
    assert_int_equal(entry.number, 2);
    assert_int_equal(entry.socket, 12345);
}

static void empty_values_are_empty_texts(void **state)
{
    (void)state;
    struct phonebook_entry entry;
    char line[512];
    assert_int_equal(parse(&entry, line,
                           "name=a interface=b state=waiting addresses= withheld= number= socket="),
                     0);
    assert_string_equal(entry.addresses, "");
    assert_string_equal(entry.withheld, "");
    assert_string_equal(entry.rule, "");
    assert_int_equal(entry.netns, -1);
    assert_int_equal(entry.pid, -1);
    assert_int_equal(entry.number, -1);
    assert_int_equal(entry.socket, -1);
}

static void keys_of_a_later_version_are_passed_over(void **state)
{
    (void)state;
    struct phonebook_entry entry;
    char line[512];
    assert_int_equal(parse(&entry, line, "linger=5  state=live color=a=b name=a interface=x=y"), 0);
    assert_string_equal(entry.name, "a");
    assert_string_equal(entry.state, "live");
    assert_string_equal(entry.interface, "x=y");
}

static void a_bad_number_is_read_as_none(void **state)
{
    static const char *const cases[] = {"", "-1", "1x", "0x10", " ", "99999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "name=a uid=%s pid=5", cases[i]);
        struct phonebook_entry entry;
        char line[512];
        assert_int_equal(parse(&entry, line, text), 0);
        assert_int_equal(entry.uid, -1);
        assert_int_equal(entry.pid, 5);
    }
}

static void what_is_no_entry_is_refused(void **state)
{
    static const char *const cases[] = {
        "", " ", "interface=b", "name= interface=b", "error limit too many", "name=a nonsense"};
    (void)state;
    struct phonebook_entry entry;
    char line[512];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (parse(&entry, line, cases[i]) != -EPROTO)
            fail_msg("\"%s\" was taken for an entry", cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_read_whole),
        cmocka_unit_test(empty_values_are_empty_texts),
        cmocka_unit_test(keys_of_a_later_version_are_passed_over),
        cmocka_unit_test(a_bad_number_is_read_as_none),
        cmocka_unit_test(what_is_no_entry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
