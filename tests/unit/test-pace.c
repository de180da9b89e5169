/* The first at once, the next after the interval, a retry later. */
#include "../../phonebookd/publishing/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void first_is_at_once(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000);
    assert_int_equal(pace_delay(&pace, 0), 0);
    assert_int_equal(pace_delay(&pace, 123456789), 0);
}

static void next_waits_for_the_interval(void **state)
{
    (void)state;
    static const struct {
        uint64_t now, delay;
    } cases[] = {{5000, 1000}, {5001, 999}, {5999, 1}, {6000, 0}, {6001, 0}, {1 << 30, 0}};
    struct pace pace;
    pace_init(&pace, 1000);
    pace_start(&pace, 5000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(pace_delay(&pace, cases[i].now), cases[i].delay);
}

/* The interval counts from the last start, however late that was. */
static void interval_counts_from_the_start(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000);
    pace_start(&pace, 0);
    pace_start(&pace, 1700);
    assert_int_equal(pace_delay(&pace, 2000), 700);
}

static void hold_only_delays(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000);
    pace_start(&pace, 0);
    pace_hold(&pace, 0, 500);
    assert_int_equal(pace_delay(&pace, 0), 1000);
    pace_hold(&pace, 0, 5000);
    assert_int_equal(pace_delay(&pace, 0), 5000);
    assert_int_equal(pace_delay(&pace, 4999), 1);
    assert_int_equal(pace_delay(&pace, 5000), 0);
}

static void interval_may_change(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000);
    pace.interval = 3000;
    pace_start(&pace, 100);
    assert_int_equal(pace_delay(&pace, 100), 3000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_is_at_once),
        cmocka_unit_test(next_waits_for_the_interval),
        cmocka_unit_test(interval_counts_from_the_start),
        cmocka_unit_test(hold_only_delays),
        cmocka_unit_test(interval_may_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
