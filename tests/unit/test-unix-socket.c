/* Sockets with a path: which existing ones may be replaced. */
#include "../../common/unix-socket.h"
#include "files.h"
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int bound(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void a_bound_socket_is_private(void **state)
{
    const char *path = files_path(*state, "socket");
    mode_t mask = umask(0);
    int fd = unix_socket_bind(path, SOCK_STREAM);
    assert_int_equal(umask(mask), 0); /* unchanged */
    assert_true(fd >= 0);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode, S_IFSOCK | 0600);
    assert_int_equal(unix_socket_connect(path, SOCK_STREAM), -ECONNREFUSED);
    assert_int_equal(listen(fd, 1), 0);
    int client = unix_socket_connect(path, SOCK_STREAM);
    assert_true(client >= 0);
    close(client);
    close(fd);
}

/* Sockets of any type. */
static void a_socket_that_nobody_listens_on_is_replaced(void **state)
{
    static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
    const char *path = files_path(*state, "socket");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        close(bound(path, types[i]));
        int fd = unix_socket_bind(path, SOCK_SEQPACKET);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(unlink(path), 0);
    }
}

static void expect_refused(const char *path, int type, int error)
{
    struct stat before;
    assert_int_equal(lstat(path, &before), 0);
    assert_int_equal(unix_socket_bind(path, type), error);
    struct stat after;
    assert_int_equal(lstat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void a_socket_that_somebody_listens_on_stays(void **state)
{
    const char *path = files_path(*state, "socket");
    int fd = bound(path, SOCK_STREAM);
    assert_int_equal(listen(fd, 0), 0);
    expect_refused(path, SOCK_STREAM, -EADDRINUSE);
    expect_refused(path, SOCK_SEQPACKET, -EADDRINUSE);
    int clients[8], n = 0;
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

/* Our own copy of the socket has no effect. */
static void a_socket_whose_listener_is_gone_is_replaced(void **state)
{
    const char *path = files_path(*state, "socket");
    int fd = bound(path, SOCK_STREAM);
    pid_t pid = fork();
    if (pid == 0)
        _exit(listen(fd, 8));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    int other = unix_socket_bind(path, SOCK_STREAM);
    assert_true(other >= 0);
    close(other);
    assert_int_equal(unlink(path), 0);
    close(fd);
}

/* A symbolic link is not followed: nothing is asked, made or removed at its target. */
static void a_path_that_is_no_socket_stays(void **state)
{
    const char *path = files_path(*state, "socket"), *other = files_path(*state, "other");
    files_write(path, "x", 1);
    expect_refused(path, SOCK_STREAM, -EEXIST);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(other, path), 0);
    expect_refused(path, SOCK_STREAM, -EEXIST);
    int fd = bound(other, SOCK_STREAM);
    close(fd);
    expect_refused(path, SOCK_STREAM, -EEXIST);
    assert_int_equal(access(other, F_OK), 0);
}

static void an_impossible_path_is_an_error(void **state)
{
    char path[200];
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(unix_socket_bind(path, SOCK_STREAM), -ENAMETOOLONG);
    assert_int_equal(unix_socket_connect(path, SOCK_STREAM), -ENAMETOOLONG);
    assert_int_equal(unix_socket_bind(files_path(*state, "none/socket"), SOCK_STREAM), -ENOENT);
    assert_int_equal(unix_socket_connect(files_path(*state, "none"), SOCK_STREAM), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(a_bound_socket_is_private, files_setup),
        WITH_FILES(a_socket_that_nobody_listens_on_is_replaced, files_setup),
        WITH_FILES(a_socket_that_somebody_listens_on_stays, files_setup),
        WITH_FILES(a_socket_whose_listener_is_gone_is_replaced, files_setup),
        WITH_FILES(a_path_that_is_no_socket_stays, files_setup),
        WITH_FILES(an_impossible_path_is_an_error, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
