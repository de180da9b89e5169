/* One database: when it is built, what is live, and what happens if it cannot be written. */
#include "../../phonebookd/publishing/database.h"

#include "../../phonebookd/limits.h"
#include "../../phonebookd/log.h"
#include "../unit/test.h"
#include "clock.h"
#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 10000 }; /* names */

struct world {
    struct scene scene;
    char path[128]; /* of the database */
    char name[16];
    struct database_options config;
    struct database *database;
    unsigned n_told;
    bool rests;  /* at the last news */
    bool closes; /* at the news */
    bool text;   /* at the last news, `data` had www.internal */
};

static void on_told(void *owner)
{
    struct world *world = owner;
    world->n_told++;
    world->rests = database_at_rest(world->database);
    world->text = scene_has(&world->scene, "db/data", "+www.internal:");
    if (world->closes) {
        database_close(world->database);
        world->database = NULL;
    }
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    signal(SIGPIPE, SIG_IGN);
    scene_init(&world->scene);
    loop_start_launcher(&world->scene.t);
    log_set_verbose(true); /* a line for each build */
    snprintf(world->path, sizeof world->path, "%s", files_path(world->scene.t.directory, "db"));
    strcpy(world->name, "internal");
    world->config =
        (struct database_options){.name = world->name, .directory = world->path, .interval = 1};
    *state = world;
    return database_new(&world->database, world->scene.t.launcher, &world->config,
                        &world->scene.room.registry, on_told, world);
}

static int teardown(void **state)
{
    struct world *world = *state;
    if (world->database)
        database_close(world->database);
    int result = scene_fini(&world->scene);
    log_set_verbose(false);
    free(world);
    return result;
}

static unsigned builds(const struct world *world)
{
    return loop_logged(&world->scene.t, ": serial ");
}

/* Asserts that it is at rest after this many builds in all. */
static void expect_builds(struct world *world, unsigned n)
{
    LOOP_RUN_UNTIL(&world->scene.t, database_at_rest(world->database));
    assert_int_equal(builds(world), n);
}

/* Waits for the builds that have begun. */
static void let_finish(struct world *world)
{
    loop_settle(&world->scene.t);
    LOOP_RUN_UNTIL(&world->scene.t, world->scene.t.loop.active_reqs.count == 0);
}

/* Asserts that the next build waits for its time, after this many builds. */
static void expect_paced(struct world *world, unsigned n)
{
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == n);
    let_finish(world);
    assert_int_equal(builds(world), n);
    assert_false(database_at_rest(world->database));
}

static bool has(const struct world *world, const char *text)
{
    return scene_has(&world->scene, "db/data", text);
}

static struct registration *publish(struct world *world, const char *name)
{
    struct registration *r = scene_claim(&world->scene, name, "eth0");
    database_changed(world->database);
    return r;
}

static void start(struct world *world)
{
    assert_int_equal(database_build_now(world->database), 0);
    assert_int_equal(builds(world), 1);
    loop_pass(&world->scene.t, 1500); /* a quiet second, in which the replaced file is closed */
    expect_builds(world, 1);
}

/* ---- when ---- */

static void at_the_start_the_files_are_written(void **state)
{
    struct world *world = *state;
    assert_int_equal(access(world->path, F_OK), 0);
    assert_int_equal(database_build_now(world->database), 0);
    assert_true(has(world, "Zinternal:"));
    assert_false(has(world, "box.example"));
    assert_int_equal(builds(world), 1);
    assert_int_equal(database_build_now(world->database), 0); /* nothing has changed */
    expect_builds(world, 1);
}

static void the_first_change_is_written_at_once(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "www.internal");
    expect_builds(world, 2);
    assert_true(has(world, "+www.internal:10.0.0.1:60"));
}

static void changes_are_written_once_per_interval(void **state)
{
    enum { N = 50 };
    struct world *world = *state;
    start(world);
    for (int i = 0; i < N; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%d.internal", i);
        publish(world, name);
        uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
    }
    expect_paced(world, 2);
    loop_pass(&world->scene.t, 500);
    expect_paced(world, 2);
    loop_pass(&world->scene.t, 500);
    expect_builds(world, 3);
    assert_true(has(world, "+n0.internal:") && has(world, "+n49.internal:"));
    publish(world, "more.internal");
    expect_paced(world, 3);
    loop_pass(&world->scene.t, 1000);
    expect_builds(world, 4);
    loop_pass(&world->scene.t, 1000);
    publish(world, "quiet.internal");
    expect_builds(world, 5);
}

struct turns {
    uv_idle_t idle;
    int64_t last, longest, all; /* ns of processor time; `last` is when it was looked at */
};

static void on_turn(uv_idle_t *idle)
{
    struct turns *turns = idle->data;
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (turns->last > 0) {
        turns->all += ns - turns->last;
        if (ns - turns->last > turns->longest)
            turns->longest = ns - turns->last;
    }
    turns->last = ns;
}

static void very_many_names_do_not_stop_the_loop(void **state)
{
    struct world *world = *state;
    start(world);
    for (int i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%05d.internal", i);
        scene_claim(&world->scene, name, "eth0");
    }
    struct turns turns = {.last = 0};
    uv_idle_init(&world->scene.t.loop, &turns.idle);
    turns.idle.data = &turns;
    uv_idle_start(&turns.idle, on_turn);
    on_turn(&turns.idle);
    database_changed(world->database);
    LOOP_RUN_UNTIL(&world->scene.t, has(world, "+n09999.internal:"));
    uv_close((uv_handle_t *)&turns.idle, NULL);
    loop_settle(&world->scene.t);
    assert_in_range(turns.longest, 1, turns.all / 2);
}

static void a_longer_interval_is_kept(void **state)
{
    struct world *world = *state;
    world->config.interval = 10;
    database_set_options(world->database, &world->config);
    start(world);
    loop_pass(&world->scene.t, 9000);
    publish(world, "a.internal");
    expect_builds(world, 2);
    publish(world, "b.internal");
    loop_pass(&world->scene.t, 9000);
    expect_paced(world, 2);
    loop_pass(&world->scene.t, 1000);
    expect_builds(world, 3);
}

static void equal_records_cause_no_build(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "www.internal");
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1000);
    struct stat before;
    assert_int_equal(stat(files_path(world->scene.t.directory, "db/data.cdb"), &before), 0);
    for (int i = 0; i < 5; i++) {
        database_changed(world->database);
        loop_pass(&world->scene.t, 1000);
    }
    scene_links(&world->scene, "eth0 10.0.0.1 2001:db8::1 fe80::1");
    database_changed(world->database);
    publish(world, "nothing.box.example"); /* it is in the other database */
    struct registration *r =
        scene_claim(&world->scene, "www.internal", "none"); /* adds no address */
    database_changed(world->database);
    expect_builds(world, 2);
    assert_false(database_serves(world->database, r->claims[0].listing) &&
                 r->claims[0].listing->state != LISTING_SHOWN);
    struct stat after;
    assert_int_equal(stat(files_path(world->scene.t.directory, "db/data.cdb"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(loop_logged(&world->scene.t, "phonebookd"), 2);
}

static void a_change_taken_back_causes_no_build(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "www.internal");
    expect_builds(world, 2);
    scene_links(&world->scene, "eth0 10.0.0.2");
    database_changed(world->database);
    expect_paced(world, 2);
    scene_links(&world->scene, "eth0 10.0.0.1");
    database_changed(world->database);
    loop_pass(&world->scene.t, 1000);
    expect_builds(world, 2);
}

static void a_change_during_a_build_causes_another(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "a.internal");
    uv_run(&world->scene.t.loop, UV_RUN_NOWAIT); /* its turn has come, and may be over already */
    publish(world, "b.internal");
    expect_paced(world, 2);
    assert_true(has(world, "+a.internal:"));
    assert_false(has(world, "+b.internal:"));
    loop_pass(&world->scene.t, 1000);
    expect_builds(world, 3);
    assert_true(has(world, "+b.internal:"));
}

static void a_name_that_goes_leaves_the_files(void **state)
{
    struct world *world = *state;
    start(world);
    struct registration *r = publish(world, "www.internal");
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1000);
    scene_drop(&world->scene, r);
    database_changed(world->database);
    expect_builds(world, 3);
    assert_false(has(world, "www"));
    assert_true(has(world, "Zinternal:"));
}

static void a_hurry_does_not_wait_for_the_interval(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "a.internal");
    expect_builds(world, 2);
    publish(world, "b.internal");
    expect_paced(world, 2);
    database_hurry(world->database);
    expect_builds(world, 3);
    assert_true(world->rests); /* so that an ending owner can go on */
    publish(world, "c.internal");
    uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
    publish(world, "d.internal");
    expect_builds(world, 5);
}

/* ---- what is live ---- */

static void a_name_is_live_with_its_build(void **state)
{
    struct world *world = *state;
    start(world);
    world->n_told = 0;
    const struct listing *shown = publish(world, "www.internal")->claims[0].listing;
    struct registration *r = scene_claim(&world->scene, "none.internal", "eth1");
    const struct listing *hidden = r->claims[0].listing;
    assert_false(database_serves(world->database, shown));
    expect_builds(world, 2);
    assert_true(world->n_told > 0);
    assert_true(database_serves(world->database, shown));
    assert_false(database_serves(world->database, hidden));
    assert_int_equal(hidden->state, LISTING_HIDDEN);

    scene_links(&world->scene, "eth0 10.0.0.1, eth1 10.0.0.2");
    database_changed(world->database);
    expect_paced(world, 2);
    assert_true(database_serves(world->database, shown));
    assert_false(database_serves(world->database, hidden));
    loop_pass(&world->scene.t, 1000);
    expect_builds(world, 3);
    assert_true(database_serves(world->database, hidden));

    /* another holder with the same addresses is live once it was looked at */
    loop_pass(&world->scene.t, 1000);
    world->n_told = 0;
    scene_links(&world->scene, "eth0 10.0.0.1, eth1 10.0.0.2, eth2 10.0.0.1");
    scene_claim(&world->scene, "www.internal", "eth2");
    database_changed(world->database);
    assert_false(database_serves(world->database, shown));
    expect_builds(world, 3);
    assert_true(database_serves(world->database, shown));
    assert_true(world->n_told > 0);
}

static void a_name_is_live_once_the_server_was_told(void **state)
{
    struct world *world = *state;
    assert_int_equal(mkfifo(files_path(world->scene.t.directory, "go"), 0600), 0);
    int fd = open(files_path(world->scene.t.directory, "go"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    files_put(world->scene.t.directory, "script", "read line <\"$1\"\n");
    start(world);
    char value[256];
    snprintf(value, sizeof value, "command /bin/sh %s %s",
             files_path(world->scene.t.directory, "script"),
             files_path(world->scene.t.directory, "go"));
    assert_null(reload_options_parse(&world->config.reload, value));
    database_set_options(world->database, &world->config);
    const struct listing *listing = publish(world, "www.internal")->claims[0].listing;
    expect_builds(world, 2);
    assert_true(has(world, "+www.internal:"));
    assert_false(database_serves(world->database, listing));
    world->n_told = 0;
    assert_int_equal(write(fd, "\n", 1), 1);
    LOOP_RUN_UNTIL(&world->scene.t, world->n_told > 0);
    assert_true(database_serves(world->database, listing));
    close(fd);
    database_close(world->database);
    world->database = NULL;
    loop_settle(&world->scene.t);
    reload_options_fini(&world->config.reload);
}

/* Servers do not read the text. */
static void a_name_is_live_before_the_text_is_written(void **state)
{
    struct world *world = *state;
    start(world);
    world->n_told = 0;
    const struct listing *listing = publish(world, "www.internal")->claims[0].listing;
    LOOP_RUN_UNTIL(&world->scene.t, world->n_told > 0);
    assert_true(database_serves(world->database, listing));
    assert_false(world->text);
    expect_builds(world, 2);
    assert_true(has(world, "+www.internal:"));
}

/* Sets `reload`, about which the owner gets news too. */
static void set_reload(struct world *world, const char *words)
{
    char value[64];
    strcpy(value, words);
    reload_options_fini(&world->config.reload);
    assert_null(reload_options_parse(&world->config.reload, value));
    database_set_options(world->database, &world->config);
    loop_settle(&world->scene.t);
    world->n_told = 0;
}

/* Either the server is not told, or the program cannot be run. */
static void the_owner_hears_of_a_build_once(void **state)
{
    struct world *world = *state;
    start(world);
    set_reload(world, "none");
    publish(world, "a.internal");
    expect_builds(world, 2);
    let_finish(world);
    assert_int_equal(world->n_told, 1);
    loop_pass(&world->scene.t, 1000);
    set_reload(world, "command /nowhere/at/all");
    publish(world, "b.internal");
    expect_builds(world, 3);
    let_finish(world);
    LOOP_RUN_UNTIL(&world->scene.t, world->n_told > 0);
    assert_int_equal(world->n_told, 1);
    loop_pass(&world->scene.t, 1000);
    database_changed(world->database); /* this has no effect */
    expect_builds(world, 3);
    assert_int_equal(world->n_told, 1);
    database_close(world->database);
    world->database = NULL;
    loop_settle(&world->scene.t);
    reload_options_fini(&world->config.reload);
}

static void the_owner_may_close_the_database_when_told(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "a.internal");
    world->closes = true; /* before the text is written; it is written anyway */
    LOOP_RUN_UNTIL(&world->scene.t, !world->database);
    LOOP_RUN_UNTIL(&world->scene.t, has(world, "+a.internal:"));
}

/* ---- when it cannot be written ---- */

static void a_removed_directory_is_made_again(void **state)
{
    struct world *world = *state;
    start(world);
    assert_int_equal(files_remove(world->path), 0);
    publish(world, "www.internal");
    expect_builds(world, 2);
    assert_true(has(world, "+www.internal:"));
}

static void a_failed_build_is_tried_again(void **state)
{
    struct world *world = *state;
    start(world);
    const struct listing *listing = publish(world, "a.internal")->claims[0].listing;
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1000);
    assert_int_equal(rename(files_path(world->scene.t.directory, "db"),
                            files_path(world->scene.t.directory, "db.aside")),
                     0);
    files_put(world->scene.t.directory, "db", "a file\n");
    struct stat before;
    assert_int_equal(stat(files_path(world->scene.t.directory, "db.aside/data.cdb"), &before), 0);

    publish(world, "b.internal");
    LOOP_RUN_UNTIL(&world->scene.t, loop_logged(&world->scene.t, "not written") == 1);
    assert_true(database_at_rest(world->database));
    assert_true(database_serves(world->database, listing)); /* the old file is served */
    for (int i = 0; i < 5; i++) {
        publish(world, "c.internal");
        loop_pass(&world->scene.t, DATABASE_RETRY_MS);
        LOOP_RUN_UNTIL(&world->scene.t, database_at_rest(world->database));
    }
    assert_int_equal(loop_logged(&world->scene.t, "not written"), 1);
    assert_int_equal(builds(world), 2);
    struct stat after;
    assert_int_equal(stat(files_path(world->scene.t.directory, "db.aside/data.cdb"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);

    assert_int_equal(unlink(files_path(world->scene.t.directory, "db")), 0);
    assert_int_equal(rename(files_path(world->scene.t.directory, "db.aside"),
                            files_path(world->scene.t.directory, "db")),
                     0);
    loop_pass(&world->scene.t, DATABASE_RETRY_MS / 2);
    let_finish(world);
    assert_int_equal(builds(world), 2); /* not tried without end */
    loop_pass(&world->scene.t, DATABASE_RETRY_MS);
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == 3);
    assert_int_equal(loop_logged(&world->scene.t, "written again"), 1);
    assert_true(has(world, "+b.internal:") && has(world, "+c.internal:"));
    expect_builds(world, 3);
}

/* Servers need only data.cdb. */
static void without_the_text_names_are_live(void **state)
{
    struct world *world = *state;
    start(world);
    assert_int_equal(unlink(files_path(world->scene.t.directory, "db/data")), 0);
    assert_int_equal(mkdir(files_path(world->scene.t.directory, "db/data"), 0755), 0);
    struct stat before;
    assert_int_equal(stat(files_path(world->scene.t.directory, "db/data.cdb"), &before), 0);

    const struct listing *listing = publish(world, "a.internal")->claims[0].listing;
    LOOP_RUN_UNTIL(&world->scene.t, loop_logged(&world->scene.t, "data, is not written") == 1);
    assert_true(database_serves(world->database, listing));
    struct stat after;
    assert_int_equal(stat(files_path(world->scene.t.directory, "db/data.cdb"), &after), 0);
    assert_int_not_equal(before.st_ino, after.st_ino);
    for (int i = 0; i < 3; i++) {
        loop_pass(&world->scene.t, DATABASE_RETRY_MS);
        LOOP_RUN_UNTIL(&world->scene.t, database_at_rest(world->database));
    }
    assert_int_equal(loop_logged(&world->scene.t, "not written"), 1);
    assert_int_equal(builds(world), 1);

    assert_int_equal(rmdir(files_path(world->scene.t.directory, "db/data")), 0);
    loop_pass(&world->scene.t, DATABASE_RETRY_MS);
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == 2);
    assert_int_equal(loop_logged(&world->scene.t, "written again"), 1);
    assert_true(has(world, "+a.internal:"));
    expect_builds(world, 2);
}

static void a_failed_build_at_the_start_is_an_error_and_tried_again(void **state)
{
    struct world *world = *state;
    assert_int_equal(unlink(files_path(world->scene.t.directory, "db/" DATABASE_LOCK)), 0);
    assert_int_equal(rmdir(world->path), 0);
    files_put(world->scene.t.directory, "db", "a file\n");
    assert_int_equal(database_build_now(world->database), -ENOTDIR);
    assert_int_equal(unlink(world->path), 0);
    loop_pass(&world->scene.t, DATABASE_RETRY_MS);
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == 1);
    assert_true(has(world, "Zinternal:"));
}

static void a_hurry_that_fails_is_tried_again(void **state)
{
    struct world *world = *state;
    start(world);
    assert_int_equal(files_remove(world->path), 0);
    files_put(world->scene.t.directory, "db", "a file\n");
    publish(world, "a.internal");
    world->n_told = 0;
    database_hurry(world->database);
    LOOP_RUN_UNTIL(&world->scene.t, world->n_told > 0);
    assert_true(world->rests); /* the end is not delayed */
}

static void the_directory_of_another_phonebookd_is_refused(void **state)
{
    struct world *world = *state;
    struct database *second = NULL;
    assert_int_equal(database_new(&second, world->scene.t.launcher, &world->config,
                                  &world->scene.room.registry, on_told, world),
                     -EWOULDBLOCK);
    assert_null(second);
    start(world);
}

/* ---- the end, and other settings ---- */

enum { POOL = 4 }; /* threads, unless UV_THREADPOOL_SIZE is set */

struct gate {
    uv_sem_t open;
    int n_through;
};

static void wait_at_gate(uv_work_t *work)
{
    struct gate *gate = work->data;
    uv_sem_wait(&gate->open);
}

static void on_through(uv_work_t *work, int status)
{
    struct gate *gate = work->data;
    (void)status;
    gate->n_through++;
}

/* Otherwise files in memory might be written before the test looks. */
static void a_database_closed_during_a_build_has_written_it(void **state)
{
    struct world *world = *state;
    if (files_in_memory(world->scene.t.directory))
        skip(); /* a small database is built in the loop */
    start(world);
    struct gate gate = {.n_through = 0};
    assert_int_equal(uv_sem_init(&gate.open, 0), 0);
    uv_work_t before[POOL];
    for (int i = 0; i < POOL; i++) {
        before[i].data = &gate;
        uv_queue_work(&world->scene.t.loop, &before[i], wait_at_gate, on_through);
    }
    publish(world, "www.internal");
    uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
    assert_false(database_at_rest(world->database));
    database_close(world->database);
    world->database = NULL;
    for (int i = 0; i < POOL; i++)
        uv_sem_post(&gate.open);
    LOOP_RUN_UNTIL(&world->scene.t, gate.n_through == POOL && has(world, "+www.internal:"));
    uv_sem_destroy(&gate.open);
}

static void a_database_closed_before_its_time_writes_nothing(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "a.internal");
    expect_builds(world, 2);
    publish(world, "b.internal");
    loop_settle(&world->scene.t);
    database_close(world->database);
    world->database = NULL;
    loop_pass(&world->scene.t, 5000);
    assert_int_equal(builds(world), 2);
}

/* Within a minute after a change. */
static void an_audit_finds_what_nobody_told(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "www.internal");
    expect_builds(world, 2);
    scene_links(&world->scene, "eth0 10.0.0.7");
    while (interfaces_next_to_hear(&world->scene.room.registry.stale)) /* nothing is touched */
        ;
    database_changed(world->database);
    loop_pass(&world->scene.t, AUDIT_MS / 2);
    expect_builds(world, 2);
    loop_pass(&world->scene.t, AUDIT_MS / 2);
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == 3);
    assert_int_equal(loop_logged(&world->scene.t, "is not as it should be"), 1);
    assert_true(has(world, "+www.internal:10.0.0.7:"));
    /* an audit without findings writes nothing, and without a change there is no audit */
    publish(world, "mail.internal");
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == 4);
    loop_pass(&world->scene.t, 3 * AUDIT_MS);
    expect_builds(world, 4);
    assert_int_equal(loop_logged(&world->scene.t, "is not as it should be"), 1);
}

/* A while after a change, until it has one. */
static void a_name_server_without_an_address_is_told_once(void **state)
{
    struct world *world = *state;
    struct test_loop *t = &world->scene.t;
    start(world);
    publish(world, "www.internal");
    expect_builds(world, 2);
    loop_pass(t, AUDIT_MS / 2);
    assert_int_equal(loop_logged(t, "name server"), 0);
    loop_pass(t, AUDIT_MS / 2);
    LOOP_RUN_UNTIL(t, loop_logged(t, "its name server ns.internal has no address") == 1);
    publish(world, "mail.internal");
    expect_builds(world, 3);
    loop_pass(t, 2 * AUDIT_MS);
    assert_int_equal(loop_logged(t, "name server"), 1);
    publish(world, "ns.internal");
    expect_builds(world, 4);
    loop_pass(t, AUDIT_MS);
    LOOP_RUN_UNTIL(t, loop_logged(t, "its name server ns.internal has an address") == 1);
}

static void records_with_an_end_are_renewed_at_half_time(void **state)
{
    struct world *world = *state;
    world->config.expire = 3600;
    start(world);
    publish(world, "www");
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1790 * 1000);
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 10 * 1000);
    expect_builds(world, 3);
    clock_sleep(1700);
    database_changed(world->database);
    expect_builds(world, 3);
    clock_sleep(120); /* half an hour is over */
    loop_pass(&world->scene.t, 1500);
    database_changed(world->database);
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == 4);
}

/* The directory stays the same; the database now has the zones with the other name. */
static void a_database_may_take_another_name(void **state)
{
    struct world *world = *state;
    struct database_options other = world->config;
    start(world);
    publish(world, "www");
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1000);
    other.name = (char[]){"public"};
    database_set_options(world->database, &other);
    assert_ptr_equal(database_options(world->database), &other);
    database_changed(world->database);
    expect_builds(world, 3);
    assert_true(has(world, "Zbox.example:") && has(world, ":www.box.example:28:"));
    assert_false(has(world, "internal"));
}

static void a_zones_new_ttl_is_written(void **state)
{
    struct world *world = *state;
    start(world);
    publish(world, "www.internal");
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1000);
    char why[REGISTRY_WHY_MAX];
    struct registration *r;
    assert_int_equal(
        registry_add(&world->scene.room.registry, &world->scene.room.holders[0], "www.internal",
                     "eth0",
                     &(struct request_options){.ttl = 7, .wait = -1, .linger = -1, .id = -1}, 1,
                     false, &r, why),
        REGISTRY_OK);
    database_changed(world->database);
    expect_builds(world, 3);
    assert_true(has(world, "+www.internal:10.0.0.1:7"));
}

/* ---- the wall clock is set ---- */

static uint32_t serial(const struct world *world)
{
    int fd = open(world->path, O_RDONLY | O_DIRECTORY), data = openat(fd, "data", O_RDONLY);
    char text[4096];
    ssize_t n = read(data, text, sizeof text - 1);
    close(data);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    char *at;
    assert_non_null(at = strstr(text, "Zinternal:")); /* ZFQDN:MNAME:RNAME:SERIAL:... */
    for (int colons = 0; colons < 3; colons++)
        at = strchr(at, ':') + 1;
    return (uint32_t)strtoul(at, NULL, 10);
}

/* Sets the clock, as a time service does, and lets the daemon look at it. */
static void set_clock(struct world *world, int64_t off)
{
    clock_set_wall(off);
    database_changed(world->database);
    let_finish(world);
}

static void expect_written_again(struct world *world, unsigned n)
{
    LOOP_RUN_UNTIL(&world->scene.t, builds(world) == n);
    expect_builds(world, n);
}

static void a_serial_of_1970_is_replaced_when_the_clock_is_set(void **state)
{
    struct world *world = *state;
    int64_t right = time(NULL);
    clock_set_wall(100 - right);
    start(world);
    assert_in_range(serial(world), 100, 200);
    set_clock(world, 0);
    expect_written_again(world, 2);
    assert_true(serial(world) >= right);
    set_clock(world, -3600); /* never back, so nothing to write */
    expect_builds(world, 2);
    loop_pass(&world->scene.t, 1500);
    publish(world, "www.internal");
    expect_builds(world, 3);
    assert_true(serial(world) > right);
    loop_pass(&world->scene.t, 1500);
    set_clock(world, 86400);
    expect_written_again(world, 4);
    assert_true(serial(world) >= right + 86400);
    clock_set_wall(0);
}

static void ends_are_written_again_when_the_clock_is_set(void **state)
{
    static const int64_t offs[] = {-86400, 0, 86400, -3600};
    struct world *world = *state;
    world->config.expire = 3600;
    publish(world, "www.internal");
    start(world);
    char end[32];
    for (unsigned i = 0; i < sizeof offs / sizeof *offs; i++) {
        loop_pass(&world->scene.t, 1500);
        set_clock(world, offs[i]);
        expect_written_again(world, 2 + i);
        for (int64_t late = 0; late < 10; late++) { /* real TAI is 37 seconds ahead */
            snprintf(end, sizeof end, ":0:%016llx",
                     (1ULL << 62) + 37 + (uint64_t)(time(NULL) + 3600 - late));
            if (has(world, end))
                break;
        }
        assert_true(has(world, end));
    }
    clock_set_wall(0);
}

/* The files that are being written are outdated. */
static void a_clock_set_during_a_build_causes_another(void **state)
{
    struct world *world = *state;
    if (files_in_memory(world->scene.t.directory))
        skip(); /* a small database is built in the loop */
    int64_t right = time(NULL);
    clock_set_wall(100 - right);
    start(world);
    publish(world, "www.internal");
    uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
    clock_set_wall(0);
    LOOP_RUN_UNTIL(&world->scene.t, serial(world) >= right);
    assert_true(has(world, "+www.internal:10.0.0.1:60"));
    clock_set_wall(0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(at_the_start_the_files_are_written),
        TEST(the_first_change_is_written_at_once),
        TEST(changes_are_written_once_per_interval),
        TEST(very_many_names_do_not_stop_the_loop),
        TEST(a_longer_interval_is_kept),
        TEST(equal_records_cause_no_build),
        TEST(a_change_taken_back_causes_no_build),
        TEST(a_change_during_a_build_causes_another),
        TEST(a_name_that_goes_leaves_the_files),
        TEST(a_hurry_does_not_wait_for_the_interval),
        TEST(a_name_is_live_with_its_build),
        TEST(a_name_is_live_once_the_server_was_told),
        TEST(a_name_is_live_before_the_text_is_written),
        TEST(the_owner_hears_of_a_build_once),
        TEST(the_owner_may_close_the_database_when_told),
        TEST(a_removed_directory_is_made_again),
        TEST(a_failed_build_is_tried_again),
        TEST(without_the_text_names_are_live),
        TEST(a_failed_build_at_the_start_is_an_error_and_tried_again),
        TEST(a_hurry_that_fails_is_tried_again),
        TEST(the_directory_of_another_phonebookd_is_refused),
        TEST(a_database_closed_during_a_build_has_written_it),
        TEST(a_database_closed_before_its_time_writes_nothing),
        TEST(an_audit_finds_what_nobody_told),
        TEST(a_name_server_without_an_address_is_told_once),
        TEST(records_with_an_end_are_renewed_at_half_time),
        TEST(a_serial_of_1970_is_replaced_when_the_clock_is_set),
        TEST(ends_are_written_again_when_the_clock_is_set),
        TEST(a_clock_set_during_a_build_causes_another),
        TEST(a_database_may_take_another_name),
        TEST(a_zones_new_ttl_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
