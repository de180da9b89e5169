/* Telling servers: real processes that catch the signal, or would die from it; a supervisor's FIFO;
 * commands. */
#include "../../phonebookd/publishing/reload.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOLD_MAX = 16, PATH_ROOM = FILES_DIRECTORY_MAX + 64 };

struct world {
    struct test_loop t;
    char pidfile[PATH_ROOM];
    struct reload_options config;
    struct reload *reload;
    uint64_t told[TOLD_MAX]; /* the numbers, in order */
    size_t n_told;
};

static void on_told(void *owner, uint64_t number)
{
    struct world *world = owner;
    assert_true(world->n_told < TOLD_MAX);
    world->told[world->n_told++] = number;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    signal(SIGPIPE, SIG_IGN); /* as in the daemon */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    loop_setup(&world->t);
    loop_start_launcher(&world->t);
    snprintf(world->pidfile, sizeof world->pidfile, "%s/pid", world->t.directory);
    *state = world;
    return reload_new(&world->reload, world->t.launcher, &world->config, "main", on_told, world);
}

static int teardown(void **state)
{
    struct world *world = *state;
    reload_close(world->reload);
    int result = loop_teardown(&world->t);
    reload_options_fini(&world->config);
    free(world);
    return result;
}

static void configure(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void configure(struct world *world, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char value[512];
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    reload_options_fini(&world->config);
    assert_null(reload_options_parse(&world->config, value));
}

static void expect_told(struct world *world, const uint64_t *numbers, size_t n)
{
    LOOP_RUN_UNTIL(&world->t, world->n_told >= n);
    loop_settle(&world->t);
    assert_int_equal(world->n_told, n);
    assert_memory_equal(world->told, numbers, n * sizeof *numbers);
}

/* ---- servers ---- */

enum disposition { DEFAULT, CAUGHT, IGNORED, BLOCKED, CAUGHT_LATER };

struct server {
    pid_t pid;
    int pipe; /* 'r' when it is ready, 's' for each signal */
};

static int server_pipe; /* in the server, for its handler */

static void on_signal(int number)
{
    (void)number;
    (void)!write(server_pipe, "s", 1);
}

/* Runs until it is killed; SIGUSR2 makes it catch `number` later. */
static void serve(enum disposition disposition, int number)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGHUP, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    if (disposition == CAUGHT)
        signal(number, on_signal);
    if (disposition == IGNORED)
        signal(number, SIG_IGN);
    if (disposition == BLOCKED)
        sigprocmask(SIG_BLOCK, &set, NULL);
    if (disposition == CAUGHT_LATER) {
        sigset_t wake;
        sigemptyset(&wake);
        sigaddset(&wake, SIGUSR2);
        sigset_t before;
        sigprocmask(SIG_BLOCK, &wake, &before);
        (void)!write(server_pipe, "r", 1);
        int got;
        sigwait(&wake, &got);
        signal(number, on_signal);
    }
    (void)!write(server_pipe, "r", 1);
    for (;;)
        pause();
}

static void expect_heard(const struct server *server, const char *expected)
{
    char heard[8] = "";
    for (size_t n = 0; n < strlen(expected); n++) {
        struct pollfd end = {.fd = server->pipe, .events = POLLIN};
        assert_int_equal(poll(&end, 1, LOOP_LIMIT_MS), 1);
        assert_int_equal(read(server->pipe, heard + n, 1), 1);
    }
    assert_string_equal(heard, expected);
}

/* Asserts that the server got no further signal, and lives. */
static void expect_unharmed(const struct server *server)
{
    int status;
    assert_int_equal(waitpid(server->pid, &status, WNOHANG), 0);
    int unread = -1;
    assert_int_equal(ioctl(server->pipe, FIONREAD, &unread), 0);
    assert_int_equal(unread, 0);
}

static struct server server_start(const struct world *world, enum disposition disposition,
                                  int number)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct server server;
    server.pid = fork();
    if (server.pid == 0) {
        server_pipe = ends[1];
        serve(disposition, number);
        _exit(1);
    }
    close(ends[1]);
    server.pipe = ends[0];
    expect_heard(&server, "r");
    char text[16];
    snprintf(text, sizeof text, "%d\n", server.pid);
    files_put(world->t.directory, "pid", text);
    return server;
}

static void server_end(const struct server *server)
{
    kill(server->pid, SIGKILL);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
    close(server->pipe);
}

static bool has_pending(pid_t pid, int number)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    unsigned long long pending = 0;
    char line[256];
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "ShdPnd:", 7) == 0)
            pending = strtoull(line + 7, NULL, 16);
    fclose(file);
    return pending >> (number - 1) & 1;
}

/* ---- signals ---- */

static void without_a_method_the_server_counts_as_told(void **state)
{
    struct world *world = *state;
    configure(world, "none");
    reload_tell(world->reload, 7);
    assert_int_equal(world->n_told, 1);
    assert_int_equal(world->told[0], 7);
}

static void a_server_that_catches_the_signal_gets_it(void **state)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"", SIGHUP}, {"HUP", SIGHUP}, {"USR1", SIGUSR1}};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct server server = server_start(world, CAUGHT, signals[i].number);
        configure(world, "signal %s %s", world->pidfile, signals[i].name);
        reload_tell(world->reload, i);
        expect_heard(&server, "s");
        assert_int_equal(world->n_told, i + 1);
        reload_tell(world->reload, i);
        expect_heard(&server, "s");
        world->n_told--;
        server_end(&server);
    }
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 0);
}

static void a_server_that_ignores_the_signal_is_unharmed(void **state)
{
    struct world *world = *state;
    struct server server = server_start(world, IGNORED, SIGHUP);
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    expect_unharmed(&server);
    server_end(&server);
    server = server_start(world, BLOCKED, SIGHUP);
    reload_tell(world->reload, 2);
    expect_unharmed(&server);
    assert_true(has_pending(server.pid, SIGHUP));
    server_end(&server);
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 0);
}

/* Once it is ready. The log has two lines about this. */
static void a_server_that_the_signal_would_end_is_told_later(void **state)
{
    struct world *world = *state;
    struct server server = server_start(world, CAUGHT_LATER, SIGHUP);
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    assert_int_equal(world->n_told, 1); /* it is not waited for */
    for (int i = 0; i < 5; i++)
        loop_pass(&world->t, RELOAD_RETRY_MS);
    reload_tell(world->reload, 2);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_unharmed(&server);
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 1);
    assert_int_equal(loop_logged(&world->t, "not ready"), 1);

    kill(server.pid, SIGUSR2);
    expect_heard(&server, "r");
    expect_unharmed(&server);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_heard(&server, "s");
    assert_int_equal(loop_logged(&world->t, "told again"), 1);
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 2);
    loop_pass(&world->t, 60 * RELOAD_RETRY_MS);
    expect_unharmed(&server);
    assert_int_equal(world->n_told, 2);
    server_end(&server);
}

static void a_server_that_is_never_ready_is_never_told(void **state)
{
    struct world *world = *state;
    struct server server = server_start(world, DEFAULT, SIGHUP);
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    for (int i = 0; i < RELOAD_RETRY_FAST + 10; i++)
        loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_unharmed(&server);
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 1);
    server_end(&server);
}

/* Quickly at first; for a server that is gone for good, rarely. */
static void tries_become_rare(void **state)
{
    struct world *world = *state;
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    for (int i = 0; i <= RELOAD_RETRY_FAST; i++)
        loop_pass(&world->t, RELOAD_RETRY_MS);
    struct server server = server_start(world, CAUGHT, SIGHUP);
    loop_pass(&world->t, RELOAD_RETRY_SLOW_MS - 2 * RELOAD_RETRY_MS - 2000);
    expect_unharmed(&server);
    loop_pass(&world->t, 2 * RELOAD_RETRY_MS + 2000);
    expect_heard(&server, "s");
    server_end(&server);
}

/* A server that has not written its pid file yet counts as absent. A server whose pid cannot be
 * read may exist: it is not told, and each reason is logged once. */
static void a_pid_file_without_a_number_is_told_once(void **state)
{
    static const char *const empty[] = {"", "\n"}, *const wrong[] = {"x", "0", "1", "-5",
                                                                     "99999999999999999999"};
    struct world *world = *state;
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    assert_int_equal(loop_logged(&world->t, "no pid file"), 1);
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        files_put(world->t.directory, "pid", empty[i]);
        loop_pass(&world->t, RELOAD_RETRY_MS);
    }
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 1);
    assert_null(reload_untold(world->reload));
    expect_told(world, (uint64_t[]){1}, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        files_put(world->t.directory, "pid", wrong[i]);
        loop_pass(&world->t, RELOAD_RETRY_MS);
    }
    expect_told(world, (uint64_t[]){1, 0}, 2);
    assert_string_equal(reload_untold(world->reload), "no process number in its pid file");
    assert_int_equal(loop_logged(&world->t, "no process number"), 1);
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 2);
}

/* One reason after the other, and at last the server is not there. */
static void each_reason_why_it_cannot_be_told_is_logged(void **state)
{
    struct world *world = *state;
    configure(world, "signal %s", world->pidfile);
    files_put(world->t.directory, "pid", "x");
    reload_tell(world->reload, 1);
    expect_told(world, (uint64_t[]){0}, 1);
    assert_int_equal(unlink(world->pidfile), 0);
    assert_int_equal(mkdir(world->pidfile, 0700), 0);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    assert_int_equal(loop_logged(&world->t, "cannot read its pid file"), 1);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    reload_tell(world->reload, 2);
    expect_told(world, (uint64_t[]){0, 0}, 2);
    assert_int_equal(loop_logged(&world->t, "(untold)"), 2); /* both reasons, each once */
    assert_int_equal(rmdir(world->pidfile), 0);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_told(world, (uint64_t[]){0, 0, 2}, 3);
    assert_null(reload_untold(world->reload));
    assert_int_equal(loop_logged(&world->t, "no pid file"), 1);
    struct server server = server_start(world, CAUGHT, SIGHUP);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_heard(&server, "s");
    assert_int_equal(loop_logged(&world->t, "told again"), 1);
    server_end(&server);
}

/* `phonebookd -t` uses this. */
static void whether_it_could_be_told_is_known_without_a_signal(void **state)
{
    struct world *world = *state;
    struct server server = server_start(world, CAUGHT, SIGHUP);
    configure(world, "none");
    assert_null(reload_options_untold(&world->config));
    assert_null(reload_options_path(&world->config));
    configure(world, "signal %s", world->pidfile);
    assert_string_equal(reload_options_path(&world->config), world->pidfile);
    assert_null(reload_options_untold(&world->config));
    expect_unharmed(&server);
    server_end(&server);
    assert_null(reload_options_untold(&world->config)); /* absent now */
    files_put(world->t.directory, "pid", "x");
    assert_non_null(reload_options_untold(&world->config));

    configure(world, "s6 %s", world->t.directory);
    assert_null(reload_options_untold(&world->config));
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/supervise", world->t.directory);
    assert_int_equal(mkdir(path, 0755), 0);
    strcat(path, "/control");
    assert_int_equal(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_null(reload_options_untold(&world->config));
    int unread;
    assert_int_equal(ioctl(fd, FIONREAD, &unread), 0);
    assert_int_equal(unread, 0);
    close(fd);
    assert_int_equal(unlink(path), 0);
    files_put(world->t.directory, "supervise/control", "");
    assert_string_equal(reload_options_untold(&world->config),
                        "its supervise/control is not a FIFO");

    configure(world, "command /bin/true");
    assert_null(reload_options_untold(&world->config));
    configure(world, "command %s/pid", world->t.directory);
    assert_string_equal(reload_options_path(&world->config), world->pidfile);
    assert_string_equal(reload_options_untold(&world->config), "phonebookd cannot run it");
}

static void a_restarted_server_is_told(void **state)
{
    struct world *world = *state;
    struct server old = server_start(world, CAUGHT, SIGHUP);
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    expect_heard(&old, "s");
    server_end(&old);
    reload_tell(world->reload, 2);
    assert_int_equal(loop_logged(&world->t, "no such process"), 1);
    struct server new = server_start(world, CAUGHT, SIGHUP);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_heard(&new, "s");

    /* a second one; the pid file decides */
    old = new;
    new = server_start(world, CAUGHT, SIGHUP);
    reload_tell(world->reload, 3);
    expect_heard(&new, "s");
    expect_unharmed(&old);
    server_end(&old);
    server_end(&new);
}

static void an_owed_signal_is_sent_under_new_settings_too(void **state)
{
    struct world *world = *state;
    configure(world, "signal %s", world->pidfile);
    reload_tell(world->reload, 1);
    char value[PATH_ROOM + 16];
    snprintf(value, sizeof value, "signal %s USR1", world->pidfile);
    struct reload_options other = {0};
    assert_null(reload_options_parse(&other, value));
    reload_set_options(world->reload, &other, "other");
    struct server server = server_start(world, CAUGHT, SIGUSR1);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_heard(&server, "s");
    reload_set_options(world->reload, &world->config, "main");
    loop_pass(&world->t, 10 * RELOAD_RETRY_MS);
    expect_unharmed(&server); /* it needs no further signal now */
    server_end(&server);
    reload_options_fini(&other);
}

/* ---- s6 ---- */

static void an_s6_service_is_told_through_its_fifo(void **state)
{
    struct world *world = *state;
    configure(world, "s6 %s", world->t.directory);
    reload_tell(world->reload, 1);
    assert_int_equal(loop_logged(&world->t, "no supervise/control there"), 1);

    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/supervise", world->t.directory);
    assert_int_equal(mkdir(path, 0755), 0);
    strcat(path, "/control");
    assert_int_equal(mkfifo(path, 0600), 0);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    char heard[8] = "";
    assert_int_equal(read(fd, heard, sizeof heard), 1);
    assert_int_equal(heard[0], 'h');
    assert_int_equal(loop_logged(&world->t, "told again"), 1);
    reload_tell(world->reload, 2);
    assert_int_equal(read(fd, heard, sizeof heard), 1);

    loop_forget_log(&world->t);
    int writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    char filling[4096] = "";
    while (write(writer, filling, sizeof filling) > 0)
        ;
    while (write(writer, filling, 1) > 0)
        ;
    reload_tell(world->reload, 3);
    assert_int_equal(loop_logged(&world->t, "does not listen"), 1);
    close(writer);
    expect_told(world, (uint64_t[]){1, 2, 0}, 3);
    close(fd);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    expect_told(world, (uint64_t[]){1, 2, 0, 3}, 4);
}

static void without_an_s6_supervisor_nothing_is_told(void **state)
{
    struct world *world = *state;
    configure(world, "s6 %s", world->t.directory);
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/supervise", world->t.directory);
    assert_int_equal(mkdir(path, 0755), 0);
    strcat(path, "/control");
    assert_int_equal(mkfifo(path, 0600), 0);
    reload_tell(world->reload, 1);
    assert_int_equal(loop_logged(&world->t, "no supervisor runs it"), 1);
}

/* Such a file is neither written to nor followed; once it is a FIFO, the server is told. */
static void what_is_no_fifo_is_left_alone(void **state)
{
    struct world *world = *state;
    configure(world, "s6 %s", world->t.directory);
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/supervise", world->t.directory);
    assert_int_equal(mkdir(path, 0755), 0);
    strcat(path, "/control");
    files_put(world->t.directory, "supervise/control", "");
    reload_tell(world->reload, 1);
    expect_told(world, (uint64_t[]){0}, 1);
    assert_int_equal(loop_logged(&world->t, "its supervise/control is not a FIFO"), 1);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 0);

    char target[PATH_ROOM + 8];
    snprintf(target, sizeof target, "%s.x", path);
    assert_int_equal(mkfifo(target, 0600), 0);
    int fd = open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(target, path), 0);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    char heard[8];
    assert_int_equal(read(fd, heard, sizeof heard), 0); /* no writer */
    assert_int_equal(rename(target, path), 0);
    loop_pass(&world->t, RELOAD_RETRY_MS);
    assert_int_equal(read(fd, heard, sizeof heard), 1);
    assert_int_equal(heard[0], 'h');
    close(fd);
}

/* ---- commands ---- */

static void configure_script(struct world *world, const char *text)
{
    files_put(world->t.directory, "script", text);
    configure(world, "command /bin/sh -e %s/script %s", world->t.directory, world->t.directory);
}

/* Moves `other`, which is in use, to where the teardown finds it. */
static void move_config(struct world *world, const struct reload_options *other)
{
    reload_options_fini(&world->config);
    world->config = *other;
    reload_set_options(world->reload, &world->config, "main");
}

static void a_command_tells_the_server(void **state)
{
    struct world *world = *state;
    configure_script(world, "readlink /proc/self/fd/0 >$1/in; echo \"$#\" >$1/out\n"
                            "echo to stdout; echo to stderr >&2\n");
    reload_tell(world->reload, 5);
    assert_int_equal(world->n_told, 0);
    expect_told(world, (uint64_t[]){5}, 1);
    assert_string_equal(files_text(world->t.directory, "in"), "/dev/null\n");
    assert_string_equal(files_text(world->t.directory, "out"), "1\n");
    assert_int_equal(loop_logged(&world->t, "to stdout"), 1); /* as part of our log */
    assert_int_equal(loop_logged(&world->t, "to stderr"), 1);
    assert_int_equal(loop_logged(&world->t, "phonebookd"), 0);
}

/* Our descriptors would keep namespaces alive. */
static void a_command_inherits_no_descriptor(void **state)
{
    struct world *world = *state;
    configure_script(world, "ls -l /proc/$$/fd >&2\n");
    reload_tell(world->reload, 1);
    expect_told(world, (uint64_t[]){1}, 1);
    assert_int_equal(loop_logged(&world->t, "/dev/null"), 1);
    assert_int_equal(loop_logged(&world->t, "anon_inode:"), 0);
    assert_int_equal(loop_logged(&world->t, "socket:"), 0);
    assert_int_equal(loop_logged(&world->t, "pipe:"), 0);
}

static void a_command_that_fails_is_logged(void **state)
{
    static const struct {
        const char *script, *log;
    } cases[] = {
        {"exit 3\n", "exited with 3"},
        {"kill -9 $$\n", "ended by signal 9"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        configure_script(world, cases[i].script);
        reload_tell(world->reload, i + 1);
        expect_told(world, (uint64_t[]){1, 2}, i + 1);
        assert_int_equal(loop_logged(&world->t, cases[i].log), 1);
        assert_int_equal(loop_logged(&world->t, "phonebookd"), i + 1);
    }
    configure(world, "command %s/nothing", world->t.directory);
    reload_tell(world->reload, 3);
    expect_told(world, (uint64_t[]){1, 2, 0}, 3); /* no server was told */
    assert_int_equal(loop_logged(&world->t, "cannot be run: "), 1);
    assert_string_equal(reload_untold(world->reload), "phonebookd cannot run it");
}

/* The server does not wait for the next change. */
static void a_command_that_fails_is_run_again(void **state)
{
    struct world *world = *state;
    configure_script(world, "[ -e $1/good ]\n");
    reload_tell(world->reload, 1);
    expect_told(world, (uint64_t[]){1}, 1);
    assert_int_equal(loop_logged(&world->t, "exited with 1; again in 15 s"), 1);
    files_put(world->t.directory, "good", "");
    loop_pass(&world->t, PROGRAM_RETRY_MS - 1000);
    assert_int_equal(world->n_told, 1);
    loop_pass(&world->t, 1000);
    expect_told(world, (uint64_t[]){1, 1}, 2);
    assert_int_equal(loop_logged(&world->t, "succeeded"), 1);
}

/* The server is told at once by the new settings. */
static void new_settings_replace_a_command_that_failed(void **state)
{
    struct world *world = *state;
    configure_script(world, "exit 1\n");
    reload_tell(world->reload, 1);
    expect_told(world, (uint64_t[]){1}, 1);
    files_put(world->t.directory, "other", "echo told >$1/out\n");
    char text[256];
    snprintf(text, sizeof text, "command /bin/sh %s/other %s", world->t.directory,
             world->t.directory);
    struct reload_options other = {0};
    assert_null(reload_options_parse(&other, text));
    reload_set_options(world->reload, &other, "main");
    expect_told(world, (uint64_t[]){1, 1}, 2);
    assert_string_equal(files_text(world->t.directory, "out"), "told\n");
    loop_pass(&world->t, PROGRAM_RETRY_MAX_MS);
    loop_settle(&world->t);
    assert_int_equal(world->n_told, 2);
    move_config(world, &other);
}

/* Is it running? A zombie counts as dead, whether it is our child or was the shell's. */
static bool runs(pid_t pid)
{
    waitpid(pid, NULL, WNOHANG);
    return kill(pid, 0) == 0;
}

static void a_command_beyond_its_time_is_killed(void **state)
{
    struct world *world = *state;
    configure_script(world, "sleep 600 & echo $! >$1/new; mv $1/new $1/child; wait\n");
    reload_tell(world->reload, 1);
    LOOP_RUN_UNTIL(&world->t, *files_text(world->t.directory, "child"));
    pid_t child = atoi(files_text(world->t.directory, "child"));
    loop_pass(&world->t, RELOAD_COMMAND_LIMIT_MS - 1000);
    assert_int_equal(kill(child, 0), 0);
    assert_int_equal(world->n_told, 0);
    loop_pass(&world->t, 1000);
    expect_told(world, (uint64_t[]){1}, 1);
    assert_int_equal(loop_logged(&world->t, "took longer than 5000 ms"), 1);
    LOOP_RUN_UNTIL(&world->t, !runs(child)); /* with everything that it started */
}

static void changes_during_a_command_are_one_more_run(void **state)
{
    struct world *world = *state;
    const char *fifo = files_path(world->t.directory, "go");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    configure_script(world, "echo run >>$1/runs; read line <$1/go\n");
    int fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    reload_tell(world->reload, 1);
    LOOP_RUN_UNTIL(&world->t, *files_text(world->t.directory, "runs"));
    for (uint64_t number = 2; number < 6; number++)
        reload_tell(world->reload, number);
    loop_settle(&world->t);
    assert_int_equal(world->n_told, 0);
    assert_int_equal(write(fd, "\n", 1), 1);
    LOOP_RUN_UNTIL(&world->t, strcmp(files_text(world->t.directory, "runs"), "run\nrun\n") == 0);
    assert_int_equal(world->n_told, 1);
    assert_int_equal(world->told[0], 1);
    assert_int_equal(write(fd, "\n", 1), 1);
    expect_told(world, (uint64_t[]){1, 5}, 2);
    assert_string_equal(files_text(world->t.directory, "runs"), "run\nrun\n");
    close(fd);
}

/* Requests to the old settings count as told, and are not waited for. */
/* Dead, and not our zombie. */
static bool is_gone(pid_t pid)
{
    return kill(pid, 0) < 0 && errno == ESRCH;
}

static void new_settings_do_not_wait_for_a_running_command(void **state)
{
    struct world *world = *state;
    struct reload_options other = {0};
    char text[256];
    assert_null(reload_options_parse(&other, strcpy(text, "none")));
    configure_script(world, "echo $$ >$1/new; mv $1/new $1/pid; sleep 600\n");
    reload_tell(world->reload, 1);
    LOOP_RUN_UNTIL(&world->t, *files_text(world->t.directory, "pid"));
    pid_t left = atoi(files_text(world->t.directory, "pid"));
    reload_tell(world->reload, 2);
    reload_set_options(world->reload, &other, "main");
    expect_told(world, (uint64_t[]){2}, 1);
    reload_tell(world->reload, 3);
    expect_told(world, (uint64_t[]){2, 3}, 2);
    assert_int_equal(kill(left, 0), 0); /* it lives on, but not for ever */
    loop_pass(&world->t, RELOAD_COMMAND_LIMIT_MS);
    LOOP_RUN_UNTIL(&world->t, is_gone(left));
    move_config(world, &other);
}

static void equal_settings_leave_a_command_running(void **state)
{
    struct world *world = *state;
    configure_script(world, "echo run >>$1/runs; sleep 0.2\n");
    char text[512];
    snprintf(text, sizeof text, "command /bin/sh -e %s/script %s", world->t.directory,
             world->t.directory);
    struct reload_options other = {0};
    assert_null(reload_options_parse(&other, text));
    reload_tell(world->reload, 1);
    reload_set_options(world->reload, &other, "main");
    assert_int_equal(world->n_told, 0);
    expect_told(world, (uint64_t[]){1}, 1);
    assert_string_equal(files_text(world->t.directory, "runs"), "run\n");
    reload_set_options(world->reload, &world->config, "main");
    reload_options_fini(&other);
}

/* From `none` to a command: the server does not know the present file. */
static void new_settings_tell_the_server_at_once(void **state)
{
    struct world *world = *state;
    struct reload_options none = {0};
    char text[256];
    assert_null(reload_options_parse(&none, strcpy(text, "none")));
    configure_script(world, "echo told >$1/out\n");
    reload_set_options(world->reload, &none, "main");
    loop_settle(&world->t);
    assert_int_equal(world->n_told, 0); /* no file exists yet */
    reload_tell(world->reload, 1);
    reload_set_options(world->reload, &world->config, "main");
    expect_told(world, (uint64_t[]){1, 1}, 2);
    assert_string_equal(files_text(world->t.directory, "out"), "told\n");
    reload_options_fini(&none);
}

static void a_command_is_killed_after_its_limit_when_closed(void **state)
{
    struct world *world = *state;
    configure_script(world, "echo $$ >$1/new; mv $1/new $1/pid; sleep 600\n");
    reload_tell(world->reload, 1);
    LOOP_RUN_UNTIL(&world->t, *files_text(world->t.directory, "pid"));
    pid_t left = atoi(files_text(world->t.directory, "pid"));
    reload_close(world->reload);
    assert_int_equal(
        reload_new(&world->reload, world->t.launcher, &world->config, "main", on_told, world), 0);
    loop_pass(&world->t, RELOAD_COMMAND_LIMIT_MS);
    LOOP_RUN_UNTIL(&world->t, is_gone(left));
    assert_int_equal(world->n_told, 0);
}

/* Otherwise it would not be told. */
static void at_the_end_the_server_is_told_what_was_left(void **state)
{
    struct world *world = *state;
    configure_script(world, "echo $$ >>$1/runs; [ -e $1/more ] || exec sleep 600\n");
    reload_tell(world->reload, 1);
    LOOP_RUN_UNTIL(&world->t, strchr(files_text(world->t.directory, "runs"), '\n'));
    pid_t left = atoi(files_text(world->t.directory, "runs"));
    files_put(world->t.directory, "more", "");
    reload_tell(world->reload, 2);
    reload_close(world->reload);
    assert_int_equal(
        reload_new(&world->reload, world->t.launcher, &world->config, "main", on_told, world), 0);
    LOOP_RUN_UNTIL(&world->t,
                   strchr(strchr(files_text(world->t.directory, "runs"), '\n') + 1, '\n'));
    pid_t last = atoi(strchr(files_text(world->t.directory, "runs"), '\n') + 1);
    assert_int_equal(world->n_told, 0);
    loop_pass(&world->t, RELOAD_COMMAND_LIMIT_MS);
    LOOP_RUN_UNTIL(&world->t, is_gone(left) && is_gone(last));
    loop_settle(&world->t);
}

/* Then the loop is empty. */
static void a_command_runs_on_after_the_end(void **state)
{
    struct world *world = *state;
    configure_script(world, "echo $$ >$1/new; mv $1/new $1/pid; sleep 600\n");
    reload_tell(world->reload, 1);
    LOOP_RUN_UNTIL(&world->t, *files_text(world->t.directory, "pid"));
    pid_t left = atoi(files_text(world->t.directory, "pid"));
    reload_close(world->reload);
    loop_end_launcher(&world->t);
    loop_settle(&world->t);
    assert_int_equal(kill(-left, SIGKILL), 0);
    LOOP_RUN_UNTIL(&world->t, !runs(left));
    loop_start_launcher(&world->t);
    assert_int_equal(
        reload_new(&world->reload, world->t.launcher, &world->config, "main", on_told, world), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(without_a_method_the_server_counts_as_told),
        TEST(a_server_that_catches_the_signal_gets_it),
        TEST(a_server_that_ignores_the_signal_is_unharmed),
        TEST(a_server_that_the_signal_would_end_is_told_later),
        TEST(a_server_that_is_never_ready_is_never_told),
        TEST(tries_become_rare),
        TEST(a_pid_file_without_a_number_is_told_once),
        TEST(each_reason_why_it_cannot_be_told_is_logged),
        TEST(whether_it_could_be_told_is_known_without_a_signal),
        TEST(a_restarted_server_is_told),
        TEST(an_owed_signal_is_sent_under_new_settings_too),
        TEST(an_s6_service_is_told_through_its_fifo),
        TEST(without_an_s6_supervisor_nothing_is_told),
        TEST(what_is_no_fifo_is_left_alone),
        TEST(a_command_tells_the_server),
        TEST(a_command_inherits_no_descriptor),
        TEST(a_command_that_fails_is_logged),
        TEST(a_command_that_fails_is_run_again),
        TEST(new_settings_replace_a_command_that_failed),
        TEST(a_command_beyond_its_time_is_killed),
        TEST(changes_during_a_command_are_one_more_run),
        TEST(new_settings_do_not_wait_for_a_running_command),
        TEST(equal_settings_leave_a_command_running),
        TEST(new_settings_tell_the_server_at_once),
        TEST(a_command_is_killed_after_its_limit_when_closed),
        TEST(a_command_runs_on_after_the_end),
        TEST(at_the_end_the_server_is_told_what_was_left),
    };
    close_range(STDERR_FILENO + 1, UINT_MAX, 0); /* all that we inherited */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
