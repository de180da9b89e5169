/* A text that is cut off at the end of its room. */
#include "../../common/cut-text.h"
#include "test.h"

#include <string.h>

static void pieces_make_one_text(void **state)
{
    char room[16];
    struct cut_text text = {room, sizeof room, 0};
    (void)state;
    cut_text_add(&text, "%s", "www");
    cut_text_add(&text, ".%s.%d", "internal", 1);
    assert_string_equal(room, "www.internal.1");
    assert_int_equal(text.length, 14);
    cut_text_add(&text, "%s", "");
    cut_text_add(&text, "2");
    assert_string_equal(room, "www.internal.12");
}

static void a_text_is_cut_where_its_room_ends(void **state)
{
    char room[] = "................";
    struct cut_text text = {room, 8, 0};
    (void)state;
    cut_text_add(&text, "%s", "www.internal");
    assert_string_equal(room, "www.int");
    assert_int_equal(text.length, 7);
    cut_text_add(&text, "more");
    assert_string_equal(room, "www.int");
    assert_int_equal(text.length, 7);
    assert_string_equal(room + 8, "........");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_one_text),
        cmocka_unit_test(a_text_is_cut_where_its_room_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
