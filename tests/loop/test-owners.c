/* Which owner a uid is charged to, by the file and the user database, and when the file changes. */
#include "../../phonebookd/clients/owners.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world {
    struct test_loop t;
    char path[FILES_DIRECTORY_MAX + 8];
    struct owners owners;
    int error; /* the result of all lookups */
    bool slow; /* lookups wait until it is false */
    unsigned asked;
};

/* A user's uid is the length of his name; "nobody-there" is unknown. */
static int find(void *context, enum nss_kind kind, const char *name, uint32_t *id)
{
    struct world *world = context;
    assert_int_equal(kind, NSS_USER);
    while (__atomic_load_n(&world->slow, __ATOMIC_SEQ_CST))
        usleep(1000);
    __atomic_add_fetch(&world->asked, 1, __ATOMIC_SEQ_CST);
    if (world->error || strcmp(name, "nobody-there") == 0)
        return world->error ? world->error : -ENOENT;
    *id = strcmp(name, "root") == 0 ? 0 : (uint32_t)strlen(name);
    return 0;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    loop_setup(&world->t);
    snprintf(world->path, sizeof world->path, "%s/subuid", world->t.directory);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    owners_close(&world->owners);
    LOOP_RUN_UNTIL(&world->t, !world->owners.working);
    int result = loop_teardown(&world->t);
    owners_fini(&world->owners);
    free(world);
    return result;
}

static void put(const struct world *world, const char *text)
{
    files_write(world->path, text, strlen(text));
}

static void start(struct world *world, const char *path)
{
    owners_init(&world->owners, path, &world->t.loop, find, world);
    owners_wait(&world->owners);
    LOOP_RUN_UNTIL(&world->t, !world->owners.working); /* if the machine is too busy */
}

/* The owner, once everything that this causes has happened. */
static uint32_t look(struct world *world, uint32_t uid)
{
    owners_find(&world->owners, uid);
    LOOP_RUN_UNTIL(&world->t, !world->owners.working);
    return owners_find(&world->owners, uid);
}

static void a_range_is_charged_to_its_user(void **state)
{
    struct world *world = *state;
    put(world, "1000:100000:65536\n"
               "daemon:200000:10\n"
               "nobody-there:300000:10\n"
               "1001:300000:100\n"
               "root:400000:1000\n"
               "1002:0:10\n");
    start(world, world->path);
    assert_int_equal(owners_find(&world->owners, 1000), 1000);
    assert_int_equal(owners_find(&world->owners, 100078), 1000);
    assert_int_equal(owners_find(&world->owners, 165536), 165536);
    assert_int_equal(owners_find(&world->owners, 200009), 6);
    assert_int_equal(owners_find(&world->owners, 300000), 300000); /* an unknown user's range */
    assert_int_equal(owners_find(&world->owners, 300010), 1001);
    assert_int_equal(owners_find(&world->owners, 400017), 400000); /* only root is exempt */
    assert_int_equal(owners_find(&world->owners, 0), 0);
    assert_int_equal(owners_find(&world->owners, 9), 1002);
    assert_int_equal(world->asked, 3);
}

/* At the next look, a second after the last at the earliest. */
static void a_change_of_the_file_is_followed(void **state)
{
    struct world *world = *state;
    start(world, world->path);
    assert_int_equal(look(world, 100000), 100000);
    put(world, "1000:100000:10\n");
    loop_pass(&world->t, SUBUID_LOOK_MS - 1);
    assert_int_equal(look(world, 100000), 100000);
    loop_pass(&world->t, 1);
    assert_int_equal(look(world, 100000), 1000);
    put(world, "1001:100000:100\n");
    assert_int_equal(look(world, 100000), 1000);
    loop_pass(&world->t, SUBUID_LOOK_MS);
    assert_int_equal(look(world, 100000), 1001);
    assert_int_equal(unlink(world->path), 0);
    loop_pass(&world->t, SUBUID_LOOK_MS);
    assert_int_equal(look(world, 100000), 100000);
    assert_int_equal(loop_logged(&world->t, "cannot be read"), 0);
}

/* This is logged once, and tried again. */
static void an_unreadable_file_counts_as_none(void **state)
{
    struct world *world = *state;
    start(world, world->t.directory);
    assert_int_equal(look(world, 100000), 100000);
    loop_pass(&world->t, SUBUID_LOOK_MS);
    assert_int_equal(look(world, 100000), 100000);
    assert_int_equal(loop_logged(&world->t, "cannot be read"), 1);
    world->owners.path = world->path;
    put(world, "1000:100000:10\n");
    loop_pass(&world->t, SUBUID_LOOK_MS);
    assert_int_equal(look(world, 100000), 1000);
}

/* The user database did not answer. It is asked again. */
static void a_range_of_an_unknown_user_is_one_user(void **state)
{
    struct world *world = *state;
    put(world, "daemon:200000:10\n");
    world->error = -EIO;
    start(world, world->path);
    assert_int_equal(owners_find(&world->owners, 200003), 200000);
    loop_pass(&world->t, SUBUID_LOOK_MS);
    assert_int_equal(look(world, 200004), 200000);
    assert_int_equal(world->asked, 1);
    world->error = 0;
    loop_pass(&world->t, SUBUID_ASK_MS);
    assert_int_equal(look(world, 200004), 6);
    assert_int_equal(loop_logged(&world->t, "looked up"), 1);
}

/* The loop goes on with the former ranges. */
static void a_slow_answer_stops_nobody(void **state)
{
    struct world *world = *state;
    put(world, "1000:200000:10\n");
    start(world, world->path);
    put(world, "daemon:200000:10\n");
    world->slow = true;
    loop_pass(&world->t, SUBUID_LOOK_MS);
    assert_int_equal(owners_find(&world->owners, 200003), 1000);
    assert_true(world->owners.working);
    loop_settle(&world->t);
    assert_int_equal(owners_find(&world->owners, 200003), 1000);
    __atomic_store_n(&world->slow, false, __ATOMIC_SEQ_CST);
    LOOP_RUN_UNTIL(&world->t, !world->owners.working);
    assert_int_equal(owners_find(&world->owners, 200003), 6);
}

static void without_a_file_each_uid_is_its_own(void **state)
{
    (void)state;
    assert_int_equal(owners_find(NULL, 100000), 100000);
    assert_false(owners_is_nobody(NULL, 65534));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_range_is_charged_to_its_user),
        TEST(a_change_of_the_file_is_followed),
        TEST(an_unreadable_file_counts_as_none),
        TEST(a_range_of_an_unknown_user_is_one_user),
        TEST(a_slow_answer_stops_nobody),
        cmocka_unit_test(without_a_file_each_uid_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
