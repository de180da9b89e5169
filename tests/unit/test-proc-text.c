/* The contents of files in /proc/PID. */
#include "../../common/proc-text.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>

static void stat_says_when_a_process_began(void **state)
{
    (void)state;
    static const struct {
        const char *beginning;
        int64_t expected;
    } cases[] = {
        {"1 (init) S", 4711},
        {"7 (a b) R", 4711},
        {"7 (a) Z (b) S", 4711},
        {"7 (a) Z", -1},
        {"7 (a) X", -1},
        {"", -1},
        {"7", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21\n",
                 cases[i].beginning);
        if (proc_stat_began(text) != cases[i].expected)
            fail_msg("%s", cases[i].beginning);
    }
}

static void a_stat_that_is_cut_says_nothing(void **state)
{
    (void)state;
    char text[] = "1 (init) S 1 2 3";
    assert_int_equal(proc_stat_began(text), -1);
}

static void a_signal_is_survived_if_it_is_in_one_of_three_sets(void **state)
{
    static const char *const texts[] = {
        "Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t0\nSigCgt:\t0\n",
        "Name:\tx\nSigBlk:\t0\nSigIgn:\t0000000000000001\nSigCgt:\t0\n",
        "Name:\tx\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\t0000000000000001\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(proc_status_survives(texts[i], SIGHUP));
        assert_false(proc_status_survives(texts[i], SIGUSR1));
    }
    assert_true(proc_status_survives("\nSigCgt:\t8000000000000000\n", 64));
    assert_false(proc_status_survives("\nSigPnd:\tffffffffffffffff\n", SIGHUP));
    assert_false(proc_status_survives("", SIGHUP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stat_says_when_a_process_began),
        cmocka_unit_test(a_stat_that_is_cut_says_nothing),
        cmocka_unit_test(a_signal_is_survived_if_it_is_in_one_of_three_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
