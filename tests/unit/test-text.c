/* A text that grows. */
#include "../../common/text.h"
#include "failing-memory.h"
#include "test.h"

#include <string.h>

static void additions_stand_one_behind_the_other(void **state)
{
    (void)state;
    struct text text = {0};
    text_add(&text, "%d", 7);
    text_put(&text, "a\0b", 3);
    text_add(&text, "%s", "");
    text_add(&text, "%*s|", 100, "x");
    assert_int_equal(text.length, 1 + 3 + 101);
    char *taken = text_take(&text);
    assert_memory_equal(taken, "7a\0b ", 5);
    assert_string_equal(taken + 103, "x|");
    free(taken);
}

static void an_empty_addition_makes_an_empty_text(void **state)
{
    (void)state;
    struct text text = {0};
    text_add(&text, "%s", "");
    char *taken = text_take(&text);
    assert_string_equal(taken, "");
    free(taken);
}

static void a_text_with_gaps_is_not_given_out(void **state)
{
    (void)state;
    if (!POSSIBLE)
        skip();
    allowed = 1;
    struct text text = {0};
    text_add(&text, "here");
    text_add(&text, "%100s", "no room for this");
    assert_true(text.failed);
    text_add(&text, "later");
    assert_null(text_take(&text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_stand_one_behind_the_other),
        cmocka_unit_test(an_empty_addition_makes_an_empty_text),
        cmocka_unit_test(a_text_with_gaps_is_not_given_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
