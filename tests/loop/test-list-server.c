/* The list socket: read to the end of file, whatever the reader does. */
#include "../../phonebookd/list-server.h"

#include "../../phonebookd/limits.h"
#include "scene.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_ROOM = 1 << 22 };

struct world {
    struct scene scene;
    struct publisher publisher; /* without a database */
    struct list_server server;
    char *text;
    size_t length;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    signal(SIGPIPE, SIG_IGN); /* as in the daemon: libuv writes without MSG_NOSIGNAL */
    scene_init(&world->scene);
    world->text = malloc(TEXT_ROOM);
    list_server_init(&world->server, &world->scene.t.loop, &world->scene.registry,
                     &world->publisher);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    int result = scene_fini(&world->scene);
    if (world->server.n_clients != 0)
        result = -1;
    free(world->text);
    free(world);
    return result;
}

static int reader(struct world *world)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    list_server_add(&world->server, ends[0]);
    return ends[1];
}

/* True at the end of file. */
static bool receive_some(struct world *world, int fd, size_t most)
{
    size_t room = TEXT_ROOM - 1 - world->length;
    ssize_t n = recv(fd, world->text + world->length, most < room ? most : room, 0);
    if (n > 0)
        world->length += (size_t)n;
    assert_true(n >= 0 || errno == EAGAIN);
    world->text[world->length] = '\0';
    return n == 0;
}

static const char *receive_all(struct world *world, int fd)
{
    world->length = 0;
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, fd, TEXT_ROOM));
    close(fd);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
    return world->text;
}

/* More than a socket takes at once. */
static void fill(struct world *world, int n)
{
    char name[128];
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "n%04d-%050d.internal", i, i);
        scene_claim(&world->scene, name, "eth0");
    }
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void test_nobody(void **state)
{
    struct world *world = *state;
    assert_string_equal(receive_all(world, reader(world)), "");
}

static void test_some(void **state)
{
    struct world *world = *state;
    scene_claim(&world->scene, "www", "eth0");
    assert_int_equal(count_lines(receive_all(world, reader(world))), 2);
    assert_non_null(strstr(world->text, "name=www.box.example interface=eth0 "));
    assert_non_null(strstr(world->text, "name=www.internal interface=eth0 "));
}

/* As it was at the moment of the connection. */
static void test_many_read_slowly(void **state)
{
    enum { N = 3000 };
    struct world *world = *state;
    int fd;
    fill(world, N);
    fd = reader(world);
    while (world->length < 1000) {
        uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
        receive_some(world, fd, 100);
    }
    registry_drop_holder(&world->scene.registry, &world->scene.holder);
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, fd, 5000));
    close(fd);
    assert_int_equal(count_lines(world->text), N);
    assert_non_null(strstr(world->text, "name=n2999-"));
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);
    return length >= n && strcmp(text + length - n, end) == 0;
}

static void test_never_reads(void **state)
{
    struct world *world = *state;
    int fd;
    fill(world, 3000);
    fd = reader(world);
    assert_true(loop_wakes(&world->scene.t, 30) < 10);
    loop_pass(&world->scene.t, LIST_TIMEOUT_S * 1000 - 1000);
    assert_int_equal(world->server.n_clients, 1);
    loop_pass(&world->scene.t, 1000);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, fd, TEXT_ROOM)); /* cut off */
    assert_true(count_lines(world->text) < 3000);
    assert_true(ends_with(world->text, "busy")); /* wherever the cut was, it ends no line */
    close(fd);
}

static void test_goes_early(void **state)
{
    struct world *world = *state;
    int fd = reader(world);
    close(fd);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
    fill(world, 3000);
    fd = reader(world);
    loop_settle(&world->scene.t);
    close(fd);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
}

/* What a reader says is nothing to us. */
static void test_says_something(void **state)
{
    struct world *world = *state;
    int fd = reader(world);
    (void)!send(fd, "hello\n", 6, MSG_NOSIGNAL);
    scene_claim(&world->scene, "www", "eth0");
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
    close(fd);
}

static void test_too_many(void **state)
{
    struct world *world = *state;
    int fds[LIST_CLIENTS_MAX], more;
    fill(world, 3000);
    for (int i = 0; i < LIST_CLIENTS_MAX; i++)
        fds[i] = reader(world);
    loop_settle(&world->scene.t);
    more = reader(world);
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, more, TEXT_ROOM));
    assert_string_equal(world->text, "busy");
    close(more);
    close(fds[3]);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == LIST_CLIENTS_MAX - 1);
    fds[3] = reader(world);
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, fds[3], TEXT_ROOM));
    assert_int_equal(count_lines(world->text), 3000);
    for (int i = 0; i < LIST_CLIENTS_MAX; i++)
        close(fds[i]);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
}

static void test_close(void **state)
{
    struct world *world = *state;
    int fds[3];
    fill(world, 3000);
    for (int i = 0; i < 3; i++)
        fds[i] = reader(world);
    loop_settle(&world->scene.t);
    close(fds[1]);
    uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
    list_server_close(&world->server);
    list_server_close(&world->server);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_clients == 0);
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, fds[0], TEXT_ROOM));
    assert_true(ends_with(world->text, "busy"));
    close(fds[0]);
    close(fds[2]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(test_nobody),      TEST(test_some),       TEST(test_many_read_slowly),
        TEST(test_never_reads), TEST(test_goes_early), TEST(test_says_something),
        TEST(test_too_many),    TEST(test_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
