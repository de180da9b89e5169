/* Sockets from a supervisor, and messages to it. LISTEN_FDS begins at descriptor 3, so each case is
 * a process of its own. */
#include "../../common/notify.h"
#include "../../phonebookd/supervisor.h"

#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 3, PASSED = 3, NONE = -ENOENT & 255 /* as an exit status */ };

static struct sockaddr_un address_of(void **state, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", (const char *)*state, name);
    return address;
}

/* In the child: three listening sockets as 3, 4 and 5, bound to a, b and an abstract name. */
static void pass_sockets(void **state)
{
    static const char *const names[PASSED] = {"a", "b", NULL};
    for (int i = 0; i < PASSED; i++) {
        struct sockaddr_un address = address_of(state, names[i] ? names[i] : "");
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        socklen_t length = names[i] ? sizeof address : sizeof address.sun_family; /* unix(7) */
        if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 1) != 0)
            _exit(100);
        if (dup2(fd, 20 + i) < 0)
            _exit(100);
        close(fd);
    }
    for (int i = 0; i < PASSED; i++)
        if (dup2(20 + i, FIRST + i) < 0 || close(20 + i) < 0)
            _exit(100);
}

/* The exit status is the descriptor; its flags are checked. */
static void ask(void **state, const char *name, const char *path)
{
    struct sockaddr_un address = address_of(state, path);
    int fd = supervisor_socket(name, address.sun_path);
    if (fd >= 0 && (!(fcntl(fd, F_GETFD) & FD_CLOEXEC) || !(fcntl(fd, F_GETFL) & O_NONBLOCK)))
        _exit(101);
    _exit(fd & 255);
}

static void a_socket_is_found_by_its_name_or_path(void **state)
{
    static const struct {
        const char *pid, *count, *fdnames; /* pid NULL: the right one */
        const char *name, *path;
        int expected;
    } cases[] = {
        {NULL, "3", NULL, "publish", "a", FIRST},
        {NULL, "3", NULL, "publish", "b", FIRST + 1},
        {NULL, "3", NULL, "publish", "c", NONE},
        {NULL, "3", "x:y:publish", "publish", "c", FIRST + 2},
        {NULL, "3", "publish:y:z", "publish", "c", FIRST},
        {NULL, "3", "publish:y:z", "publish", "b", FIRST + 1}, /* the path has precedence */
        {NULL, "3", "databases:pub:", "publish", "c", NONE},
        {NULL, "3", "x", "y", "c", NONE},
        {NULL, "3", "", "publish", "c", NONE},
        {NULL, "2", "x:y:publish", "publish", "c", NONE},
        {NULL, "1", NULL, "publish", "b", NONE},
        {NULL, "0", NULL, "publish", "a", NONE},
        {NULL, "-1", NULL, "publish", "a", NONE},
        {NULL, "x", NULL, "publish", "a", NONE},
        {NULL, "999999", NULL, "publish", "b", FIRST + 1},
        {"1", "3", NULL, "publish", "a", NONE}, /* for another process */
        {"", "3", NULL, "publish", "a", NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sockaddr_un a = address_of(state, "a"), b = address_of(state, "b");
        pid_t child = fork();
        if (child == 0) {
            char pid[16];
            snprintf(pid, sizeof pid, "%d", getpid());
            setenv("LISTEN_PID", cases[i].pid ? cases[i].pid : pid, 1);
            setenv("LISTEN_FDS", cases[i].count, 1);
            if (cases[i].fdnames)
                setenv("LISTEN_FDNAMES", cases[i].fdnames, 1);
            pass_sockets(state);
            ask(state, cases[i].name, cases[i].path);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) != cases[i].expected)
            fail_msg("case %zu: %d", i, WEXITSTATUS(status));
        unlink(a.sun_path);
        unlink(b.sun_path);
    }
}

/* It does not count as "none". */
static void what_cannot_be_listened_on_is_refused(void **state)
{
    struct sockaddr_un address = address_of(state, "publish");
    pid_t child = fork();
    if (child == 0) {
        char pid[16];
        snprintf(pid, sizeof pid, "%d", getpid());
        setenv("LISTEN_PID", pid, 1);
        setenv("LISTEN_FDS", "1", 1);
        setenv("LISTEN_FDNAMES", "publish", 1);
        int ends[2];
        if (pipe(ends) < 0 || dup2(ends[0], FIRST) < 0)
            _exit(100);
        _exit(-supervisor_socket("publish", address.sun_path));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EINVAL);
}

/* Calls the function on a loop. */
struct told {
    struct test_loop t;
    struct supervisor supervisor;
};

static void begin(struct told *told)
{
    loop_setup(&told->t);
    supervisor_init(&told->supervisor, &told->t.loop);
}

static int end(struct told *told)
{
    supervisor_close(&told->supervisor);
    return loop_teardown(&told->t);
}

static void without_a_supervisor_there_is_nothing_to_do(void **state)
{
    (void)state;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    assert_int_equal(supervisor_socket("publish", "/run/x"), -ENOENT);
    unsetenv("NOTIFY_SOCKET");
    struct told told;
    begin(&told);
    supervisor_ready(&told.supervisor, -1);
    assert_int_equal(end(&told), 0);
}

static void expect_datagram(int fd, const char *expected)
{
    char text[64] = "";
    assert_true(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) > 0);
    assert_string_equal(text, expected);
}

static void readiness_is_told_to_both_kinds_of_supervisor(void **state)
{
    struct sockaddr_un address = address_of(state, "notify");
    struct told told;
    begin(&told);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    supervisor_ready(&told.supervisor, ends[1]);
    expect_datagram(fd, "READY=1");
    char heard[4];
    assert_int_equal(read(ends[0], heard, sizeof heard), 1);
    assert_int_equal(heard[0], '\n');
    assert_int_equal(read(ends[0], heard, sizeof heard), 0); /* it was closed */
    supervisor_notify(&told.supervisor, "STOPPING=1");
    expect_datagram(fd, "STOPPING=1");
    close(ends[0]);
    close(fd);
    assert_int_equal(end(&told), 0);
}

static void an_abstract_socket_is_notified(void **state)
{
    (void)state;
    struct told told;
    begin(&told);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char name[64];
    snprintf(name, sizeof name, "@phonebook-test-%d", getpid());
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + 1, name + 1, strlen(name + 1));
    assert_int_equal(bind(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                     0);
    setenv("NOTIFY_SOCKET", name, 1);
    supervisor_notify(&told.supervisor, "READY=1");
    expect_datagram(fd, "READY=1");
    close(fd);
    assert_int_equal(end(&told), 0);
}

/* From many sockets, because the messages of each are limited. */
static void fill_queue(const struct sockaddr_un *address)
{
    unsigned sent;
    do {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        for (sent = 0;
             sendto(fd, "x", 1, 0, (const struct sockaddr *)address, sizeof *address) == 1;)
            sent++;
        close(fd);
    } while (sent > 0);
}

/* It is not waited for. Later it gets what is true by then, in its order. */
static void a_supervisor_that_does_not_read_is_told_later(void **state)
{
    struct sockaddr_un address = address_of(state, "notify");
    struct told told;
    begin(&told);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    fill_queue(&address);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    alarm(60); /* a blocking send would never return */
    supervisor_notify(&told.supervisor, "READY=1");
    supervisor_notify(&told.supervisor, "RELOADING=1");
    supervisor_notify(&told.supervisor, "READY=1");
    loop_pass(&told.t, 2 * NOTIFY_RETRY_MS);
    assert_int_equal(loop_logged(&told.t, "its queue is full"), 1);
    char text[4];
    while (recv(fd, text, sizeof text, MSG_DONTWAIT) > 0)
        ;
    loop_pass(&told.t, NOTIFY_RETRY_MS);
    expect_datagram(fd, "RELOADING=1");
    expect_datagram(fd, "READY=1");
    assert_int_equal(loop_logged(&told.t, "notified again"), 1);
    fill_queue(&address);
    supervisor_notify(&told.supervisor, "STOPPING=1");
    alarm(0);
    unsetenv("NOTIFY_SOCKET");
    close(fd);
    assert_int_equal(end(&told), 0);
}

/* Nobody listens, or it is not an address. */
static void an_impossible_address_does_no_harm(void **state)
{
    struct told told;
    begin(&told);
    char too_long[200];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    too_long[0] = '/';
    setenv("NOTIFY_SOCKET", address_of(state, "nobody").sun_path, 1);
    supervisor_notify(&told.supervisor, "READY=1");
    assert_int_equal(loop_logged(&told.t, "cannot be notified"), 1);
    setenv("NOTIFY_SOCKET", too_long, 1);
    supervisor_notify(&told.supervisor, "READY=1");
    assert_int_equal(loop_logged(&told.t, "File name too long"), 1);
    setenv("NOTIFY_SOCKET", "", 1);
    supervisor_notify(&told.supervisor, "READY=1");
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(end(&told), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILES(a_socket_is_found_by_its_name_or_path, files_setup),
        WITH_FILES(what_cannot_be_listened_on_is_refused, files_setup),
        cmocka_unit_test(without_a_supervisor_there_is_nothing_to_do),
        WITH_FILES(readiness_is_told_to_both_kinds_of_supervisor, files_setup),
        cmocka_unit_test(an_abstract_socket_is_notified),
        WITH_FILES(a_supervisor_that_does_not_read_is_told_later, files_setup),
        WITH_FILES(an_impossible_address_does_no_harm, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
