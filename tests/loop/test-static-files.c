/* Which versions of static files are used, and what is logged about the others. */
#include "../../phonebookd/publishing/static-files.h"

#include "../../phonebookd/limits.h"
#include "../../zones/config/complaints.h"
#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POOL_THREADS = 4 }; /* libuv's default */

struct world {
    struct test_loop t;
    struct static_files *files;
    unsigned n_told;
    uv_work_t held[POOL_THREADS];
    sem_t go;
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

static void write_more(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Begins to write in place, and does not finish. */
static int begin(const struct world *world, const char *name, const char *text)
{
    int fd = open(in(world, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    write_more(fd, text);
    return fd;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    loop_setup(&world->t);
    world->files = static_files_new(&world->t.loop, on_changed, world);
    assert_non_null(world->files);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    loop_become_root();
    static_files_close(world->files);
    int result = loop_teardown(&world->t);
    free(world);
    return result;
}

static void set(struct world *world, const char *one, const char *other)
{
    char *paths[] = {one ? in(world, one) : NULL, other ? in(world, other) : NULL, NULL};
    assert_int_equal(static_files_set(world->files, paths), 0);
}

static void wait_to_go(uv_work_t *work)
{
    sem_wait(work->data);
}

static void after_wait(uv_work_t *work, int status)
{
    (void)work, (void)status;
}

/* Until the threads are released, no file can be read. */
static void hold_threads(struct world *world)
{
    assert_int_equal(sem_init(&world->go, 0, 0), 0);
    for (size_t i = 0; i < POOL_THREADS; i++) {
        world->held[i].data = &world->go;
        uv_queue_work(&world->t.loop, &world->held[i], wait_to_go, after_wait);
    }
}

static bool is_about_to_read(const struct world *world)
{
    return world->t.loop.active_reqs.count > POOL_THREADS;
}

static void let_threads_go(struct world *world)
{
    for (size_t i = 0; i < POOL_THREADS; i++)
        sem_post(&world->go);
    LOOP_RUN_UNTIL(&world->t, world->t.loop.active_reqs.count == 0);
    sem_destroy(&world->go);
}

/* Asserts that the texts of the images, one after the other, are this. */
static bool are(const struct world *world, const char *texts)
{
    struct static_image *images[4];
    size_t n = static_files_images(world->files, images, 4), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(texts + at, images[i]->text, images[i]->length) != 0)
            return false;
        at += images[i]->length;
    }
    return texts[at] == '\0';
}

/* Asserts that no file is read any more, and nothing was reported. */
static void expect_quiet(struct world *world)
{
    unsigned n = world->n_told;
    loop_settle(&world->t);
    loop_pass(&world->t, FILE_WATCH_SETTLE_MS);
    LOOP_RUN_UNTIL(&world->t, world->t.loop.active_reqs.count == 0);
    assert_int_equal(world->n_told, n);
}

/* ---- which ---- */

static void files_are_read_at_the_start(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    files_put(world->t.directory, "b", "+b:1.2.3.4"); /* no newline: one is added */
    set(world, "b", "a");
    assert_false(static_files_ready(world->files));
    assert_true(are(world, ""));
    static_files_read_now(world->files);
    assert_true(static_files_ready(world->files));
    assert_true(are(world, "+b:1.2.3.4\n+a:1.2.3.4\n"));
    expect_quiet(world); /* not read again */
}

static void files_are_read_by_the_loop(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    set(world, "a", "b");
    LOOP_RUN_UNTIL(&world->t, static_files_ready(world->files));
    assert_true(are(world, "+a:1.2.3.4\n"));
    assert_int_equal(world->n_told, 2); /* b is found missing, so a build can go on */
    assert_int_equal(loop_logged(&world->t, "/b: No such file or directory\n"), 1);
    files_put(world->t.directory, "b", "+b:1.2.3.4\n");
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.4\n+b:1.2.3.4\n"));
    assert_int_equal(loop_logged(&world->t, "/b: is good again"), 1);
    expect_quiet(world);
}

/* Each entry is read separately, even if files repeat. */
static void a_file_may_be_named_twice(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    set(world, "a", "a");
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.4\n+a:1.2.3.4\n"));
    expect_quiet(world);
    files_put(world->t.directory, "a", "+a:1.2.3.5\n");
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.5\n+a:1.2.3.5\n"));
    set(world, "a", "a");
    expect_quiet(world);
}

/* Also if its time is not newer. */
static void a_file_is_read_once_it_may_be(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    assert_int_equal(chmod(in(world, "a"), 0600), 0);
    assert_int_equal(chmod(in(world, ""), 0755), 0);
    loop_become_nobody();
    set(world, "a", NULL);
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "/a: Permission denied\n") == 1);
    loop_pass(&world->t, FILE_WATCH_RETRY_MS);
    expect_quiet(world);
    loop_become_root(); /* as if an access rule was changed */
    loop_pass(&world->t, FILE_WATCH_RETRY_MS);
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.4\n"));
    assert_int_equal(loop_logged(&world->t, "/a: is good again"), 1);
}

static void a_file_may_be_empty(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "");
    set(world, "a", NULL);
    static_files_read_now(world->files);
    assert_true(static_files_ready(world->files) && are(world, ""));
    files_put(world->t.directory, "a", "#\n");
    LOOP_RUN_UNTIL(&world->t, are(world, "#\n"));
    files_put(world->t.directory, "a", "");
    LOOP_RUN_UNTIL(&world->t, are(world, ""));
}

/* Even if there is another reason to look. */
static void a_file_being_written_is_not_read(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n+a:1.2.3.5\n");
    files_put(world->t.directory, "b", "+b:1.2.3.4\n");
    set(world, "a", "b");
    static_files_read_now(world->files);
    int a = begin(world, "a", "+a:1.2.3.6\n");
    files_put(world->t.directory, "b", "+b:1.2.3.5\n");
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.4\n+a:1.2.3.5\n+b:1.2.3.5\n"));
    expect_quiet(world);
    set(world, "a", "b");
    expect_quiet(world);
    assert_true(are(world, "+a:1.2.3.4\n+a:1.2.3.5\n+b:1.2.3.5\n"));
    write_more(a, "+a:1.2.3.7\n");
    close(a);
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.6\n+a:1.2.3.7\n+b:1.2.3.5\n"));
    unlink(in(world, "a"));
    a = begin(world, "a", "+a:1.2.3.8\n");
    expect_quiet(world);
    assert_true(are(world, "+a:1.2.3.6\n+a:1.2.3.7\n+b:1.2.3.5\n"));
    close(a);
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.8\n+b:1.2.3.5\n"));
    expect_quiet(world);
}

/* The writer had begun before the watch. */
static void what_was_read_during_a_write_is_not_used(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n+a:1.2.3.5\n");
    set(world, "a", NULL);
    static_files_read_now(world->files);
    files_put(world->t.directory, "a", "+a:1.2.3.6\n+a:1.2.3.7\n");
    hold_threads(world);
    LOOP_RUN_UNTIL(&world->t, is_about_to_read(world));
    int a = begin(world, "a", "+a:1.2.3.8\n");
    let_threads_go(world);
    assert_true(are(world, "+a:1.2.3.4\n+a:1.2.3.5\n"));
    write_more(a, "+a:1.2.3.9\n");
    close(a);
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.8\n+a:1.2.3.9\n"));
}

/* Names do not wait for it. */
static void a_new_file_being_written_is_left_out(void **state)
{
    struct world *world = *state;
    int a = begin(world, "a", "+a:1.2.3.4\n");
    set(world, "a", NULL);
    write_more(a, "+a:1.2.3.5\n");
    LOOP_RUN_UNTIL(&world->t, static_files_ready(world->files));
    assert_int_equal(world->n_told, 1);
    assert_true(are(world, ""));
    assert_int_equal(loop_logged(&world->t, "/a: is being written, and left out"), 1);
    expect_quiet(world);
    close(a);
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.4\n+a:1.2.3.5\n"));
    assert_int_equal(loop_logged(&world->t, "/a: is good again"), 1);
}

/* There are no events about writers in an unreadable directory: a file that changes from look to
 * look is not read each time. */
static void a_growing_file_without_events_is_left_alone(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    files_put(world->t.directory, "b", "+b:1.2.3.4\n");
    assert_int_equal(chmod(in(world, ""), 0711), 0);
    loop_become_nobody();
    set(world, "a", "b");
    static_files_read_now(world->files);
    loop_become_root();
    int a = begin(world, "a", "");
    int b = begin(world, "b", "");
    loop_become_nobody();
    for (int i = 0; i < 5; i++) {
        write_more(a, "+a:1.2.3.5\n");
        write_more(b, "+b:1.2.3.5\n");
        loop_pass(&world->t, FILE_WATCH_RETRY_MS);
        assert_int_equal(world->t.loop.active_reqs.count, 0);
    }
    assert_true(are(world, "+a:1.2.3.4\n+b:1.2.3.4\n"));
    close(a);
    close(b);
    loop_pass(&world->t, FILE_WATCH_RETRY_MS);
    LOOP_RUN_UNTIL(&world->t, world->n_told == 2);
    assert_true(are(world, "+a:1.2.3.5\n+a:1.2.3.5\n+a:1.2.3.5\n+a:1.2.3.5\n+a:1.2.3.5\n"
                           "+b:1.2.3.5\n+b:1.2.3.5\n+b:1.2.3.5\n+b:1.2.3.5\n+b:1.2.3.5\n"));
}

static void the_last_good_version_stays(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    set(world, "a", NULL);
    static_files_read_now(world->files);
    files_put(world->t.directory, "a", "+a:1.2.3.5\n?\n");
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "/a: its last good version stays") == 1);
    assert_int_equal(loop_logged(&world->t, "/a:2: "), 1);
    assert_true(are(world, "+a:1.2.3.4\n"));
    expect_quiet(world);
    unlink(in(world, "a"));
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "/a: its last good version stays") == 2);
    expect_quiet(world);
    assert_true(are(world, "+a:1.2.3.4\n"));
    files_put(world->t.directory, "a", "+a:1.2.3.6\n");
    LOOP_RUN_UNTIL(&world->t, are(world, "+a:1.2.3.6\n"));
    assert_int_equal(world->n_told, 1);
}

static void complaints_have_a_limit(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "?\n?\n?\n?\n?\n?\n?\n?\n?\n?\n?\n?\n");
    set(world, "a", NULL);
    static_files_read_now(world->files);
    assert_int_equal(loop_logged(&world->t, "does not begin"), STATIC_COMPLAINTS_LOGGED);
    assert_int_equal(loop_logged(&world->t, "/a: 2 more lines are refused"), 1);
    assert_int_equal(loop_logged(&world->t, "/a: is left out"), 1);
}

static void another_set_of_files_is_read(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    files_put(world->t.directory, "b", "+b:1.2.3.4\n");
    files_put(world->t.directory, "c", "+c:1.2.3.4\n");
    set(world, "a", "b");
    static_files_read_now(world->files);
    struct static_image *before[2];
    assert_int_equal(static_files_images(world->files, before, 2), 2);
    set(world, "c", "b");
    assert_false(static_files_ready(world->files));
    LOOP_RUN_UNTIL(&world->t, static_files_ready(world->files));
    assert_true(are(world, "+c:1.2.3.4\n+b:1.2.3.4\n"));
    struct static_image *after[2];
    static_files_images(world->files, after, 2);
    assert_ptr_equal(after[1], before[1]); /* not read again */
    files_put(world->t.directory, "a", "+a:1.2.3.5\n");
    expect_quiet(world);
    set(world, NULL, NULL);
    assert_true(static_files_ready(world->files) && are(world, ""));
    expect_quiet(world);
}

static void an_image_outlives_its_file(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    set(world, "a", NULL);
    static_files_read_now(world->files);
    struct static_image *image;
    assert_int_equal(static_files_images(world->files, &image, 1), 1);
    static_image_ref(image); /* as a build does */
    set(world, NULL, NULL);
    assert_string_equal(image->entries.n == 1 ? "one" : "none", "one");
    static_image_unref(image);
}

static void files_may_be_closed_while_they_are_read(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "+a:1.2.3.4\n");
    set(world, "a", NULL);
    hold_threads(world);
    LOOP_RUN_UNTIL(&world->t, is_about_to_read(world));
    static_files_close(world->files);
    world->files = NULL;
    let_threads_go(world);
    assert_int_equal(world->n_told, 0);
}

/* ---- one file ---- */

static void versions_are_equal_if_nothing_differs(void **state)
{
    struct world *world = *state;
    files_put(world->t.directory, "a", "1");
    files_put(world->t.directory, "b", "2");
    struct static_version a;
    static_version_of(&a, in(world, "a"));
    struct static_version b;
    static_version_of(&b, in(world, "b"));
    struct static_version none;
    static_version_of(&none, in(world, "c"));
    assert_true(static_version_equal(&a, &a));
    assert_false(static_version_equal(&a, &b));
    assert_false(static_version_equal(&a, &none));
    assert_true(static_version_equal(&none, &(struct static_version){.inode = 0}));
}

static void what_is_no_file_is_an_error_once(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *path;
        int error;
    } cases[] = {
        {"/", -EISDIR}, {"/dev/null", -EINVAL}, {"/nothing/at/all", -ENOENT}, {"fifo", -EINVAL}};
    assert_int_equal(mkfifo(in(world, "fifo"), 0600), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = cases[i].path[0] == '/' ? cases[i].path : in(world, cases[i].path);
        struct static_reading reading = {.path = path, .n_told_most = 1};
        static_file_read(&reading);
        struct static_version version;
        static_version_of(&version, path);
        assert_null(reading.image);
        assert_int_equal(reading.error, cases[i].error);
        assert_int_equal(reading.complaints.count, 1);
        assert_true(static_version_equal(&reading.version, &version)); /* so it is not read again */
        complaints_fini(&reading.complaints);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_read_at_the_start),
        TEST(files_are_read_by_the_loop),
        TEST(a_file_may_be_named_twice),
        TEST(a_file_is_read_once_it_may_be),
        TEST(a_file_may_be_empty),
        TEST(a_file_being_written_is_not_read),
        TEST(what_was_read_during_a_write_is_not_used),
        TEST(a_new_file_being_written_is_left_out),
        TEST(a_growing_file_without_events_is_left_alone),
        TEST(the_last_good_version_stays),
        TEST(complaints_have_a_limit),
        TEST(another_set_of_files_is_read),
        TEST(an_image_outlives_its_file),
        TEST(files_may_be_closed_while_they_are_read),
        TEST(versions_are_equal_if_nothing_differs),
        TEST(what_is_no_file_is_an_error_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
