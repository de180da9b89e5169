/* Arrays that grow. */
#include "../../common/array.h"
#include "test.h"

#include <stdlib.h>

static void an_array_keeps_its_elements_as_it_grows(void **state)
{
    enum { N = 10000 };
    (void)state;
    uint64_t *numbers = NULL;
    size_t room = 0, moves = 0;
    for (size_t n = 0; n < N; n++) {
        size_t before = room;
        assert_true(array_grow(&numbers, &room, n + 1, sizeof *numbers));
        assert_true(room == before ? room > n : room >= 2 * before);
        moves += room != before;
        numbers[n] = n;
    }
    assert_in_range(moves, 1, 16);
    for (size_t n = 0; n < N; n++)
        assert_int_equal(numbers[n], n);
    free(numbers);
}

/* The room is not stored; it is computed from the number of elements. */
static void appending_keeps_the_elements(void **state)
{
    enum { N = 1000 };
    (void)state;
    uint32_t *numbers = NULL, moves = 0;
    for (uint32_t n = 0; n < N; n++) {
        const uint32_t *before = numbers;
        uint32_t *added = array_append(&numbers, n, sizeof *added);
        assert_ptr_equal(added, numbers + n);
        moves += numbers != before;
        *added = n;
    }
    assert_in_range(moves, 1, 11);
    for (uint32_t n = 0; n < N; n++)
        assert_int_equal(numbers[n], n);
    assert_ptr_equal(array_append(&numbers, 600, sizeof *numbers),
                     numbers + 600); /* some were removed */
    assert_int_equal(numbers[599], 599);
    free(numbers);
}

static void room_for_many_elements_is_made_at_once(void **state)
{
    (void)state;
    char *text = NULL;
    size_t room = 0;
    assert_true(array_grow(&text, &room, 0, 1));
    assert_null(text);
    assert_true(array_grow(&text, &room, 5000, 1));
    assert_true(room >= 5000);
    text[4999] = 'x';
    assert_true(array_grow(&text, &room, 1 << 20, 1));
    assert_int_equal(text[4999], 'x');
    free(text);
}

static void a_size_beyond_memory_is_refused_and_the_array_stays(void **state)
{
    char *text = NULL, *before;
    size_t room = 0;
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* this allocator ends the program instead of refusing the size */
#endif
    assert_true(array_grow(&text, &room, 1, 1));
    before = text;
    size_t had = room;
    assert_false(array_grow(&text, &room, SIZE_MAX / 2, 1));
    assert_false(array_grow(&text, &room, SIZE_MAX / 2, 4)); /* the product exceeds SIZE_MAX */
    assert_null(array_append(&text, (size_t)1 << 62, 4));
    assert_ptr_equal(text, before);
    assert_int_equal(room, had);
    free(text);
}

static void an_array_that_is_mostly_unused_is_trimmed(void **state)
{
    (void)state;
    uint32_t *numbers = NULL;
    size_t room = 0;
    assert_true(array_grow(&numbers, &room, 1000, sizeof *numbers));
    array_trim(&numbers, &room, 0, sizeof *numbers);
    assert_int_equal(room, 1000); /* too small to be given back */
    assert_true(array_grow(&numbers, &room, 1 << 20, sizeof *numbers));
    numbers[99] = 7;
    array_trim(&numbers, &room, 1 << 18, sizeof *numbers);
    assert_int_equal(room, 1 << 20); /* a quarter of it is used */
    array_trim(&numbers, &room, 100, sizeof *numbers);
    assert_in_range(room, 100, 200);
    assert_int_equal(numbers[99], 7);
    assert_true(array_grow(&numbers, &room, 1 << 20, sizeof *numbers));
    array_trim(&numbers, &room, 0, sizeof *numbers);
    assert_in_range(room, 1, 200);
    assert_non_null(numbers);
    free(numbers);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_keeps_its_elements_as_it_grows),
        cmocka_unit_test(appending_keeps_the_elements),
        cmocka_unit_test(room_for_many_elements_is_made_at_once),
        cmocka_unit_test(a_size_beyond_memory_is_refused_and_the_array_stays),
        cmocka_unit_test(an_array_that_is_mostly_unused_is_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
