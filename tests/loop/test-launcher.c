/* The launcher's process: what it runs, opens and refuses, and its end. Also the process that looks
 * up users and groups. */
#include "../../phonebookd/launcher/launcher.h"

#include "../../phonebookd/launcher/name-service.h"

#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
    struct test_loop t;
    struct launcher *launcher;
    struct launch launch;
    int error, status;
    bool ended, alive;
};

/* Allows all texts without "forbidden", and all after the configuration is read again. */
static bool all_is_allowed; /* in the launcher's process */

static bool may_run(void *context, char *const *arguments, bool *net_admin)
{
    (void)context;
    *net_admin = false;
    for (; *arguments; arguments++)
        if (!all_is_allowed && strstr(*arguments, "forbidden"))
            return false;
    return true;
}

static bool may_open(void *context, const char *path)
{
    (void)context;
    return !strstr(path, "forbidden");
}

static void read_again(void *context)
{
    (void)context;
    all_is_allowed = true;
}

static const struct launcher_rules rules = {
    .may_run = may_run, .may_open = may_open, .read_again = read_again};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    loop_setup(&world->t);
    world->launcher = world->t.launcher = launcher_start(&rules);
    assert_non_null(world->launcher);
    launcher_attach(world->launcher, &world->t.loop);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    int result = loop_teardown(&world->t);
    free(world);
    return result;
}

static void on_ended(struct launch *launch, int error, int status)
{
    struct world *world = (struct world *)((char *)launch - offsetof(struct world, launch));
    world->error = error;
    world->status = status;
    world->ended = true;
}

static void on_alive(struct launch *launch, int error)
{
    struct world *world = (struct world *)((char *)launch - offsetof(struct world, launch));
    world->error = error;
    world->alive = true;
}

static int start(struct world *world, const char *script, char *const *additions)
{
    char *arguments[] = {"/bin/sh", "-c", (char *)script, NULL};
    world->launch = (struct launch){.ended = on_ended, .is_alive = on_alive};
    world->ended = false;
    return launch_start(world->launcher, &world->launch, arguments, additions);
}

static void run(struct world *world, const char *script, char *const *additions)
{
    assert_int_equal(start(world, script, additions), 0);
    LOOP_RUN_UNTIL(&world->t, world->ended);
}

static void a_program_has_its_words_additions_and_status(void **state)
{
    struct world *world = *state;
    char directory[FILES_DIRECTORY_MAX + 32], *additions[] = {directory, "PHONEBOOK_X=a b", NULL};
    snprintf(directory, sizeof directory, "PHONEBOOK_DIRECTORY=%s", world->t.directory);
    run(world,
        "printf '%s|%s|%s' \"$PHONEBOOK_X\" \"$HOME\" \"${NOTIFY_SOCKET-unset}\" > "
        "\"$PHONEBOOK_DIRECTORY/out\"; read x || exit 3",
        additions);
    assert_int_equal(world->error, 0);
    assert_true(WIFEXITED(world->status));
    assert_int_equal(WEXITSTATUS(world->status), 3); /* standard input was empty */
    const char *text = files_text(world->t.directory, "out");
    assert_int_equal(strncmp(text, "a b|", 4), 0);
    assert_non_null(strstr(text, "|unset"));
}

static void a_program_is_a_session_without_capabilities(void **state)
{
    struct world *world = *state;
    run(world,
        "grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status && "
        "grep -q '^CapAmb:[[:space:]]*0*$' /proc/self/status && "
        "[ \"$(cut -d' ' -f6 /proc/$$/stat)\" = $$ ] && [ ! -e /proc/$$/fd/3 ] && "
        "[ ! -e /proc/$$/fd/4 ] && [ ! -e /proc/$$/fd/5 ]",
        NULL);
    assert_int_equal(world->error, 0);
    assert_int_equal(world->status, 0);
}

static void on_many_ended(struct launch *launch, int error, int status)
{
    struct {
        struct launch launch;
        unsigned *n;
    } *many = (void *)launch;
    assert_int_equal(error, 0);
    assert_int_equal(status, 0);
    ++*many->n;
}

static void what_the_rules_forbid_is_not_run(void **state)
{
    struct world *world = *state;
    run(world, "true forbidden", NULL);
    assert_int_equal(world->error, -ECONNREFUSED);
    char *additions[] = {"LD_PRELOAD=/x", NULL};
    run(world, "true", additions);
    assert_int_equal(world->error, -ECONNREFUSED);
    launcher_read_again(world->launcher);
    run(world, "true forbidden", NULL);
    assert_int_equal(world->error, 0);
}

/* Messages that do not fit into the socket wait for room. */
static void many_programs_at_once_all_run(void **state)
{
    enum { MANY = 300 };
    struct world *world = *state;
    static struct many {
        struct launch launch;
        unsigned *n;
    } all[MANY];
    char padding[4096], *additions[] = {padding, NULL};
    snprintf(padding, sizeof padding, "PHONEBOOK_X=%0*d", (int)sizeof padding - 20, 0);
    char *arguments[] = {"/bin/true", NULL};
    unsigned n = 0;
    for (size_t i = 0; i < MANY; i++) {
        all[i] = (struct many){.launch.ended = on_many_ended, .n = &n};
        assert_int_equal(launch_start(world->launcher, &all[i].launch, arguments, additions), 0);
    }
    LOOP_RUN_UNTIL(&world->t, n == MANY);
}

static void a_program_that_is_not_there_is_told(void **state)
{
    struct world *world = *state;
    world->launch = (struct launch){.ended = on_ended, .is_alive = on_alive};
    char *none[] = {"/nonexistent/program", NULL};
    assert_int_equal(launch_start(world->launcher, &world->launch, none, NULL), 0);
    LOOP_RUN_UNTIL(&world->t, world->ended);
    assert_int_equal(world->error, -ENOENT);
}

static void words_beyond_the_room_are_refused(void **state)
{
    struct world *world = *state;
    char *word = malloc(200000);
    char *additions[] = {word, NULL};
    assert_non_null(word);
    memset(word, 'x', 199999);
    word[199999] = '\0';
    assert_int_equal(start(world, "true", additions), -E2BIG);
    free(word);
}

static void a_program_is_killed_with_all_that_it_started(void **state)
{
    struct world *world = *state;
    assert_int_equal(start(world, "sleep 600 & sleep 600", NULL), 0);
    launch_kill(world->launcher, &world->launch);
    LOOP_RUN_UNTIL(&world->t, world->ended);
    assert_int_equal(world->error, 0);
    assert_true(WIFSIGNALED(world->status));
    assert_int_equal(WTERMSIG(world->status), SIGKILL);
    assert_false(world->alive);
}

static void a_forgotten_program_is_not_reported(void **state)
{
    struct world *world = *state;
    struct launch forgotten = {.ended = NULL};
    char *arguments[] = {"/bin/true", NULL};
    assert_int_equal(launch_start(world->launcher, &forgotten, arguments, NULL), 0);
    launch_forget(&forgotten);
    run(world, "exit 0", NULL);
    assert_int_equal(world->status, 0);
}

static void a_fifo_is_opened_and_nothing_else(void **state)
{
    struct world *world = *state;
    const char *fifo = files_path(world->t.directory, "fifo");
    const char *file = files_path(world->t.directory, "file");
    const char *forbidden = files_path(world->t.directory, "forbidden");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(mkfifo(forbidden, 0600), 0);
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    bool seen;
    assert_int_equal(launcher_open_fifo(world->launcher, fifo, &seen), -ENXIO); /* no reader */
    int reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int writer = launcher_open_fifo(world->launcher, fifo, &seen);
    assert_true(writer >= 0);
    assert_int_equal(write(writer, "h", 1), 1);
    char octet = '\0';
    assert_int_equal(read(reader, &octet, 1), 1);
    assert_int_equal(octet, 'h');
    close(writer);
    close(reader);
    assert_int_equal(launcher_open_fifo(world->launcher, file, &seen), -ENOTSUP);
    assert_int_equal(launcher_open_fifo(world->launcher, forbidden, &seen), -ECONNREFUSED);
}

static void users_and_groups_are_looked_up(void **state)
{
    struct name_service *names = name_service_start();
    (void)state;
    assert_non_null(names);
    uint32_t number = 7;
    assert_int_equal(name_service_find(names, NSS_USER, "root", &number), 0);
    assert_int_equal(number, 0);
    number = 7;
    assert_int_equal(name_service_find(names, NSS_GROUP, "root", &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(name_service_find(names, NSS_USER, "no-such-user", &number), -ENOENT);
    assert_int_equal(name_service_find(names, NSS_GROUP, "no-such-group", &number), -ENOENT);
    name_service_stop(names);
    assert_int_equal(name_service_find(names, NSS_USER, "root", &number), -EPIPE);
    name_service_free(names);
}

/* The program kills its parent, which is the launcher. */
static void without_the_launcher_programs_fail_and_nothing_else(void **state)
{
    struct world *world = *state;
    run(world, "kill -9 $PPID; sleep 1", NULL);
    assert_int_equal(world->error, -EPIPE);
    assert_int_equal(start(world, "true", NULL), -EPIPE);
    bool seen;
    assert_int_equal(launcher_open_fifo(world->launcher, "/x", &seen), -EPIPE);
    launcher_read_again(world->launcher);
    assert_int_equal(loop_logged(&world->t, "the process phonebookd-run has ended"), 1);
}

static void a_stopped_launcher_is_not_waited_for(void **state)
{
    struct world *world = *state;
    world->launch = (struct launch){.ended = on_ended, .is_alive = on_alive};
    char *arguments[] = {"/bin/sh", "-c", "kill -STOP $PPID; sleep 2; kill -CONT $PPID", NULL};
    assert_int_equal(launch_start(world->launcher, &world->launch, arguments, NULL), 0);
    usleep(500000);
    bool seen;
    assert_int_equal(launcher_open_fifo(world->launcher, "/x", &seen), -ETIMEDOUT);
    LOOP_RUN_UNTIL(&world->t, world->ended);
    assert_int_equal(launcher_open_fifo(world->launcher, "/y", &seen), -ENOENT);
    assert_false(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_program_has_its_words_additions_and_status),
        TEST(a_program_is_a_session_without_capabilities),
        TEST(what_the_rules_forbid_is_not_run),
        TEST(a_program_that_is_not_there_is_told),
        TEST(words_beyond_the_room_are_refused),
        TEST(a_program_is_killed_with_all_that_it_started),
        TEST(a_forgotten_program_is_not_reported),
        TEST(many_programs_at_once_all_run),
        TEST(a_fifo_is_opened_and_nothing_else),
        cmocka_unit_test(users_and_groups_are_looked_up),
        TEST(without_the_launcher_programs_fail_and_nothing_else),
        TEST(a_stopped_launcher_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
