/* Messages to a supervisor while phonebookd runs. */
#include "../../phonebookd/supervisor-status.h"

#include "../../phonebookd/supervisor.h"
#include "../unit/test.h"
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { A_DAY = 1767225600 };

static int setup(void **state)
{
    setenv("TZ", "UTC", 1);
    return files_setup(state);
}

static int teardown(void **state)
{
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return files_teardown(state);
}

static void the_status_is_one_line(void **state)
{
    (void)state;
    struct status_facts facts = {.names = 21, .zones = 1, .error = ""};
    char text[STATUS_MAX];
    status_text(text, &facts);
    assert_string_equal(text, "21 names, 1 zone; last build none");
    facts = (struct status_facts){1, 2, A_DAY, "a disk is full", A_DAY + 1};
    status_text(text, &facts);
    assert_string_equal(text, "1 name, 2 zones; last build 2026-01-01 00:00:00; "
                              "last error 2026-01-01 00:00:01: a disk is full");
    char error[1000];
    memset(error, 'x', sizeof error - 1);
    error[sizeof error - 1] = '\0';
    facts.error = error;
    status_text(text, &facts);
    assert_int_equal(strlen(text), STATUS_MAX - 1);
}

static void the_watchdogs_time_is_read(void **state)
{
    (void)state;
    assert_int_equal(supervisor_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "3000000", 1);
    assert_int_equal(supervisor_watchdog_ms(), 3000);
    setenv("WATCHDOG_PID", "1", 1); /* another process's */
    assert_int_equal(supervisor_watchdog_ms(), 0);
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(supervisor_watchdog_ms(), 3000);
    setenv("WATCHDOG_USEC", "x", 1);
    assert_int_equal(supervisor_watchdog_ms(), 0);
}

static int listen_at(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", (const char *)*state);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    return fd;
}

struct heard {
    int fd, watchdogs, statuses;
    char status[STATUS_MAX];
};

/* True when both have arrived this often. */
static bool hear(struct heard *heard, int watchdogs, int statuses)
{
    char text[STATUS_MAX + 32] = "";
    while (recv(heard->fd, text, sizeof text - 1, MSG_DONTWAIT) > 0) {
        if (strcmp(text, "WATCHDOG=1") == 0)
            heard->watchdogs++;
        else if (sscanf(text, "STATUS=%511[^\n]", heard->status) == 1)
            heard->statuses++;
        memset(text, 0, sizeof text);
    }
    return heard->watchdogs >= watchdogs && heard->statuses >= statuses;
}

static void find(void *owner, struct status_facts *facts)
{
    *facts = (struct status_facts){.names = *(const size_t *)owner, .error = ""};
}

/* WATCHDOG=1 each time, STATUS= if it has changed. */
static void the_supervisor_is_told_again_and_again(void **state)
{
    struct heard heard = {.fd = listen_at(state)};
    struct test_loop t;
    loop_setup(&t);
    setenv("WATCHDOG_USEC", "30000", 1);
    struct status status = {0};
    size_t names = 3;
    status_start(&status, &t.loop, find, &names);
    loop_pass(&t, 9);
    assert_true(hear(&heard, 1, 1));
    for (int i = 0; i < 4; i++)
        loop_pass(&t, 10);
    assert_true(hear(&heard, 5, 1));
    assert_int_equal(heard.watchdogs, 5);
    assert_int_equal(heard.statuses, 1);
    assert_string_equal(heard.status, "3 names, 0 zones; last build none");
    names = 4;
    loop_pass(&t, 10);
    assert_true(hear(&heard, 6, 2));
    assert_string_equal(heard.status, "4 names, 0 zones; last build none");
    status_stop(&status);
    assert_int_equal(loop_teardown(&t), 0);
    close(heard.fd);
}

/* There is nothing to close then. */
static void without_a_supervisor_nothing_runs(void **state)
{
    (void)state;
    struct test_loop t;
    loop_setup(&t);
    setenv("WATCHDOG_USEC", "30000", 1);
    struct status status = {0};
    size_t names = 3;
    status_start(&status, &t.loop, find, &names);
    assert_int_equal(loop_wakes(&t, 100), 0);
    status_stop(&status);
    assert_int_equal(loop_teardown(&t), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_status_is_one_line),
        TEST(the_watchdogs_time_is_read),
        TEST(the_supervisor_is_told_again_and_again),
        TEST(without_a_supervisor_nothing_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
