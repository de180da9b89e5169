/* Which events count as a change of a file, and which do not. */
#include "../../phonebookd/publishing/file-watch.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MEASURED_MS = 500 };

struct world {
    struct test_loop t;
    char path[FILES_DIRECTORY_MAX + 64]; /* the watched path */
    char *paths[2];
    struct file_watch *watch;
    unsigned n_told;
};

static void on_changed(void *owner)
{
    struct world *world = owner;
    world->n_told++;
}

static char *in(const struct world *world, const char *name)
{
    return files_path(world->t.directory, name);
}

static int begin_empty(const struct world *world, const char *name)
{
    int fd = open(in(world, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    return fd;
}

static void write_more(int fd)
{
    assert_int_equal(write(fd, "text\n", 5), 5);
}

static int begin(const struct world *world, const char *name)
{
    int fd = begin_empty(world, name);
    write_more(fd);
    return fd;
}

static void put(const struct world *world, const char *name)
{
    close(begin(world, name));
}

static void move(const struct world *world, const char *from, const char *to)
{
    assert_int_equal(rename(in(world, from), in(world, to)), 0);
}

static void link_to(const struct world *world, const char *target, const char *name)
{
    assert_int_equal(symlink(target, in(world, name)), 0);
}

static void make(const struct world *world, const char *name)
{
    assert_int_equal(mkdir(in(world, name), 0755), 0);
}

/* As root, even if the test has another uid now. */
static void mode(const struct world *world, const char *name, mode_t mode)
{
    uid_t before = geteuid();
    loop_become_root();
    assert_int_equal(chmod(in(world, name), mode), 0);
    assert_int_equal(seteuid(before), 0);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    loop_setup(&world->t);
    assert_int_equal(file_watch_new(&world->watch, &world->t.loop, on_changed, world), 0);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    loop_become_root();
    file_watch_close(world->watch);
    int result = loop_teardown(&world->t);
    free(world);
    return result;
}

/* Asserts that changes since the last call were reported, once. */
static void expect_told(struct world *world)
{
    unsigned n = world->n_told;
    LOOP_RUN_UNTIL(&world->t, world->n_told > n);
    loop_pass(&world->t, FILE_WATCH_SETTLE_MS);
    assert_int_equal(world->n_told, n + 1);
}

static void expect_nothing(struct world *world)
{
    unsigned n = world->n_told;
    loop_settle(&world->t);
    loop_pass(&world->t, FILE_WATCH_SETTLE_MS);
    loop_pass(&world->t, 10 * FILE_WATCH_RETRY_MS);
    assert_int_equal(world->n_told, n);
}

static void expect_state(struct world *world, enum file_state state)
{
    assert_int_equal(file_watch_state(world->watch, 0), state);
}

/* Asserts one report after this time and not before, with some tolerance. */
static void expect_told_after(struct world *world, uint64_t ms)
{
    unsigned n = world->n_told;
    loop_settle(&world->t);
    loop_pass(&world->t, ms - MEASURED_MS);
    loop_pass(&world->t, FILE_WATCH_SETTLE_MS);
    assert_int_equal(world->n_told, n);
    loop_pass(&world->t, MEASURED_MS);
    expect_told(world);
}

/* Asserts that it looks again and again, because it gets no events. */
static void expect_looks(struct world *world)
{
    for (int i = 0; i < 3; i++) {
        unsigned n = world->n_told;
        loop_pass(&world->t, FILE_WATCH_RETRY_MS);
        assert_int_equal(world->n_told, n + 1);
    }
}

static void watch(struct world *world, const char *name)
{
    snprintf(world->path, sizeof world->path, "%s", in(world, name));
    world->paths[0] = world->path;
    file_watch_set(world->watch, world->paths);
    expect_told(world); /* about earlier changes */
    expect_nothing(world);
}

/* ---- changes ---- */

static void a_file_written_in_place_has_changed(void **state)
{
    struct world *world = *state;
    put(world, "file");
    watch(world, "file");
    expect_state(world, FILE_AT_REST);
    int fd = begin(world, "file");
    expect_state(world, FILE_WRITTEN); /* at once, without a turn of the loop */
    for (int i = 0; i < 10; i++) {
        loop_settle(&world->t);
        loop_pass(&world->t, FILE_WATCH_WRITING_MS - MEASURED_MS);
        write_more(fd);
    }
    expect_state(world, FILE_WRITTEN);
    assert_int_equal(world->n_told, 1);
    close(fd);
    expect_state(world, FILE_AT_REST);
    expect_told(world);
    put(world, "other");
    put(world, "file~");
    expect_nothing(world);
}

static void a_created_file_has_changed_once_it_is_closed(void **state)
{
    struct world *world = *state;
    watch(world, "file");
    int fd = begin(world, "file");
    expect_state(world, FILE_WRITTEN);
    loop_settle(&world->t);
    loop_pass(&world->t, FILE_WATCH_LINKED_MS + FILE_WATCH_SETTLE_MS);
    assert_int_equal(world->n_told, 1);
    close(fd);
    expect_told(world);
    expect_state(world, FILE_AT_REST);
}

/* As by an editor, or a program that appends. */
static void a_file_kept_open_has_changed_after_a_while(void **state)
{
    struct world *world = *state;
    watch(world, "file");
    int fd = begin(world, "file");
    expect_told_after(world, FILE_WATCH_WRITING_MS);
    expect_state(world, FILE_AT_REST);
    expect_nothing(world);
    write_more(fd);
    expect_state(world, FILE_WRITTEN);
    expect_told_after(world, FILE_WATCH_WRITING_MS);
    close(fd);
    expect_told(world);
    expect_nothing(world);
}

/* Its writer takes time before he writes. */
static void an_empty_file_is_waited_for(void **state)
{
    struct world *world = *state;
    put(world, "file");
    watch(world, "file");
    int fd = begin_empty(world, "file");
    loop_settle(&world->t);
    loop_pass(&world->t, FILE_WATCH_EMPTY_MS / 2);
    expect_state(world, FILE_WRITTEN);
    write_more(fd);
    expect_told_after(world, FILE_WATCH_WRITING_MS);
    close(fd);
    expect_told(world);
    fd = begin_empty(world, "file");
    expect_told_after(world, FILE_WATCH_EMPTY_MS);
    expect_state(world, FILE_AT_REST);
    close(fd);
    expect_told(world);
}

static void a_removed_file_may_come_again(void **state)
{
    struct world *world = *state;
    put(world, "file");
    watch(world, "file");
    unlink(in(world, "file"));
    int fd = begin(world, "file");
    expect_told(world); /* about the end of the old one */
    expect_state(world, FILE_WRITTEN);
    file_watch_set(world->watch, world->paths);
    expect_state(world, FILE_WRITTEN); /* as known before */
    expect_told(world);
    close(fd);
    expect_told(world);
    expect_state(world, FILE_AT_REST);
}

static void writing_to_a_replaced_file_changes_nothing(void **state)
{
    struct world *world = *state;
    watch(world, "file");
    int fd = begin(world, "file");
    put(world, "new");
    move(world, "new", "file");
    expect_told(world);
    expect_state(world, FILE_AT_REST);
    write_more(fd);
    expect_state(world, FILE_AT_REST);
    close(fd);
    expect_nothing(world);
}

/* A file that was written under another name, or without one, is never closed under this name. */
static void a_file_linked_to_its_place_has_changed(void **state)
{
    struct world *world = *state;
    watch(world, "file");
    put(world, "new");
    assert_int_equal(link(in(world, "new"), in(world, "file")), 0);
    unlink(in(world, "new"));
    expect_state(world, FILE_WRITTEN); /* as far as we know */
    expect_told_after(world, FILE_WATCH_LINKED_MS);
    expect_state(world, FILE_AT_REST);
    unlink(in(world, "file"));
    expect_told(world);
    int fd = open(world->t.directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0)
        skip(); /* not every filesystem supports this */
    write_more(fd);
    char old[64];
    snprintf(old, sizeof old, "/proc/self/fd/%d", fd);
    assert_int_equal(linkat(AT_FDCWD, old, AT_FDCWD, in(world, "file"), AT_SYMLINK_FOLLOW), 0);
    close(fd);
    expect_told_after(world, FILE_WATCH_LINKED_MS);
    expect_nothing(world);
}

static void renames_links_and_removals_are_changes(void **state)
{
    struct world *world = *state;
    put(world, "file");
    watch(world, "file");
    put(world, "new");
    move(world, "new", "file");
    expect_told(world);
    move(world, "file", "away");
    expect_told(world);
    assert_int_equal(link(in(world, "away"), in(world, "file")), 0);
    expect_told(world);
    unlink(in(world, "file"));
    expect_told(world);
    link_to(world, "away", "file");
    expect_told(world);
    put(world, "away");
    expect_told(world);
}

static void a_burst_is_one_change(void **state)
{
    struct world *world = *state;
    watch(world, "file");
    for (int i = 0; i < 100; i++)
        put(world, "file");
    expect_told(world);
}

static void links_on_the_way_are_followed(void **state)
{
    struct world *world = *state;
    make(world, "one");
    make(world, "two");
    put(world, "one/file");
    put(world, "two/file");
    link_to(world, "one", "here");
    link_to(world, "here/../here/./file", "link");
    link_to(world, in(world, "link"), "absolute");
    watch(world, "absolute");
    put(world, "one/file");
    expect_told(world);
    link_to(world, "two", "next");
    move(world, "next", "here");
    expect_told(world);
    put(world, "one/file"); /* it is not watched there any more */
    expect_nothing(world);
    put(world, "two/file");
    expect_told(world);
}

static void directories_may_come_and_go(void **state)
{
    struct world *world = *state;
    watch(world, "a/b/file");
    make(world, "a");
    expect_told(world);
    make(world, "a/b");
    expect_told(world);
    put(world, "a/b/file");
    expect_told(world);
    move(world, "a/b", "away");
    expect_told(world);
    put(world, "away/file");
    expect_nothing(world);
    make(world, "a/b");
    expect_told(world);
    put(world, "a/b/file");
    expect_told(world);
    unlink(in(world, "a/b/file"));
    expect_told(world);
    rmdir(in(world, "a/b"));
    expect_told(world);
}

/* The end of the old one causes no event as long as a process is in it. */
static void a_directory_made_again_is_watched(void **state)
{
    struct world *world = *state;
    make(world, "a");
    make(world, "a/b");
    put(world, "a/b/file");
    watch(world, "a/b/file");
    int fd = open(in(world, "a/b"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    unlink(in(world, "a/b/file"));
    expect_told(world);
    rmdir(in(world, "a/b"));
    expect_told(world);
    make(world, "a/b");
    expect_told(world);
    put(world, "a/b/file");
    expect_told(world);
    close(fd);
}

static void a_directory_higher_up_may_be_replaced(void **state)
{
    struct world *world = *state;
    make(world, "a");
    make(world, "a/b");
    make(world, "a/b/c");
    make(world, "other");
    make(world, "other/b");
    make(world, "other/b/c");
    watch(world, "a/b/c/file");
    move(world, "a", "away");
    expect_told(world);
    move(world, "other", "a");
    expect_told(world);
    put(world, "a/b/c/file");
    expect_told(world);
    put(world, "a/other");
    put(world, "away/b/c/file");
    expect_nothing(world);
}

static void a_loop_of_links_is_no_file(void **state)
{
    struct world *world = *state;
    link_to(world, "loop", "loop");
    snprintf(world->path, sizeof world->path, "%s", in(world, "loop"));
    world->paths[0] = world->path;
    file_watch_set(world->watch, world->paths);
    LOOP_RUN_UNTIL(&world->t, world->n_told == 1);
    unsigned n = world->n_told;
    loop_pass(&world->t, FILE_WATCH_RETRY_MS); /* it cannot be watched, so it is looked at */
    assert_int_equal(world->n_told, n + 1);
    unlink(in(world, "loop"));
    loop_settle(&world->t);
    loop_pass(&world->t, FILE_WATCH_RETRY_MS);
    expect_nothing(world); /* now it can be watched */
    put(world, "loop");
    expect_told(world);
}

/* It sees only events and file modes. */
static void permissions_are_changes_to_an_unprivileged_daemon(void **state)
{
    struct world *world = *state;
    make(world, "a");
    put(world, "a/file");
    mode(world, "", 0755);
    loop_become_nobody();
    watch(world, "a/file");
    mode(world, "a/file", 0600);
    expect_told(world);
    expect_looks(world);
    mode(world, "a/file", 0644);
    expect_told(world);
    mode(world, "a", 0744); /* can be listed and watched, but the file not looked at */
    expect_told(world);
    expect_looks(world);
    mode(world, "a", 0755);
    expect_told(world);
    expect_state(world, FILE_AT_REST);
    mode(world, "a", 0711); /* the other way round */
    expect_told(world);
    expect_looks(world);
    expect_state(world, FILE_UNWATCHED);
    mode(world, "a", 0755);
    expect_told(world);
    expect_state(world, FILE_AT_REST);
    expect_nothing(world);
    loop_become_root();
}

static void another_set_of_files_is_watched(void **state)
{
    struct world *world = *state;
    watch(world, "one");
    watch(world, "two");
    put(world, "one");
    expect_nothing(world);
    put(world, "two");
    expect_told(world);
    file_watch_set(world->watch, NULL);
    expect_told(world);
    put(world, "two");
    expect_nothing(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_written_in_place_has_changed),
        TEST(a_created_file_has_changed_once_it_is_closed),
        TEST(a_file_kept_open_has_changed_after_a_while),
        TEST(an_empty_file_is_waited_for),
        TEST(a_removed_file_may_come_again),
        TEST(writing_to_a_replaced_file_changes_nothing),
        TEST(a_file_linked_to_its_place_has_changed),
        TEST(renames_links_and_removals_are_changes),
        TEST(a_burst_is_one_change),
        TEST(links_on_the_way_are_followed),
        TEST(directories_may_come_and_go),
        TEST(a_directory_made_again_is_watched),
        TEST(a_directory_higher_up_may_be_replaced),
        TEST(a_loop_of_links_is_no_file),
        TEST(permissions_are_changes_to_an_unprivileged_daemon),
        TEST(another_set_of_files_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
