/* How many connections are set aside after how many crashes. */
#include "../../phonebookd/crashes.h"

#include "../../phonebookd/limits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { NOW = 100000, TIMES_MAX = 20 };

/* `n` crashes, each `apart` seconds after the one before, the last `ago` seconds ago. */
static size_t judge(size_t n, long long apart, long long ago)
{
    long long times[TIMES_MAX];
    assert_true(n <= TIMES_MAX);
    for (size_t i = 0; i < n; i++)
        times[n - 1 - i] = NOW - ago - (long long)i * apart;
    return crashes_judge(times, n, NOW);
}

static void few_are_tolerated(void **state)
{
    (void)state;
    for (size_t n = 0; n < CRASHES_TOLERATED; n++)
        assert_int_equal(judge(n, 1, 1), 0);
}

static void more_set_aside_more(void **state)
{
    (void)state;
    size_t expected = 1;
    for (size_t n = CRASHES_TOLERATED; n <= TIMES_MAX; n++) {
        assert_int_equal(judge(n, 1, 1), expected);
        expected = expected < CRASHES_ASIDE_MAX ? expected * 2 : expected;
    }
}

/* Far apart, or long ago: no row. */
static void only_in_a_row(void **state)
{
    (void)state;
    assert_int_equal(judge(10, CRASHES_WINDOW_S + 1, 1), 0);
    assert_int_equal(judge(10, 1, CRASHES_WINDOW_S + 1), 0);
    assert_int_equal(judge(10, CRASHES_WINDOW_S, 1), 0);
    assert_true(judge(CRASHES_TOLERATED, CRASHES_WINDOW_S / CRASHES_TOLERATED, 0) > 0);
}

/* Those before a quiet time do not count. */
static void an_old_row_is_forgotten(void **state)
{
    (void)state;
    long long times[CRASHES_TOLERATED + 1];
    for (int i = 0; i < CRASHES_TOLERATED; i++)
        times[i] = NOW - 10 * CRASHES_WINDOW_S + i;
    times[CRASHES_TOLERATED] = NOW - 1;
    assert_int_equal(crashes_judge(times, CRASHES_TOLERATED + 1, NOW), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_tolerated),
        cmocka_unit_test(more_set_aside_more),
        cmocka_unit_test(only_in_a_row),
        cmocka_unit_test(an_old_row_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
