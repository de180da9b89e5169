/* The lowest memory limit of a control group and its ancestors, in made-up trees. */
#include "../../phonebookd/memory-limit.h"

#include "files.h"
#include "test.h"

#include <string.h>
#include <sys/stat.h>

static int setup(void **state)
{
    static const char *const directories[] = {"memory", "memory/a", "memory/a/b", "a", "a/b"};
    if (files_setup(state) != 0)
        return -1;
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        if (mkdir(files_path(*state, directories[i]), 0755) != 0)
            return -1;
    return 0;
}

static uint64_t limit_of(void **state, const char *groups)
{
    files_put(*state, "groups", groups);
    return memory_limit_read(files_path(*state, "groups"), *state);
}

static void the_least_limit_of_cgroup_version_2_counts(void **state)
{
    files_put(*state, "a/memory.max", "67108864\n");
    files_put(*state, "a/b/memory.max", "max\n");
    assert_int_equal(limit_of(state, "0::/a/b\n"), 67108864);
    files_put(*state, "a/b/memory.max", "1048576\n");
    assert_int_equal(limit_of(state, "0::/a/b\n"), 1048576);
    assert_int_equal(limit_of(state, "0::/a\n"), 67108864);
    assert_true(limit_of(state, "0::/\n") == UINT64_MAX);
    files_put(*state, "memory.max", "4096\n"); /* the root of a container */
    assert_int_equal(limit_of(state, "0::/a/b\n"), 4096);
    assert_int_equal(limit_of(state, "0::/\n"), 4096);
    assert_int_equal(limit_of(state, "0::/not/seen\n"), 4096);
}

static void the_least_limit_of_cgroup_version_1_counts(void **state)
{
    files_put(*state, "memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    files_put(*state, "memory/a/b/memory.limit_in_bytes", "67108864\n");
    assert_int_equal(limit_of(state, "9:name=systemd:/x\n4:memory:/a/b\n0::/\n"), 67108864);
    assert_int_equal(limit_of(state, "4:cpu,memory:/a/b\n"), 67108864);
    assert_int_equal(limit_of(state, "4:memory:/a\n"), 9223372036854771712U);
    assert_true(limit_of(state, "4:memoryless:/a/b\n") == UINT64_MAX);
}

static void without_readable_files_there_is_no_limit(void **state)
{
    static const char *const groups[] = {"", "\n", "0::\n", "0:\n", "nonsense", "4:memory:a/b\n"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        assert_true(limit_of(state, groups[i]) == UINT64_MAX);
    assert_true(memory_limit_read("/nonexistent", "/nonexistent") == UINT64_MAX);
    files_put(*state, "a/b/memory.max", "");
    assert_true(limit_of(state, "0::/a/b\n") == UINT64_MAX);
}

static void this_machine_has_room_for_names(void **state)
{
    (void)state;
    assert_in_range(memory_limit_names(), 1, 1 << 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILES(the_least_limit_of_cgroup_version_2_counts, setup),
        WITH_FILES(the_least_limit_of_cgroup_version_1_counts, setup),
        WITH_FILES(without_readable_files_there_is_no_limit, setup),
        cmocka_unit_test(this_machine_has_room_for_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
