/* Numbers in a text. */
#include "../../common/number.h"
#include "test.h"

#include <string.h>

static int64_t number(const char *text, int64_t high)
{
    return number_of(text, strlen(text), high);
}

static void numbers_are_read_up_to_their_limit(void **state)
{
    (void)state;
    assert_int_equal(number("0", INT64_MAX), 0);
    assert_int_equal(number("0010", 10), 10);
    assert_int_equal(number("2147483647", INT32_MAX), INT32_MAX);
    assert_int_equal(number("999999999999999999", INT64_MAX), 999999999999999999);
    assert_int_equal(number_of("255.1", 3, 255), 255);
}

static void other_texts_are_no_numbers(void **state)
{
    static const char *const texts[] = {"",    " 1", "1 ",         "+1",
                                        "-1",  "1x", "0x1",        "1.0",
                                        "101", "x",  "4294967297", "99999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(number(texts[i], 100), -1);
    assert_int_equal(number("99999999999999999999", INT64_MAX), -1);
    assert_int_equal(number_of("1", 0, 100), -1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_up_to_their_limit),
        cmocka_unit_test(other_texts_are_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
