/* How many records fit into a reply of 512 octets. */
#include "../../zones/fit.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

enum { A_DATA = 4, AAAA_DATA = 16 };

/* A name of that many octets. */
static const char *name_of(size_t length)
{
    static char name[NAME_TEXT_MAX + 1];
    for (size_t i = 0; i < length; i++)
        name[i] = i % 64 == 63 ? '.' : 'a';
    name[length] = '\0';
    return name;
}

/* 12 of header, the name and 2 on the wire, 4; then 12 and the data for each. A name of more than
 * 126 octets is repeated up to the label behind which no more are left (labels of 63 here). */
static void the_room_depends_on_the_length_of_the_name(void **state)
{
    static const struct {
        size_t length;
        size_t a, aaaa;
    } cases[] = {
        {1, 30, 17},  {12, 30, 17}, {14, 30, 17}, {15, 29, 17},  {18, 29, 17},
        {19, 29, 16}, {30, 29, 16}, {31, 28, 16}, {126, 23, 13}, {127, 4, 3},
        {190, 3, 3},  {191, 2, 1},  {202, 2, 1},  {253, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fit_room(name_of(cases[i].length), A_DATA), cases[i].a);
        assert_int_equal(fit_room(name_of(cases[i].length), AAAA_DATA), cases[i].aaaa);
    }
}

/* Queries for a wildcard are queries for other, longer names. */
static void a_wildcard_is_counted_with_the_longest_question(void **state)
{
    (void)state;
    assert_int_equal(fit_room("*.a", AAAA_DATA), 13);
    assert_int_equal(fit_room("*.a", A_DATA), 23);
}

static void nothing_follows_what_does_not_fit(void **state)
{
    (void)state;
    struct fit fit;
    fit_begin(&fit, "a"); /* 19 octets; 493 are left */
    assert_true(fit_take(&fit, 481 - 20));
    assert_false(fit_take(&fit, 9));
    assert_false(fit_take(&fit, 8)); /* would have fitted before */
    assert_int_equal(fit.kept, 1);
    assert_int_equal(fit.all, 3);
}

static void the_last_octet_is_used(void **state)
{
    (void)state;
    struct fit fit;
    fit_begin(&fit, "a");
    assert_true(fit_take(&fit, 481 - 20));
    assert_true(fit_take(&fit, 8));
    assert_int_equal(fit.used, FIT_REPLY_MAX);
}

static void each_cut_is_noted(void **state)
{
    (void)state;
    struct fit_cuts cuts = {.n = 0};
    for (int i = 0; i < 40; i++) {
        char owner[] = "a0";
        owner[1] = (char)('0' + i);
        struct fit fit;
        fit_begin(&fit, owner);
        fit_take(&fit, 300);
        fit_end(&fit, owner, RECORD_A, &cuts); /* fits */
        fit_take(&fit, 300);
        fit_end(&fit, owner, RECORD_AAAA, &cuts);
    }
    assert_int_equal(cuts.n, 40);
    assert_string_equal(cuts.cuts[39].owner, "aW");
    assert_int_equal(cuts.cuts[39].type, RECORD_AAAA);
    assert_int_equal(cuts.cuts[39].kept, 1);
    assert_int_equal(cuts.cuts[39].all, 2);
    fit_cuts_fini(&cuts);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_room_depends_on_the_length_of_the_name),
        cmocka_unit_test(a_wildcard_is_counted_with_the_longest_question),
        cmocka_unit_test(nothing_follows_what_does_not_fit),
        cmocka_unit_test(the_last_octet_is_used),
        cmocka_unit_test(each_cut_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
