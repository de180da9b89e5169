/* Which of the descriptors that a supervisor passes are listening sockets. */
#include "../../common/listen-fds.h"
#include "files.h"
#include "test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int bound(int family, int type)
{
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(family, type, 0);
    assert_true(fd >= 0);
    struct sockaddr_un path = {.sun_family = AF_UNIX}; /* bound to some abstract name (unix(7)) */
    if (family == AF_UNIX)
        assert_int_equal(bind(fd, (struct sockaddr *)&path, sizeof path.sun_family), 0);
    else
        assert_int_equal(bind(fd, (struct sockaddr *)&host, sizeof host), 0);
    return fd;
}

static int listening(int family, int type)
{
    int fd = bound(family, type);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static int connected(int type)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, type, 0, ends), 0);
    close(ends[1]);
    return ends[0];
}

static int one_of_a_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    return ends[0];
}

static void a_listening_socket_is_taken(void **state)
{
    static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int fd = listening(AF_UNIX, types[i]);
        char why[LISTEN_FDS_TEXT_MAX];
        assert_true(listen_fds_take(fd, types[i], why));
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        close(fd);
    }
}

static void another_descriptor_is_refused_and_named(void **state)
{
    const struct {
        int fd;
        const char *what;
    } cases[] = {
        {connected(SOCK_STREAM), "a non-listening SOCK_STREAM socket of AF_UNIX"},
        {bound(AF_UNIX, SOCK_STREAM), "a non-listening SOCK_STREAM socket of AF_UNIX"},
        {bound(AF_UNIX, SOCK_DGRAM), "a non-listening SOCK_DGRAM socket of AF_UNIX"},
        {listening(AF_UNIX, SOCK_SEQPACKET), "a listening SOCK_SEQPACKET socket of AF_UNIX"},
        {listening(AF_INET, SOCK_STREAM), "a listening SOCK_STREAM socket of AF_INET"},
        {one_of_a_pipe(), "a pipe"},
        {open("/proc/self/status", O_RDONLY), "a regular file"},
        {open("/", O_RDONLY), "a directory"},
        {open("/dev/null", O_RDONLY), "a device"},
        {eventfd(0, 0), "no socket"},
        {1000, "not open"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char why[LISTEN_FDS_TEXT_MAX];
        assert_false(listen_fds_take(cases[i].fd, SOCK_STREAM, why));
        char expected[LISTEN_FDS_TEXT_MAX];
        snprintf(expected, sizeof expected,
                 "descriptor %d is %s, and must be a listening SOCK_STREAM socket of AF_UNIX",
                 cases[i].fd, cases[i].what);
        assert_string_equal(why, expected);
        close(cases[i].fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listening_socket_is_taken),
        cmocka_unit_test(another_descriptor_is_refused_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
