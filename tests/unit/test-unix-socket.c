/* Sockets with a path: whose place may be taken, and whose not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../common/unix-socket.h"
#include "files.h"

static int bound(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void test_bound(void **state)
{
    const char *path = files_path(state, "socket");
    mode_t mask = umask(0);
    int fd = unix_socket_bind(path, SOCK_STREAM), client;
    struct stat status;

    assert_int_equal(umask(mask), 0); /* as it was */
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode, S_IFSOCK | 0600);
    assert_int_equal(unix_socket_connect(path, SOCK_STREAM), -ECONNREFUSED);
    assert_int_equal(listen(fd, 1), 0);
    client = unix_socket_connect(path, SOCK_STREAM);
    assert_true(client >= 0);
    close(client);
    close(fd);
}

/* Nobody's any more, of whatever type. */
static void test_leftovers(void **state)
{
    static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
    const char *path = files_path(state, "socket");

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int fd;

        close(bound(path, types[i]));
        fd = unix_socket_bind(path, SOCK_SEQPACKET);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(unlink(path), 0);
    }
}

static void expect_refused(const char *path, int type, int error)
{
    struct stat before, after;

    assert_int_equal(lstat(path, &before), 0);
    assert_int_equal(unix_socket_bind(path, type), error);
    assert_int_equal(lstat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void test_living(void **state)
{
    const char *path = files_path(state, "socket");
    int fd = bound(path, SOCK_STREAM), clients[8], n = 0;

    assert_int_equal(listen(fd, 0), 0);
    expect_refused(path, SOCK_STREAM, -EADDRINUSE);
    expect_refused(path, SOCK_SEQPACKET, -EADDRINUSE);
    while (n < 8 && (clients[n] = unix_socket_connect(path, SOCK_STREAM)) >= 0)
        n++;
    assert_true(n < 8); /* its queue is full */
    expect_refused(path, SOCK_STREAM, -EADDRINUSE);
    while (n > 0)
        close(clients[--n]);
    close(fd);
    assert_int_equal(unlink(path), 0);
    fd = bound(path, SOCK_DGRAM);
    expect_refused(path, SOCK_STREAM, -EADDRINUSE);
    close(fd);
}

/* Who listened there is gone; that we have a copy of his socket makes it nobody's. */
static void test_orphaned(void **state)
{
    const char *path = files_path(state, "socket");
    int fd = bound(path, SOCK_STREAM), other, status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(listen(fd, 8));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    other = unix_socket_bind(path, SOCK_STREAM);
    assert_true(other >= 0);
    close(other);
    assert_int_equal(unlink(path), 0);
    close(fd);
}

/* A link is not followed: what it leads to is neither asked nor made nor removed. */
static void test_no_socket(void **state)
{
    const char *path = files_path(state, "socket"), *other = files_path(state, "other");
    int fd;

    files_write(path, "x", 1);
    expect_refused(path, SOCK_STREAM, -EEXIST);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(other, path), 0);
    expect_refused(path, SOCK_STREAM, -EEXIST);
    fd = bound(other, SOCK_STREAM);
    close(fd);
    expect_refused(path, SOCK_STREAM, -EEXIST);
    assert_int_equal(access(other, F_OK), 0);
}

static void test_paths_that_are_none(void **state)
{
    char path[200];

    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(unix_socket_bind(path, SOCK_STREAM), -ENAMETOOLONG);
    assert_int_equal(unix_socket_connect(path, SOCK_STREAM), -ENAMETOOLONG);
    assert_int_equal(unix_socket_bind(files_path(state, "none/socket"), SOCK_STREAM), -ENOENT);
    assert_int_equal(unix_socket_connect(files_path(state, "none"), SOCK_STREAM), -ENOENT);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, files_setup, files_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(test_bound),    WITH_FILES(test_leftovers), WITH_FILES(test_living),
        WITH_FILES(test_orphaned), WITH_FILES(test_no_socket), WITH_FILES(test_paths_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
