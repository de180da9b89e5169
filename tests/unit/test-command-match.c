/* Which names a pattern matches. */
#include "../../publish-client/command-match.h"
#include "test.h"

#include <string.h>

static void a_pattern_means_a_name_or_its_first_labels(void **state)
{
    (void)state;
    assert_true(match("www.home.internal", "www"));
    assert_true(match("www.home.internal", "www.home"));
    assert_true(match("www.home.internal", "www.home.internal"));
    assert_true(match("www.home.internal", "WWW.Home"));
    assert_false(match("www.home.internal", "ww"));
    assert_false(match("www.home.internal", "home"));
    assert_false(match("www.home.internal", "internal"));
    assert_false(match("www.home.internal", "www.home.internal.more"));
    assert_false(match("www.home.internal", ""));
}

static void a_final_dot_means_the_whole_name(void **state)
{
    (void)state;
    assert_true(match("www.home.internal", "www.home.internal."));
    assert_false(match("www.home.internal", "www."));
    assert_false(match("www.home.internal", "www.home."));
    assert_true(match("internal", "internal."));
}

static void an_asterisk_means_any_octets(void **state)
{
    (void)state;
    assert_true(match("www.home.internal", "*"));
    assert_true(match("www.home.internal", "w*"));
    assert_true(match("www.home.internal", "*.home.internal"));
    assert_true(match("a.b.home.internal", "*.home.internal"));
    assert_true(match("www.home.internal", "*.home"));
    assert_true(match("db2.internal", "db[1-3]"));
    assert_true(match("db2.internal", "DB?"));
    assert_false(match("db22.internal", "db?"));
    assert_false(match("home.internal", "*.home.internal"));
    assert_true(match("*.home.internal", "\\*.home"));
    assert_false(match("www.home.internal", "\\*.home"));
}

static void texts_that_are_no_dns_names_match_too(void **state)
{
    (void)state;
    char long_name[2000];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_true(match(long_name, "x*"));
    assert_false(match(long_name, "y*"));
    assert_true(match("", "*"));
    assert_false(match("", "www"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_means_a_name_or_its_first_labels),
        cmocka_unit_test(a_final_dot_means_the_whole_name),
        cmocka_unit_test(an_asterisk_means_any_octets),
        cmocka_unit_test(texts_that_are_no_dns_names_match_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
