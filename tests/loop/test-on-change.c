/* A zone's on-change program that fails is run again. */
#include "../../phonebookd/publishing/on-change.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
    struct test_loop t;
    struct zone zone;
    struct image image; /* without records */
    struct kept kept;
    struct on_changes set;
};

/* Each run adds its serial to a file, is slow if a file "slow" exists, and fails unless a file
 * "good" exists. */
static const char script[] = "cd \"$PHONEBOOK_DIRECTORY\" && echo $PHONEBOOK_SERIAL >> runs && "
                             "{ ! [ -e slow ] || sleep 600; } && [ -e good ]";

static const struct kept_images no_images;

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    const char *const words[] = {"/bin/sh", "-c", script, NULL};
    loop_setup(&world->t);
    loop_start_launcher(&world->t);
    zone_init(&world->zone);
    strcpy(world->zone.name, "internal");
    zone_complete(&world->zone);
    world->zone.on_change = calloc(4, sizeof *world->zone.on_change);
    for (int i = 0; words[i]; i++)
        world->zone.on_change[i] = strdup(words[i]);
    world->zone.database = strdup("main");
    image_init(&world->image);
    assert_true(kept_init(&world->kept, "main", &(const struct zone *){&world->zone}, 1,
                          &world->image, &no_images));
    world->set.launcher = world->t.launcher;
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    on_changes_close(&world->set);
    int result = loop_teardown(&world->t);
    kept_fini(&world->kept);
    image_fini(&world->image);
    zone_fini(&world->zone);
    free(world);
    return result;
}

/* The serials of the runs so far are these, each on a line. */
static bool runs_are(const struct world *world, const char *serials)
{
    return strcmp(files_text(world->t.directory, "runs"), serials) == 0;
}

static void make(const struct world *world, const char *name)
{
    assert_int_equal(mkdir(files_path(world->t.directory, name), 0755), 0);
}

static void run(struct world *world, uint32_t serial)
{
    on_changes_run(&world->set, &world->kept, world->t.directory, serial, true);
}

static void expect_runs(struct world *world, const char *serials, unsigned faults)
{
    LOOP_RUN_UNTIL(&world->t, runs_are(world, serials) &&
                                  loop_logged(&world->t, "exited with 1; again in") == faults);
}

static void a_program_is_run_again_until_it_succeeds(void **state)
{
    struct world *world = *state;
    run(world, 1);
    expect_runs(world, "1\n", 1);
    loop_pass(&world->t, PROGRAM_RETRY_MS - 1000);
    assert_true(runs_are(world, "1\n"));
    loop_pass(&world->t, 1000);
    expect_runs(world, "1\n1\n", 2);
    assert_int_equal(loop_logged(&world->t, "; again in 15 s"), 1);
    assert_int_equal(loop_logged(&world->t, "; again in 30 s"), 1);
    make(world, "good");
    loop_pass(&world->t, 2 * PROGRAM_RETRY_MS);
    expect_runs(world, "1\n1\n1\n", 2);
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "succeeded") == 1);
    loop_pass(&world->t, PROGRAM_RETRY_MAX_MS);
    assert_true(runs_are(world, "1\n1\n1\n"));
    run(world, 2);
    expect_runs(world, "1\n1\n1\n2\n", 2);
    loop_settle(&world->t);
    assert_int_equal(loop_logged(&world->t, "succeeded"), 1); /* further successes are not logged */
}

static void a_change_does_not_wait_for_the_next_try(void **state)
{
    struct world *world = *state;
    run(world, 1);
    expect_runs(world, "1\n", 1);
    loop_pass(&world->t, PROGRAM_RETRY_MS);
    expect_runs(world, "1\n1\n", 2);
    run(world, 2);
    expect_runs(world, "1\n1\n2\n", 3);
    loop_pass(&world->t, PROGRAM_RETRY_MS - 1000); /* the delay begins anew */
    assert_true(runs_are(world, "1\n1\n2\n"));
    loop_pass(&world->t, 1000);
    expect_runs(world, "1\n1\n2\n2\n", 4); /* with the latest facts */
}

/* As when the network is back. */
static void what_failed_is_run_again_at_once_on_request(void **state)
{
    struct world *world = *state;
    run(world, 1);
    expect_runs(world, "1\n", 1);
    loop_pass(&world->t, PROGRAM_RETRY_MS);
    expect_runs(world, "1\n1\n", 2);
    on_changes_retry(&world->set);
    expect_runs(world, "1\n1\n1\n", 3);
    assert_int_equal(loop_logged(&world->t, "again in 15 s"), 2);
    assert_int_equal(loop_logged(&world->t, "again in 30 s"), 1);
    make(world, "good");
    on_changes_retry(&world->set);
    expect_runs(world, "1\n1\n1\n1\n", 3);
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "succeeded") == 1);
    on_changes_retry(&world->set);
    loop_pass(&world->t, PROGRAM_RETRY_MAX_MS);
    assert_true(runs_are(world, "1\n1\n1\n1\n"));
}

static void a_request_to_retry_does_not_disturb_a_running_program(void **state)
{
    struct world *world = *state;
    run(world, 1);
    on_changes_retry(&world->set); /* nothing has failed */
    expect_runs(world, "1\n", 1);
    loop_pass(&world->t, PROGRAM_RETRY_MS);
    on_changes_retry(&world->set);
    expect_runs(world, "1\n1\n1\n", 3);
}

static void changes_while_it_runs_are_one_more_run(void **state)
{
    struct world *world = *state;
    run(world, 1);
    run(world, 2);
    run(world, 3);
    expect_runs(world, "1\n3\n", 2);
}

static void tries_become_as_rare_as_every_five_minutes(void **state)
{
    struct world *world = *state;
    run(world, 1);
    unsigned delay = PROGRAM_RETRY_MS;
    for (unsigned n = 1; n < 12; n++) {
        LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "exited with 1; again in") == n);
        loop_pass(&world->t, delay);
        delay = 2 * delay < PROGRAM_RETRY_MAX_MS ? 2 * delay : PROGRAM_RETRY_MAX_MS;
    }
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "again in 300 s") == 7);
}

static void a_program_is_killed_after_its_limit(void **state)
{
    struct world *world = *state;
    make(world, "slow");
    run(world, 1);
    LOOP_RUN_UNTIL(&world->t, runs_are(world, "1\n"));
    loop_pass(&world->t, ON_CHANGE_LIMIT_MS);
    LOOP_RUN_UNTIL(&world->t, loop_logged(&world->t, "ms and was killed; again in 15 s") == 1);
}

static void a_program_may_be_closed_while_it_waits(void **state)
{
    struct world *world = *state;
    run(world, 1);
    expect_runs(world, "1\n", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_program_is_run_again_until_it_succeeds),
        TEST(a_change_does_not_wait_for_the_next_try),
        TEST(changes_while_it_runs_are_one_more_run),
        TEST(what_failed_is_run_again_at_once_on_request),
        TEST(a_request_to_retry_does_not_disturb_a_running_program),
        TEST(tries_become_as_rare_as_every_five_minutes),
        TEST(a_program_is_killed_after_its_limit),
        TEST(a_program_may_be_closed_while_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
