/* Which columns of a table fit on a terminal. */
#include "../../publish-client/command-fit.h"
#include "test.h"

#include <string.h>

enum { N = 4 };

/* Columns: the name, the second to be dropped, the first to be dropped, one never shown. */
static const struct fit_rule rules[N] = {
    {.least = 10}, {.least = 8, .leave = 1}, {.least = 6, .leave = 2}, {.leave = FIT_NEVER}};

static void widths_are(int total, const int *contents, const int *expected)
{
    int widths[N];
    fit_columns(contents, widths, rules, N, total);
    assert_memory_equal(widths, expected, sizeof widths);
}

static void columns_that_fit_keep_their_widths(void **state)
{
    (void)state;
    widths_are(80, (int[N]){20, 8, 6, 9}, (int[N]){20, 8, 6, 0});
    widths_are(38, (int[N]){20, 8, 6, 9}, (int[N]){20, 8, 6, 0});
    widths_are(5, (int[N]){1, 1, 0, 9}, (int[N]){1, 1, 0, 0}); /* an empty column has no gap */
}

static void the_widest_column_becomes_narrower_first(void **state)
{
    (void)state;
    widths_are(37, (int[N]){20, 8, 6, 9}, (int[N]){19, 8, 6, 0});
    widths_are(34, (int[N]){340, 20, 6, 9}, (int[N]){13, 11, 6, 0});
    widths_are(28, (int[N]){340, 20, 6, 9}, (int[N]){10, 8, 6, 0});
}

static void columns_without_room_leave_from_the_end(void **state)
{
    (void)state;
    widths_are(27, (int[N]){340, 20, 6, 9}, (int[N]){14, 11, 0, 0});
    widths_are(19, (int[N]){340, 20, 6, 9}, (int[N]){19, 0, 0, 0});
    widths_are(3, (int[N]){340, 20, 6, 9}, (int[N]){10, 0, 0, 0}); /* the one left has its least */
}

static const char *cut(void (*fit)(char *, int), const char *text, int width)
{
    static char copy[128];
    strcpy(copy, text);
    fit(copy, width);
    return copy;
}

static void a_text_is_cut_with_three_dots(void **state)
{
    (void)state;
    assert_string_equal(cut(fit_text, "www.internal", 12), "www.internal");
    assert_string_equal(cut(fit_text, "www.internal", 11), "www.inte...");
    assert_string_equal(cut(fit_text, "www.internal", 4), "w...");
    assert_string_equal(cut(fit_text, "www.internal", 3), "www");
    assert_string_equal(cut(fit_text, "www.internal", 0), "");
    assert_string_equal(cut(fit_text, "", 0), "");
}

static void items_left_out_are_counted(void **state)
{
    (void)state;
    assert_string_equal(cut(fit_items, "10.0.0.1,10.0.0.2,fd00::1", 25),
                        "10.0.0.1,10.0.0.2,fd00::1");
    assert_string_equal(cut(fit_items, "10.0.0.1,10.0.0.2,fd00::1", 24), "10.0.0.1,10.0.0.2 +1");
    assert_string_equal(cut(fit_items, "10.0.0.1,10.0.0.2,fd00::1", 19), "10.0.0.1 +2");
    assert_string_equal(cut(fit_items, "10.0.0.1,10.0.0.2,fd00::1", 10), "10.0... +2");
    assert_string_equal(cut(fit_items, "2001:db8:0:1:2:3:4:5", 15), "2001:db8:0:1...");
    for (int width = 0; width < 26; width++)
        assert_true((int)strlen(cut(fit_items, "10.0.0.1,10.0.0.2,fd00::1", width)) <= width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_that_fit_keep_their_widths),
        cmocka_unit_test(the_widest_column_becomes_narrower_first),
        cmocka_unit_test(columns_without_room_leave_from_the_end),
        cmocka_unit_test(a_text_is_cut_with_three_dots),
        cmocka_unit_test(items_left_out_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
