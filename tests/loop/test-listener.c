/* Listening sockets: how they are made, who may connect, and a lack of descriptors. */
#include "../../phonebookd/clients/listener.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACCEPTED_MAX = 200 };

struct world {
    struct test_loop t;
    char path[FILES_DIRECTORY_MAX + 16];
    struct listener listener;
    int accepted[ACCEPTED_MAX];
    size_t n_accepted;
};

static const struct listener_options for_all = {.mode = 0666};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    loop_setup(&world->t);
    snprintf(world->path, sizeof world->path, "%s/publish", world->t.directory);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < world->n_accepted; i++)
        close(world->accepted[i]);
    int result = loop_teardown(&world->t);
    free(world);
    return result;
}

static void on_accepted(void *owner, int fd)
{
    struct world *world = owner;
    assert_true(world->n_accepted < ACCEPTED_MAX);
    world->accepted[world->n_accepted++] = fd;
}

static void start(struct world *world, const struct listener_options *config)
{
    int fd = listener_bind(world->path, config);
    assert_true(fd >= 0);
    assert_int_equal(
        listener_init(&world->listener, &world->t.loop, fd, world->path, on_accepted, world), 0);
}

static int connect_to(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -errno;
}

static struct stat status_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status;
}

static void a_client_is_accepted(void **state)
{
    struct world *world = *state;
    start(world, &for_all);
    int client = connect_to(world->path);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == 1);
    int fd = world->accepted[0];
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(write(client, "x", 1), 1);
    char octet;
    assert_int_equal(read(fd, &octet, 1), 1);
    assert_true(loop_wakes(&world->t, 30) < 10);
    listener_close(&world->listener);
    loop_settle(&world->t);
    assert_int_equal(access(world->path, F_OK), -1);
    assert_int_equal(connect_to(world->path), -ENOENT);
    assert_int_equal(write(client, "y", 1), 1); /* connected clients stay connected */
    assert_int_equal(read(fd, &octet, 1), 1);
    close(client);
}

static void a_socket_has_its_mode_and_group(void **state)
{
    static const struct listener_options configs[] = {
        {.mode = 0600}, {.mode = 0666}, {.mode = 0, .has_group = true, .group = 4242}};
    struct world *world = *state;
    mode_t before = umask(0027);
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        start(world, &configs[i]);
        struct stat status = status_of(world->path);
        assert_int_equal(status.st_mode & 07777, configs[i].mode);
        assert_int_equal(status.st_gid, configs[i].has_group ? 4242 : getegid());
        listener_close(&world->listener);
        loop_settle(&world->t);
    }
    assert_int_equal(umask(before), 0027); /* unchanged */
}

/* No socket is left to which the wrong users could connect. */
static void a_group_that_cannot_be_set_is_an_error(void **state)
{
    static const struct listener_options config = {.mode = 0660, .has_group = true, .group = 4242};
    struct world *world = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(world->t.directory, 0777), 0);
    assert_int_equal(seteuid(4001), 0);
    int result = listener_bind(world->path, &config);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(result, -EPERM);
    assert_int_equal(access(world->path, F_OK), -1);
}

static void a_leftover_socket_is_replaced(void **state)
{
    struct world *world = *state;
    int fd = listener_bind(world->path, &for_all);
    close(fd); /* as after a crash: the path stays */
    assert_int_equal(connect_to(world->path), -ECONNREFUSED);
    start(world, &for_all);
    int client = connect_to(world->path);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == 1);
    close(client);
    listener_close(&world->listener);
}

static void a_socket_that_answers_stays(void **state)
{
    struct world *world = *state;
    start(world, &for_all);
    assert_int_equal(listener_bind(world->path, &for_all), -EADDRINUSE);
    int client = connect_to(world->path);
    assert_true(client >= 0); /* the first one is not affected */
    LOOP_RUN_UNTIL(&world->t, world->n_accepted >= 1);
    close(client);
    listener_close(&world->listener);
}

static void an_impossible_path_is_an_error(void **state)
{
    struct world *world = *state;
    char path[256];
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = '\0';
    assert_int_equal(listener_bind(path, &for_all), -ENAMETOOLONG);
    snprintf(path, sizeof path, "%s/none/publish", world->t.directory);
    assert_int_equal(listener_bind(path, &for_all), -ENOENT);
    assert_int_equal(mkdir(world->path, 0755), 0);
    assert_int_equal(listener_bind(world->path, &for_all), -EEXIST);
}

static void a_file_that_is_no_socket_stays(void **state)
{
    struct world *world = *state;
    int fd = open(world->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "precious", 8), 8);
    close(fd);
    assert_int_equal(listener_bind(world->path, &for_all), -EEXIST);
    assert_int_equal(status_of(world->path).st_size, 8);
}

static void a_supervisors_socket_keeps_its_path(void **state)
{
    struct world *world = *state;
    int fd = listener_bind(world->path, &for_all);
    assert_int_equal(listener_init(&world->listener, &world->t.loop, fd, NULL, on_accepted, world),
                     0);
    int client = connect_to(world->path);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == 1);
    close(client);
    listener_close(&world->listener);
    loop_settle(&world->t);
    assert_int_equal(access(world->path, F_OK), 0);
}

static void so_many_clients_are_accepted_per_turn(void **state)
{
    enum { N = 3 * NEWCOMERS_PER_TURN };
    struct world *world = *state;
    start(world, &for_all);
    int clients[N];
    for (int i = 0; i < N; i++)
        clients[i] = connect_to(world->path);
    uv_run(&world->t.loop, UV_RUN_NOWAIT);
    assert_in_range(world->n_accepted, 1, NEWCOMERS_PER_TURN);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == N);
    for (int i = 0; i < N; i++)
        close(clients[i]);
    listener_close(&world->listener);
}

static void clients_that_have_hung_up_take_nobodys_turn(void **state)
{
    struct world *world = *state;
    start(world, &for_all);
    for (int i = 0; i < 2 * NEWCOMERS_PER_TURN; i++)
        close(connect_to(world->path));
    int client = connect_to(world->path);
    uv_run(&world->t.loop, UV_RUN_NOWAIT);
    assert_int_equal(world->n_accepted, 1);
    close(client);
    listener_close(&world->listener);
}

/* One line says so, and the loop does not spin. */
static void clients_wait_for_descriptors(void **state)
{
    struct world *world = *state;
    start(world, &for_all);
    int clients[3];
    for (int i = 0; i < 3; i++)
        clients[i] = connect_to(world->path);
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = limit;
    none.rlim_cur = 3; /* open descriptors stay open */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int i = 0; i < 5; i++)
        loop_pass(&world->t, ACCEPT_REST_MS);
    unsigned wakes = loop_wakes(&world->t, 30);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(world->n_accepted, 0);
    assert_true(wakes < 10);
    assert_int_equal(loop_logged(&world->t, "no connection can be accepted"), 1);
    loop_pass(&world->t, ACCEPT_REST_MS);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == 3);
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    listener_close(&world->listener);
}

/* A supervisor with a copy of the socket can do this: then it is always readable, and accept(2)
 * fails with EINVAL. */
static void a_socket_shut_down_elsewhere_is_rested(void **state)
{
    struct world *world = *state;
    start(world, &for_all);
    assert_int_equal(shutdown(world->listener.fd, SHUT_RDWR), 0);
    for (int i = 0; i < 5; i++)
        loop_pass(&world->t, ACCEPT_REST_MS);
    assert_true(loop_wakes(&world->t, 30) < 10);
    assert_int_equal(loop_logged(&world->t, "no connection can be accepted"), 1);
    listener_close(&world->listener);
}

static void a_listener_may_be_closed_while_it_rests(void **state)
{
    struct world *world = *state;
    start(world, &for_all);
    int client = connect_to(world->path);
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = limit;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    loop_settle(&world->t);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    listener_close(&world->listener);
    loop_pass(&world->t, ACCEPT_REST_MS);
    assert_int_equal(world->n_accepted, 0);
    close(client);
}

/* Since Linux 6.16 the kernel refuses it, so a client's own end in our queue cannot keep itself
 * alive. */
static void no_descriptor_is_taken_from_a_client(void **state)
{
    struct world *world = *state;
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {.iov_base = (char[]){"x"}, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int on = 1;
    socklen_t length = sizeof on;
    start(world, &for_all);
    int client = connect_to(world->path);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == 1);
    if (getsockopt(world->accepted[0], SOL_SOCKET, 83 /* SO_PASSRIGHTS */, &on, &length) == 0) {
        assert_int_equal(on, 0);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof client);
        memcpy(CMSG_DATA(header), &client, sizeof client);
        assert_int_equal(sendmsg(client, &message, MSG_NOSIGNAL), -1);
        assert_int_equal(errno, EPERM);
    }
    close(client);
    listener_close(&world->listener);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_client_is_accepted),
        TEST(a_socket_has_its_mode_and_group),
        TEST(a_group_that_cannot_be_set_is_an_error),
        TEST(a_leftover_socket_is_replaced),
        TEST(a_socket_that_answers_stays),
        TEST(an_impossible_path_is_an_error),
        TEST(a_file_that_is_no_socket_stays),
        TEST(a_supervisors_socket_keeps_its_path),
        TEST(so_many_clients_are_accepted_per_turn),
        TEST(clients_that_have_hung_up_take_nobodys_turn),
        TEST(clients_wait_for_descriptors),
        TEST(a_socket_shut_down_elsewhere_is_rested),
        TEST(a_listener_may_be_closed_while_it_rests),
        TEST(no_descriptor_is_taken_from_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
