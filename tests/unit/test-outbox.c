/* Lines that wait for room in a socket. */
#include "../../phonebookd/clients/outbox.h"

#include "made.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LONG = 90000, /* more than one of the kernel's buffers */
    MANY = 20000
};

struct world {
    struct outbox outbox;
    int ours, theirs;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        return -1;
    world->ours = ends[0];
    world->theirs = ends[1];
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    outbox_fini(&world->outbox);
    close(world->ours);
    if (world->theirs >= 0)
        close(world->theirs);
    free(world);
    return 0;
}

/* Sends "0000000\n0000001\n"..., until one waits; returns how many. */
static size_t send_until_full(struct world *world)
{
    size_t n = 0;
    for (; !world->outbox.unsent; n++) {
        assert_true(n < MANY);
        char line[16];
        snprintf(line, sizeof line, "%07zu\n", n);
        assert_true(outbox_send(&world->outbox, world->ours, line, 8));
    }
    return n;
}

/* Reads all; it must be the next of these lines. */
static size_t read_lines(struct world *world, size_t next)
{
    char got[9] = "";
    while (recv(world->theirs, got, 8, 0) == 8) {
        char line[16];
        snprintf(line, sizeof line, "%07zu\n", next++);
        assert_string_equal(got, line);
    }
    return next;
}

static void a_reply_with_room_is_sent_at_once(void **state)
{
    struct world *world = *state;
    assert_true(outbox_send(&world->outbox, world->ours, "ok x\n", 5));
    assert_null(world->outbox.unsent);
    char got[8] = "";
    assert_int_equal(recv(world->theirs, got, sizeof got, 0), 5);
    assert_string_equal(got, "ok x\n");
    assert_false(outbox_flush(&world->outbox, world->ours)); /* no line waited */
}

static void replies_leave_in_their_order(void **state)
{
    struct world *world = *state;
    size_t n = send_until_full(world);
    char line[16];
    snprintf(line, sizeof line, "%07zu\n", n++); /* behind what waits */
    assert_true(outbox_send(&world->outbox, world->ours, line, 8));
    assert_false(outbox_flush(&world->outbox, world->ours));
    assert_int_equal(world->outbox.n_unsent, 16);
    size_t read = read_lines(world, 0);
    assert_int_equal(read, n - 2);
    assert_true(outbox_flush(&world->outbox, world->ours));
    assert_null(world->outbox.unsent);
    assert_int_equal(read_lines(world, read), n);
}

/* A line would come twice if phonebookd ended while half of it was sent. */
static void a_long_reply_is_not_begun_without_room(void **state)
{
    struct world *world = *state;
    int size = LONG + 10000; /* the kernel doubles it */
    socklen_t length = sizeof size;
    char text[LONG];
    memset(text, 'x', sizeof text);
    setsockopt(world->ours, SOL_SOCKET, SO_SNDBUF, &size, length);
    getsockopt(world->ours, SOL_SOCKET, SO_SNDBUF, &size, &length);
    assert_true(size > 2 * LONG);
    while (!world->outbox.unsent)
        assert_true(outbox_send(&world->outbox, world->ours, text, sizeof text));
    assert_int_equal(world->outbox.n_unsent, LONG);
    assert_false(world->outbox.begun);
    char got[2 * LONG];
    while (recv(world->theirs, got, sizeof got, 0) > 0)
        ;
    assert_true(outbox_flush(&world->outbox, world->ours));
    assert_int_equal(recv(world->theirs, got, sizeof got, MSG_WAITALL), LONG);
}

static void replies_to_a_closed_socket_are_dropped(void **state)
{
    struct world *world = *state;
    send_until_full(world);
    close(world->theirs);
    world->theirs = -1;
    assert_true(outbox_flush(&world->outbox, world->ours)); /* all was sent */
    assert_true(outbox_send(&world->outbox, world->ours, "ok x\n", 5));
    assert_null(world->outbox.unsent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reply_with_room_is_sent_at_once),
        TEST(replies_leave_in_their_order),
        TEST(a_long_reply_is_not_begun_without_room),
        TEST(replies_to_a_closed_socket_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
