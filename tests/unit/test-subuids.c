/* Which range a uid is in, and which lines are not ranges. */
#include "../../phonebookd/state/subuids.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* "NAME:FIRST-LAST" of the range, or "" for none. */
static void expect(const struct subuids *subuids, uint32_t uid, const char *expected)
{
    const struct subuid_range *range = subuids_find(subuids, uid);
    char found[64] = "";
    if (range && range->name)
        snprintf(found, sizeof found, "%s:%u-%u", range->name, range->first, range->last);
    else if (range)
        snprintf(found, sizeof found, "%u:%u-%u", range->owner, range->first, range->last);
    assert_string_equal(found, expected);
}

static struct subuids parsed(const char *text)
{
    struct subuids subuids;
    assert_true(subuids_parse(&subuids, text, strlen(text)));
    return subuids;
}

static void the_range_of_a_uid_is_found(void **state)
{
    struct subuids subuids = parsed("alice:100000:65536\n1001:165536:65536\nbob:300000:1");
    (void)state;
    expect(&subuids, 99999, "");
    expect(&subuids, 100000, "alice:100000-165535");
    expect(&subuids, 165535, "alice:100000-165535");
    expect(&subuids, 165536, "1001:165536-231071");
    expect(&subuids, 231072, "");
    expect(&subuids, 300000, "bob:300000-300000");
    expect(&subuids, 300001, "");
    expect(&subuids, 0, "");
    subuid_range_resolve(subuids_find(&subuids, 100000), 1000);
    expect(&subuids, 100001, "1000:100000-165535");
    subuids_fini(&subuids);
}

static void the_first_of_overlapping_ranges_counts(void **state)
{
    struct subuids subuids = parsed("alice:1000:10\nbob:1005:10\nalice:1005:20\n");
    (void)state;
    expect(&subuids, 1009, "alice:1000-1009");
    expect(&subuids, 1010, "bob:1005-1014");
    expect(&subuids, 1015, "alice:1005-1024");
    subuids_fini(&subuids);
}

static void a_range_may_have_nearly_all_uids(void **state)
{
    struct subuids subuids = parsed("a:0:4294967296\nb:4294967295:1\n"
                                    "c:1:4294967295\n");
    (void)state;
    assert_int_equal(subuids.n, 2); /* a count has to be below 2^32 */
    expect(&subuids, 0, "");
    expect(&subuids, UINT32_MAX, "b:4294967295-4294967295");
    expect(&subuids, 1, "c:1-4294967295");
    subuids_fini(&subuids);
}

static void lines_that_are_no_ranges_are_ignored(void **state)
{
    static const char *const lines[] = {"",
                                        "alice",
                                        "alice:100",
                                        "alice:100:",
                                        "alice::100",
                                        ":100:100",
                                        "alice:100:0",
                                        "alice:-1:5",
                                        "alice:1:-5",
                                        "alice:0x10:5",
                                        "alice: 10:5",
                                        "alice:10:5 ",
                                        "alice:10:5:",
                                        "alice:10:5\r",
                                        "# alice:10:x",
                                        "alice:4294967296:1",
                                        "alice:4294967295:2",
                                        "alice:99999999999999999999:1"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s\nbob:7:1\n", lines[i]);
        struct subuids subuids = parsed(text);
        if (subuids.n != 1)
            fail_msg("\"%s\" is taken", lines[i]);
        expect(&subuids, 7, "bob:7-7");
        subuids_fini(&subuids);
    }
}

static void a_nul_does_not_end_the_file(void **state)
{
    static const char text[] = "a\0b:1:2\nc:1\0:2\nd:3:4\n";
    (void)state;
    struct subuids subuids;
    assert_true(subuids_parse(&subuids, text, sizeof text - 1));
    assert_int_equal(subuids.n, 1);
    expect(&subuids, 3, "d:3-6");
    subuids_fini(&subuids);
}

static void thousands_of_lines_are_read(void **state)
{
    static char text[64 * 1000];
    (void)state;
    size_t length = 0;
    for (int i = 0; i < 1000; i++)
        length += (size_t)sprintf(text + length, "u%d:%d:10\n", i, i * 10);
    struct subuids subuids = parsed(text);
    expect(&subuids, 9999, "u999:9990-9999");
    expect(&subuids, 10000, "");
    subuids_fini(&subuids);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_of_a_uid_is_found),
        cmocka_unit_test(the_first_of_overlapping_ranges_counts),
        cmocka_unit_test(a_range_may_have_nearly_all_uids),
        cmocka_unit_test(lines_that_are_no_ranges_are_ignored),
        cmocka_unit_test(a_nul_does_not_end_the_file),
        cmocka_unit_test(thousands_of_lines_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
