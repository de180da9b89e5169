/* A table: which files must be written again after the wall clock was set. */
#include "../../phonebookd/publishing/stamps.h"

#include "../../phonebookd/limits.h"
#include "test.h"

#include <stdlib.h>

enum { NOW = 1800000000, BOOT = 1799999000, RIGHT = 0 };

/* `off`: how far the clock was off when the files were made; `by`: how far it is off now. */
static const struct {
    const char *what;
    int64_t off, by;
    int64_t serial; /* 0: the time when they were made */
    bool ends, outdated;
} cases[] = {
    {"nothing was set", RIGHT, RIGHT, 0, false, false},
    {"nothing was set, and records end", RIGHT, RIGHT, 0, true, false},
    {"1970, and then the right time", -NOW + 100, RIGHT, 0, false, true},
    {"a minute late", -60, RIGHT, 0, false, true},
    {"less than a step", -CLOCK_STEP_S + 1, RIGHT, 0, true, false},
    {"back: serials never go back", 3600, RIGHT, 0, false, false},
    {"back, and records end", 3600, RIGHT, 0, true, true},
    {"less than a step back", CLOCK_STEP_S - 1, RIGHT, 0, true, false},
    {"still off", -3600, -3600, 0, true, false},
    {"from the serials of before the start", -NOW + 100, RIGHT, NOW + 1, false, false},
    {"which are too low", -NOW + 100, RIGHT, NOW - 86400, false, true},
    {"beyond what a serial can be", ((int64_t)1 << 33) - NOW, RIGHT, NOW, true, true},
};

static void files_are_outdated_if_the_clock_was_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stamps stamps = {.serial = (uint32_t)(NOW + cases[i].off),
                                .ends = cases[i].ends,
                                .wall = NOW + cases[i].off,
                                .epoch = BOOT + cases[i].off};
        if (cases[i].serial)
            stamps.serial = (uint32_t)cases[i].serial;
        if (stamps_outdated(&stamps, BOOT + cases[i].by) != cases[i].outdated)
            fail_msg("%s", cases[i].what);
    }
}

static void files_that_do_not_exist_are_not_outdated(void **state)
{
    (void)state;
    const struct stamps none = {.serial = 0};
    assert_false(stamps_outdated(&none, BOOT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_outdated_if_the_clock_was_set),
        cmocka_unit_test(files_that_do_not_exist_are_not_outdated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
