/* How many connections are set aside after which sequence of ends. */
#include "../../phonebookd/crashes.h"

#include "../../phonebookd/limits.h"
#include "files.h"
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOW = 100000, NOTES_MAX = 64 };

/* `n` crashes of phonebookds that were ready, each `apart` seconds after the one before, the last
 * `ago` seconds ago. */
static size_t judge(size_t n, long long apart, long long ago)
{
    assert_true(3 * n <= NOTES_MAX);
    struct crash_note notes[NOTES_MAX];
    for (size_t i = 0; i < n; i++) {
        long long time = NOW - ago - (long long)(n - 1 - i) * apart;
        notes[3 * i] = (struct crash_note){time, CRASH_START};
        notes[3 * i + 1] = (struct crash_note){time, CRASH_READY};
        notes[3 * i + 2] = (struct crash_note){time, CRASH_SIGNAL};
    }
    return crashes_judge(notes, 3 * n, NOW).aside;
}

/* Events one second apart, the last a second ago; s, r, l, x are their kinds. */
static struct crash_verdict judge_text(const char *text)
{
    static const char letters[] = "srlx";
    size_t n = strlen(text);
    assert_true(n <= NOTES_MAX);
    struct crash_note notes[NOTES_MAX];
    for (size_t i = 0; i < n; i++)
        notes[i] = (struct crash_note){.time = NOW - (long long)(n - i),
                                       .kind = strchr(letters, text[i]) - letters};
    return crashes_judge(notes, n, NOW);
}

static void a_few_crashes_set_nothing_aside(void **state)
{
    (void)state;
    for (size_t n = 0; n < CRASHES_TOLERATED; n++)
        assert_int_equal(judge(n, 1, 1), 0);
}

static void more_crashes_set_more_connections_aside(void **state)
{
    (void)state;
    size_t expected = 1;
    for (size_t n = CRASHES_TOLERATED; n <= 20; n++) {
        assert_int_equal(judge(n, 1, 1), expected);
        expected = expected < CRASHES_ASIDE_MAX ? expected * CRASHES_FACTOR : expected;
    }
}

static void crashes_far_apart_or_long_ago_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(judge(10, CRASHES_WINDOW_S + 1, 1), 0);
    assert_int_equal(judge(10, 1, CRASHES_WINDOW_S + 1), 0);
    assert_int_equal(judge(10, CRASHES_WINDOW_S, 1), 0);
    assert_true(judge(CRASHES_TOLERATED, CRASHES_WINDOW_S / CRASHES_TOLERATED, 0) > 0);
}

static void crashes_before_a_quiet_time_do_not_count(void **state)
{
    (void)state;
    struct crash_note notes[CRASHES_TOLERATED + 1];
    for (int i = 0; i < CRASHES_TOLERATED; i++)
        notes[i] = (struct crash_note){NOW - 10 * CRASHES_WINDOW_S + i, CRASH_SIGNAL};
    notes[CRASHES_TOLERATED] = (struct crash_note){NOW - 1, CRASH_SIGNAL};
    assert_int_equal(crashes_judge(notes, CRASHES_TOLERATED + 1, NOW).aside, 0);
}

static void failed_starts_set_connections_aside(void **state)
{
    (void)state;
    static const struct {
        const char *notes;
        size_t starts, aside;
    } cases[] = {
        {"", 0, 0},
        {"s", 0, 0},
        {"sss", 0, 0}, /* a kill by hand, and again */
        {"ssss", 4, STARTS_ASIDE_FIRST},
        {"sssss", 5, STARTS_ASIDE_FIRST * STARTS_FACTOR},
        {"ssssss", 6, STARTS_ASIDE_FIRST * STARTS_FACTOR * STARTS_FACTOR},
        {"srsrsrsrsr", 0, 0}, /* killed, but each had been ready */
        {"ssssr", 0, 0},
        {"srssss", 4, STARTS_ASIDE_FIRST},
        {"ssssrs", 0, 0},
        {"slslslslsl", 0, 0},                /* each ended by itself */
        {"ssssslsl", 4, STARTS_ASIDE_FIRST}, /* that one does not count for the others */
        {"sssx", 0, 0},                      /* a crash is counted as one */
        {"sxssss", 4, STARTS_ASIDE_FIRST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct crash_verdict verdict = judge_text(cases[i].notes);
        assert_int_equal(verdict.starts, cases[i].starts);
        assert_int_equal(verdict.aside, cases[i].aside);
        assert_int_equal(verdict.crashes, 0);
    }
}

static void failed_starts_far_apart_do_not_count(void **state)
{
    (void)state;
    struct crash_note notes[STARTS_TOLERATED];
    for (int apart = STARTS_WINDOW_S; apart <= STARTS_WINDOW_S + 1; apart++) {
        for (int i = 0; i < STARTS_TOLERATED; i++)
            notes[i] =
                (struct crash_note){NOW - (long long)(STARTS_TOLERATED - i) * apart, CRASH_START};
        assert_int_equal(crashes_judge(notes, STARTS_TOLERATED, NOW).aside,
                         apart <= STARTS_WINDOW_S ? STARTS_ASIDE_FIRST : 0);
    }
}

static void any_number_of_failed_starts_stays_within_the_limit(void **state)
{
    (void)state;
    struct crash_note notes[NOTES_MAX];
    for (int i = 0; i < NOTES_MAX; i++)
        notes[i] = (struct crash_note){NOW - NOTES_MAX + i, CRASH_START};
    assert_in_range(crashes_judge(notes, NOTES_MAX, NOW).aside, CRASHES_ASIDE_MAX,
                    CRASHES_ASIDE_MAX * STARTS_FACTOR);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mode : 0;
}

static void the_file_is_made_private_and_removed_at_the_end(void **state)
{
    const struct crash_note notes[STARTS_TOLERATED] = {{0}};
    const char *path = files_path(*state, "crashes");
    files_write(path, (const char *)notes, sizeof notes);
    assert_int_equal(chmod(path, 0666), 0);
    crashes_begin(*state);
    assert_int_equal(mode_of(path), S_IFREG | 0600);
    crashes_leave();
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, sizeof notes + 2 * sizeof *notes);
    crashes_end();
    assert_int_equal(access(path, F_OK), -1);
}

/* Such a file is not followed, waited for, changed or removed. */
static void a_file_of_another_kind_is_left_alone(void **state)
{
    const char *path = files_path(*state, "crashes"), *target = files_path(*state, "target");
    files_write(target, "x", 1);
    assert_int_equal(symlink(target, path), 0);
    crashes_begin(*state);
    crashes_end();
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0644), 0);
    crashes_begin(*state);
    crashes_ready();
    crashes_end();
    assert_int_equal(mode_of(path), S_IFIFO | 0644);
    assert_int_equal(unlink(path), 0);
    if (geteuid() == 0) {
        assert_int_equal(rename(target, path), 0);
        assert_int_equal(chown(path, 4001, 4001), 0);
        crashes_begin(*state);
        crashes_end();
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_size, 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_crashes_set_nothing_aside),
        cmocka_unit_test(more_crashes_set_more_connections_aside),
        cmocka_unit_test(crashes_far_apart_or_long_ago_do_not_count),
        cmocka_unit_test(crashes_before_a_quiet_time_do_not_count),
        cmocka_unit_test(failed_starts_set_connections_aside),
        cmocka_unit_test(failed_starts_far_apart_do_not_count),
        cmocka_unit_test(any_number_of_failed_starts_stays_within_the_limit),
        WITH_FILES(the_file_is_made_private_and_removed_at_the_end, files_setup),
        WITH_FILES(a_file_of_another_kind_is_left_alone, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
