/* The set of databases, and which names of a registration are live in them. */
#include "../../phonebookd/publishing/databases.h"

#include "../../phonebookd/config.h"
#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "scene.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DATABASES = 3 };

struct world {
    struct scene scene;
    struct databases databases;
    char names[DATABASES][16], directories[DATABASES][96];
    struct database_options options[DATABASES]; /* public, internal, third */
    struct config config;
    unsigned n_told;
    const struct registration *waiting;
};

/* As the daemon does: checks the waiting requests. */
static void on_told(void *owner)
{
    struct world *world = owner;
    world->n_told++;
    if (world->waiting)
        databases_serve(&world->databases, world->waiting, NULL);
}

static bool configure(struct databases *databases, const struct config *config)
{
    return databases_set_options(
        databases, (const struct database_options *const *)config->databases, config->n_databases);
}

static int setup(void **state)
{
    static const char *const names[DATABASES] = {"public", "internal", "third"};
    struct world *world = calloc(1, sizeof *world);
    scene_init(&world->scene);
    loop_start_launcher(&world->scene.t);
    for (int i = 0; i < DATABASES; i++) {
        strcpy(world->names[i], names[i]);
        snprintf(world->directories[i], sizeof world->directories[i], "%s",
                 files_path(world->scene.t.directory, names[i]));
        world->options[i] = (struct database_options){
            .name = world->names[i], .directory = world->directories[i], .interval = 1};
        world->config.databases[i] = &world->options[i];
    }
    world->config.n_databases = 2;
    databases_init(&world->databases, world->scene.t.launcher, &world->scene.room.registry, on_told,
                   world);
    *state = world;
    return configure(&world->databases, &world->config) ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *world = *state;
    databases_fini(&world->databases);
    int result = scene_fini(&world->scene);
    free(world);
    return result;
}

static void build(struct world *world)
{
    databases_changed(&world->databases);
    LOOP_RUN_UNTIL(&world->scene.t, databases_at_rest(&world->databases));
}

static enum served state_of(const struct world *world, const struct registration *r, size_t i)
{
    return databases_serve_listing(&world->databases, r->claims[i].listing);
}

static void each_database_has_the_names_of_its_zones(void **state)
{
    struct world *world = *state;
    scene_claim(&world->scene, "www", "eth0");
    databases_build_now(&world->databases);
    assert_true(databases_at_rest(&world->databases));
    assert_true(scene_has(&world->scene, "public/data", ":www.box.example:28:"));
    assert_true(scene_has(&world->scene, "internal/data", "+www.internal:10.0.0.1:"));
    assert_false(scene_has(&world->scene, "public/data", "internal"));
    assert_false(scene_has(&world->scene, "internal/data", "box.example"));
}

static void a_registration_is_live_with_all_its_records(void **state)
{
    struct world *world = *state;
    struct registration *both = scene_claim(&world->scene, "www", "eth0"),
                        *one = scene_claim(&world->scene, "one", "eth1"),
                        *none = scene_claim(&world->scene, "none", "eth2");
    scene_links(&world->scene, "eth0 10.0.0.1 2001:db8::1, eth1 10.0.0.2, eth2 fe80::1");
    assert_int_equal(state_of(world, both, 0), SERVED_PENDING);
    assert_false(databases_serve(&world->databases, both, NULL));
    assert_false(databases_serve(&world->databases, none, NULL));
    build(world);
    assert_int_equal(state_of(world, both, 0), SERVED_LIVE);
    assert_int_equal(state_of(world, both, 1), SERVED_LIVE);
    assert_true(databases_serve(&world->databases, both, NULL));
    assert_int_equal(state_of(world, one, 0), SERVED_WAITING);
    assert_int_equal(state_of(world, one, 1), SERVED_LIVE);
    assert_true(databases_serve(&world->databases, one, NULL)); /* all names that have an address */
    assert_int_equal(state_of(world, none, 0), SERVED_WAITING);
    assert_false(databases_serve(&world->databases, none, NULL));
    assert_true(world->n_told > 0);
}

/* One of the two databases is quicker. */
static void a_name_is_live_once_all_databases_have_it(void **state)
{
    struct world *world = *state;
    world->options[0].interval = 100;
    assert_true(configure(&world->databases, &world->config));
    build(world);
    struct registration *r = scene_claim(&world->scene, "www", "eth0");
    databases_changed(&world->databases);
    loop_pass(&world->scene.t, 1000);
    LOOP_RUN_UNTIL(&world->scene.t, state_of(world, r, 1) == SERVED_LIVE);
    assert_int_equal(state_of(world, r, 0), SERVED_PENDING);
    assert_false(databases_serve(&world->databases, r, NULL));
    assert_false(databases_at_rest(&world->databases));
    databases_hurry(&world->databases);
    LOOP_RUN_UNTIL(&world->scene.t, databases_at_rest(&world->databases));
    assert_true(databases_serve(&world->databases, r, NULL));
}

static void a_former_holders_address_makes_nobody_live(void **state)
{
    struct world *world = *state;
    struct scene *scene = &world->scene;
    struct registration *r = scene_claim(scene, "www.internal", "eth0");
    r->options.linger = 10;
    build(world);
    registry_linger(&scene->room.registry, &scene->room.holders[0], 1);
    registry_drop_holder(&scene->room.registry, &scene->room.holders[0]);
    r = scene_claim(scene, "www.internal", "eth1");
    loop_pass(&scene->t, 1000);
    build(world);
    assert_true(scene_has(scene, "internal/data", "+www.internal:10.0.0.1:"));
    assert_int_equal(state_of(world, r, 0), SERVED_WAITING);
    assert_false(databases_serve(&world->databases, r, NULL));
    scene_links(scene, "eth1 10.0.0.2");
    loop_pass(&scene->t, 1000);
    build(world);
    assert_true(scene_has(scene, "internal/data", "+www.internal:10.0.0.2:"));
    assert_false(scene_has(scene, "internal/data", "+www.internal:10.0.0.1:"));
    assert_true(databases_serve(&world->databases, r, NULL));
}

/* A new address is not served yet, although the name is live; a tentative one may still come. */
static void who_waits_waits_for_all_addresses(void **state)
{
    struct world *world = *state;
    struct scene *scene = &world->scene;
    struct registration *r = scene_claim(scene, "www", "eth0");
    scene_links(scene, "eth0 10.0.0.1 2001:db8::1=tentative");
    build(world);
    assert_int_equal(state_of(world, r, 1), SERVED_LIVE);
    assert_false(databases_serve(&world->databases, r, NULL));
    assert_true(databases_serve(&world->databases, r, "internal"));
    assert_false(databases_serve(&world->databases, r, "box.example"));
    char why[REGISTRY_WHY_MAX];
    databases_why_not(&world->databases, r, NULL, why);
    assert_string_equal(why, "registered, but not live: www.box.example: tentative");
    scene_links(scene, "eth0 10.0.0.1 2001:db8::1");
    assert_false(databases_serve(&world->databases, r, NULL)); /* it is in no file yet */
    databases_why_not(&world->databases, r, NULL, why);
    assert_non_null(strstr(why, "www.box.example: pending"));
    loop_pass(&scene->t, 1000);
    build(world);
    assert_true(databases_serve(&world->databases, r, NULL));
    assert_true(databases_serve(&world->databases, r, ""));
    scene_links(scene, "eth0 10.0.0.1 10.0.0.2 2001:db8::1");
    assert_int_equal(state_of(world, r, 1), SERVED_LIVE); /* as the list shows */
    assert_false(databases_serve(&world->databases, r, NULL));
    assert_true(databases_serve(&world->databases, r, "internal") ==
                databases_serve(&world->databases, r, ""));
    loop_pass(&scene->t, 1000);
    build(world);
    assert_true(databases_serve(&world->databases, r, NULL));
    scene_links(scene, "eth0 10.0.0.1");
    loop_pass(&scene->t, 1000);
    build(world);
    assert_true(databases_serve(&world->databases, r, NULL));
    assert_false(databases_serve(&world->databases, r, ""));
    databases_why_not(&world->databases, r, "", why);
    assert_string_equal(why, "registered, but not live: www.box.example: zone-rule");
}

static void a_database_may_report_while_the_set_changes(void **state)
{
    struct world *world = *state;
    struct database_options with_command = world->options[1];
    struct config before = world->config;
    char command[] = "command /bin/true";
    assert_null(reload_options_parse(&with_command.reload, command));
    before.databases[1] = &with_command;
    assert_true(configure(&world->databases, &before));
    world->waiting = scene_claim(&world->scene, "www", "eth0");
    build(world);
    LOOP_RUN_UNTIL(&world->scene.t, databases_serve(&world->databases, world->waiting, NULL));
    world->n_told = 0;
    struct config after = {.n_databases = 3};
    after.databases[0] = &world->options[1];
    after.databases[1] = &world->options[2];
    after.databases[2] = &world->options[0];
    assert_true(configure(&world->databases, &after));
    assert_true(world->n_told > 0);
    assert_true(databases_serve(&world->databases, world->waiting, NULL));
    reload_options_fini(&with_command.reload);
}

/* The configuration lacks its database, or lacks it now. */
static void a_zone_without_a_database_is_never_live(void **state)
{
    struct world *world = *state;
    struct registration *r = scene_claim(&world->scene, "www", "eth0");
    world->config.n_databases = 1;
    assert_true(configure(&world->databases, &world->config));
    build(world);
    assert_int_equal(state_of(world, r, 0), SERVED_LIVE);
    assert_int_equal(state_of(world, r, 1), SERVED_PENDING);
    assert_false(databases_serve(&world->databases, r, NULL));
}

/* Other databases come and go. */
static void a_directory_that_stays_keeps_its_database(void **state)
{
    struct world *world = *state;
    struct registration *r = scene_claim(&world->scene, "www.box.example", "eth0");
    const struct database *kept = world->databases.all[0];
    struct database_options moved = world->options[0];
    struct config other = {.databases = {&world->options[2], &moved}, .n_databases = 2};
    build(world);
    assert_true(configure(&world->databases, &other));
    assert_ptr_equal(world->databases.all[1], kept);
    assert_ptr_equal(database_options(kept), &moved);
    assert_true(databases_serve(&world->databases, r, NULL));
    build(world);
    assert_int_equal(access(files_path(world->scene.t.directory, "third/data.cdb"), F_OK), 0);
    assert_true(databases_serve(&world->databases, r, NULL));
    assert_true(configure(&world->databases, &world->config)); /* and back */
    loop_settle(&world->scene.t);
    build(world);
    other.n_databases = 0;
    assert_true(configure(&world->databases, &other));
    assert_true(databases_at_rest(&world->databases));
}

static void a_directory_that_cannot_be_had_changes_nothing(void **state)
{
    static const char *const problems[][2] = {{"file/third", "file/third: "},
                                              {"public", "another process"}};
    struct world *world = *state;
    const struct database *before[2] = {world->databases.all[0], world->databases.all[1]};
    struct registration *r = scene_claim(&world->scene, "www", "eth0");
    char new_path[128];
    struct database_options new = {.name = (char[]){"new"}, .directory = new_path, .interval = 1};
    snprintf(new_path, sizeof new_path, "%s", files_path(world->scene.t.directory, "new"));
    files_put(world->scene.t.directory, "file", "");
    struct databases second;
    for (int i = 0; i < 2; i++) {
        struct databases *databases = &world->databases;
        struct config wanted = {.databases = {&world->options[2]}, .n_databases = 1};
        snprintf(world->directories[2], sizeof world->directories[2], "%s",
                 files_path(world->scene.t.directory, problems[i][0]));
        if (i == 0) { /* with one that is kept, and one that was opened for it */
            wanted.databases[0] = &world->options[0];
            wanted.databases[1] = &new;
            wanted.databases[2] = &world->options[2];
            wanted.n_databases = 3;
        } else {
            databases = &second;
            databases_init(databases, world->scene.t.launcher, &world->scene.room.registry, on_told,
                           world);
        }
        assert_false(configure(databases, &wanted));
        assert_int_equal(loop_logged(&world->scene.t, problems[i][1]), 1);
        loop_settle(&world->scene.t);
    }
    assert_int_equal(second.n, 0);
    assert_int_equal(world->databases.n, 2);
    assert_ptr_equal(world->databases.all[0], before[0]);
    assert_ptr_equal(world->databases.all[1], before[1]);
    build(world);
    assert_true(databases_serve(&world->databases, r, NULL));
}

/* Not even the names of an earlier build. */
static void nothing_is_live_while_the_server_cannot_be_told(void **state)
{
    struct world *world = *state;
    struct registration *www = scene_claim(&world->scene, "www.box.example", "eth0");
    struct database_options untold = world->options[0];
    struct config other = {.databases = {&untold, &world->options[1]}, .n_databases = 2};
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s", files_path(world->scene.t.directory, "pid"));
    untold.reload = (struct reload_options){RELOAD_SIGNAL, file, SIGHUP, NULL};
    build(world);
    assert_true(databases_serve(&world->databases, www, NULL));
    files_put(world->scene.t.directory, "pid", "no number\n");
    assert_true(configure(&world->databases, &other));
    struct registration *mail = scene_claim(&world->scene, "mail.box.example", "eth0");
    build(world);
    assert_int_equal(state_of(world, www, 0), SERVED_PENDING);
    assert_int_equal(state_of(world, mail, 0), SERVED_PENDING);
    char why[REGISTRY_WHY_MAX];
    databases_why_not(&world->databases, mail, NULL, why);
    assert_non_null(strstr(why, "mail.box.example: untold, since the server of database public "
                                "cannot be told: no process"));
    assert_int_equal(unlink(file), 0);
    loop_pass(&world->scene.t, RELOAD_RETRY_MS);
    assert_true(databases_serve(&world->databases, www, NULL));
    assert_true(databases_serve(&world->databases, mail, NULL));
    assert_true(configure(&world->databases, &world->config));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(each_database_has_the_names_of_its_zones),
        TEST(a_registration_is_live_with_all_its_records),
        TEST(a_name_is_live_once_all_databases_have_it),
        TEST(a_former_holders_address_makes_nobody_live),
        TEST(who_waits_waits_for_all_addresses),
        TEST(a_zone_without_a_database_is_never_live),
        TEST(a_directory_that_stays_keeps_its_database),
        TEST(a_directory_that_cannot_be_had_changes_nothing),
        TEST(a_database_may_report_while_the_set_changes),
        TEST(nothing_is_live_while_the_server_cannot_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
