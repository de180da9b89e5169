/* System facts: the host's name is noticed at once, users and groups within a minute. Each test has
 * a UTS namespace of its own. */
#include "../../phonebookd/facts.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
    struct test_loop t;
    struct facts facts;
    unsigned n_changed;
};

static void on_changed(void *owner)
{
    struct world *world = owner;
    world->n_changed++;
}

static void name_host(const char *name)
{
    assert_int_equal(sethostname(name, strlen(name)), 0);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    loop_setup(&world->t);
    if (unshare(CLONE_NEWUTS) == 0)
        name_host("box.example");
    facts_init(&world->facts, &world->t.loop, "box.example", on_changed, world);
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    facts_close(&world->facts);
    int result = loop_teardown(&world->t);
    free(world);
    return result;
}

static void need_namespace(void)
{
    char name[64] = "";
    gethostname(name, sizeof name - 1);
    if (strcmp(name, "box.example") != 0)
        skip(); /* needs root */
}

static void a_new_host_name_is_noticed(void **state)
{
    struct world *world = *state;
    need_namespace();
    loop_settle(&world->t);
    assert_int_equal(world->n_changed, 0);
    for (unsigned i = 0; i < 3; i++) {
        name_host(i % 2 ? "box.example" : "other.example");
        LOOP_RUN_UNTIL(&world->t, world->n_changed == i + 1);
        loop_settle(&world->t);
        assert_int_equal(world->n_changed, i + 1);
    }
    name_host("other.example"); /* the host has this name already */
    loop_settle(&world->t);
    loop_pass(&world->t, FACTS_LOOK_MS);
    assert_int_equal(world->n_changed, 3);
}

/* The kernel wakes us for changes in every UTS namespace. */
static void a_host_name_of_another_namespace_is_none_of_ours(void **state)
{
    struct world *world = *state;
    need_namespace();
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(CLONE_NEWUTS) < 0 || sethostname("else", 4) < 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    loop_settle(&world->t);
    assert_int_equal(world->n_changed, 0);
    name_host("other.example");
    LOOP_RUN_UNTIL(&world->t, world->n_changed == 1);
}

/* As in a unit with ProcSubset=pid. */
static void without_the_file_the_name_is_looked_at_by_the_minute(void **state)
{
    struct world *world = *state;
    need_namespace();
    uv_poll_stop(&world->facts.poll);
    name_host("other.example");
    loop_settle(&world->t);
    assert_int_equal(world->n_changed, 0);
    loop_pass(&world->t, FACTS_LOOK_MS);
    assert_int_equal(world->n_changed, 1);
}

static void a_name_set_since_it_was_read_is_noticed(void **state)
{
    struct world *world = *state;
    need_namespace();
    struct facts other;
    facts_init(&other, &world->t.loop, "before.example", on_changed, world);
    assert_int_equal(world->n_changed, 1);
    loop_pass(&world->t, FACTS_LOOK_MS);
    assert_int_equal(world->n_changed, 1);
    facts_close(&other);
    loop_settle(&world->t);
}

static void unknown_users_are_looked_for_by_the_minute(void **state)
{
    struct world *world = *state;
    loop_pass(&world->t, FACTS_LOOK_MS); /* without a namespace of ours, the name is another */
    unsigned before = world->n_changed;
    loop_pass(&world->t, 10 * FACTS_LOOK_MS);
    assert_int_equal(world->n_changed, before);
    world->facts.unknown = true;
    for (int i = 0; i < 3; i++)
        loop_pass(&world->t, FACTS_LOOK_MS);
    assert_int_equal(world->n_changed, before + 3);
    world->facts.unknown = false;
    loop_pass(&world->t, FACTS_LOOK_MS);
    assert_int_equal(world->n_changed, before + 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_new_host_name_is_noticed),
        TEST(a_host_name_of_another_namespace_is_none_of_ours),
        TEST(without_the_file_the_name_is_looked_at_by_the_minute),
        TEST(a_name_set_since_it_was_read_is_noticed),
        TEST(unknown_users_are_looked_for_by_the_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
