#include "loop.h"

#include "../../phonebookd/launcher/launcher.h"
#include "../../phonebookd/log.h"
#include "../unit/test.h"
#include "clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SETTLE_TURNS = 20, FAR_MS = 2000000000, NOBODY = 65534 };

int loop_count_descriptors(void)
{
    DIR *stream = opendir("/proc/self/fd");
    assert_non_null(stream);
    int n = 0;
    while (readdir(stream))
        n++;
    closedir(stream);
    return n;
}

static void on_alive(uv_timer_t *alive)
{
    (void)alive;
}

void loop_setup(struct test_loop *t)
{
    /* the first loop of a process opens descriptors that all share */
    assert_int_equal(uv_loop_init(&t->loop), 0);
    assert_int_equal(uv_loop_close(&t->loop), 0);
    t->launcher = NULL;
    assert_int_equal(files_begin(t->directory), 0);
    t->n_descriptors = loop_count_descriptors();
    assert_int_equal(uv_loop_init(&t->loop), 0);
    clock_hold();
    uv_update_time(&t->loop);
    uv_timer_init(&t->loop, &t->alive);
    uv_timer_start(&t->alive, on_alive, FAR_MS, 0);
    log_left_out(); /* so that lines of earlier tests do not limit this one's */
    t->real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    t->log = memfd_create("log", MFD_CLOEXEC);
    assert_true(t->real_stderr >= 0 && t->log >= 0);
    assert_int_equal(dup2(t->log, STDERR_FILENO), STDERR_FILENO);
}

static bool may_run(void *context, char *const *arguments, bool *net_admin)
{
    (void)context, (void)arguments, (void)net_admin;
    return true;
}

static bool may_open(void *context, const char *path)
{
    (void)context, (void)path;
    return true;
}

static void read_again(void *context)
{
    (void)context;
}

void loop_start_launcher(struct test_loop *t)
{
    const struct launcher_rules rules = {
        .may_run = may_run, .may_open = may_open, .read_again = read_again};
    t->launcher = launcher_start(&rules);
    assert_non_null(t->launcher);
    launcher_attach(t->launcher, &t->loop);
}

void loop_end_launcher(struct test_loop *t)
{
    if (t->launcher)
        launcher_close(t->launcher);
    t->launcher = NULL;
}

static void tell_of_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    print_error("left in the loop: %s%s%s\n", uv_handle_type_name(handle->type),
                uv_is_active(handle) ? ", active" : "", uv_is_closing(handle) ? ", closing" : "");
}

int loop_teardown(struct test_loop *t)
{
    uint64_t limit = clock_kernel_ms() + LOOP_LIMIT_MS;
    clock_go();
    loop_end_launcher(t);
    uv_close((uv_handle_t *)&t->alive, NULL);
    while (uv_loop_alive(&t->loop) && clock_kernel_ms() < limit)
        if (uv_run(&t->loop, UV_RUN_NOWAIT))
            usleep(100); /* waits for the pool's threads */
    dup2(t->real_stderr, STDERR_FILENO);
    close(t->real_stderr);
    close(t->log);
    int removed = files_remove(t->directory);
    int busy = uv_loop_close(&t->loop);
    if (busy) {
        uv_walk(&t->loop, tell_of_handle, NULL);
        return -1;
    }
    int left;
    while ((left = loop_count_descriptors() - t->n_descriptors) && clock_kernel_ms() < limit)
        usleep(1000); /* waits for abandoned threads */
    if (left)
        print_error("%d descriptors are left\n", left);
    return left ? -1 : removed;
}

void loop_begin_wait(struct test_loop *t)
{
    t->limit = clock_kernel_ms() + LOOP_LIMIT_MS;
}

void loop_wait(struct test_loop *t, const char *condition, const char *file, int line)
{
    if (clock_kernel_ms() > t->limit) {
        print_error("not within %d ms: %s\n", LOOP_LIMIT_MS, condition);
        _fail(file, line);
    }
    clock_turn(&t->loop);
}

void loop_settle(struct test_loop *t)
{
    for (int i = 0; i < SETTLE_TURNS; i++)
        uv_run(&t->loop, UV_RUN_NOWAIT);
}

void loop_pass(struct test_loop *t, uint64_t ms)
{
    clock_pass(ms);
    loop_settle(t);
}

unsigned loop_run(struct test_loop *t, uint64_t ms)
{
    uv_update_time(&t->loop);
    unsigned n = 0;
    for (uint64_t end = uv_now(&t->loop) + ms; uv_now(&t->loop) < end;)
        n += clock_turn(&t->loop);
    return n;
}

unsigned loop_wakes(struct test_loop *t, uint64_t ms)
{
    loop_settle(t);
    return loop_run(t, ms);
}

unsigned loop_logged(const struct test_loop *t, const char *text)
{
    off_t length = lseek(t->log, 0, SEEK_END);
    char *log = calloc(1, (size_t)length + 1);
    assert_non_null(log);
    assert_int_equal(pread(t->log, log, (size_t)length, 0), length);
    unsigned n = 0;
    for (const char *at = log; (at = strstr(at, text)); at++)
        n++;
    free(log);
    return n;
}

void loop_forget_log(struct test_loop *t)
{
    assert_int_equal(ftruncate(t->log, 0), 0);
    lseek(t->log, 0, SEEK_SET);
}

void loop_become_nobody(void)
{
    if (getuid() != 0)
        skip();
    assert_int_equal(seteuid(NOBODY), 0);
}

void loop_become_root(void)
{
    assert_int_equal(seteuid(getuid()), 0);
}
