/* Numbers that a person wrote. */
#include "../../common/number.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers(void **state)
{
    int number = -1;
    (void)state;
    assert_true(number_read("0", 0, INT_MAX, &number));
    assert_int_equal(number, 0);
    assert_true(number_read("0010", 10, 10, &number));
    assert_int_equal(number, 10);
    assert_true(number_read("2147483647", 0, INT_MAX, &number));
    assert_int_equal(number, INT_MAX);
}

static void no_numbers(void **state)
{
    static const char *const texts[] = {
        NULL,  "",    " 1",  "1 ", "+1", "-1",         "1x",
        "0x1", "1.0", "101", "9",  "x",  "2147483648", "99999999999999999999999999"};
    int number = 7;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(number_read(texts[i], 10, 100, &number));
    assert_int_equal(number, 7);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
