/* A descriptor that goes with a message, and what a sender can do with more than one. */
#include "../../common/passed-fd.h"

#include "test.h"

#include <string.h>
#include <unistd.h>

struct ends {
    int from, to;
};

static struct ends connected(void)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    return (struct ends){pair[0], pair[1]};
}

static void disconnect(struct ends ends)
{
    close(ends.from);
    close(ends.to);
}

static void send_octet(struct ends ends, struct msghdr *message)
{
    struct iovec part = {"x", 1};
    message->msg_iov = &part;
    message->msg_iovlen = 1;
    assert_int_equal(sendmsg(ends.from, message, 0), 1);
}

/* The descriptor that came with an octet; *flags as recvmsg(2) sets them. */
static int receive(struct ends ends, int *flags)
{
    char octet;
    struct iovec part = {&octet, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union passed_fd room;
    passed_fd_expect(&message, &room);
    assert_int_equal(recvmsg(ends.to, &message, MSG_CMSG_CLOEXEC), 1);
    *flags = message.msg_flags;
    return passed_fd_take(&message);
}

static void one_arrives(void **state)
{
    (void)state;
    struct ends ends = connected(), passed = connected();
    struct msghdr message = {0};
    union passed_fd room;
    passed_fd_add(&message, &room, passed.from);
    send_octet(ends, &message);
    int flags, fd = receive(ends, &flags);
    assert_true(fd >= 0 && fd != passed.from);
    assert_int_equal(flags & MSG_CTRUNC, 0);
    assert_int_equal(write(fd, "y", 1), 1);
    char octet;
    assert_int_equal(read(passed.to, &octet, 1), 1);
    assert_int_equal(octet, 'y');
    close(fd);
    disconnect(passed);
    disconnect(ends);
}

static void none_arrives(void **state)
{
    (void)state;
    struct ends ends = connected();
    struct msghdr message = {0};
    union passed_fd room;
    passed_fd_add(&message, &room, -1);
    assert_null(message.msg_control);
    send_octet(ends, &message);
    int flags;
    assert_int_equal(receive(ends, &flags), -1);
    disconnect(ends);
}

/* A descriptor that nobody knows of would be open as long as the process. */
static void of_two_the_second_is_closed(void **state)
{
    (void)state;
    struct ends ends = connected(), passed = connected();
    int both[2] = {STDERR_FILENO, passed.from};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof both)];
    } room = {.header = {.cmsg_len = CMSG_LEN(sizeof both),
                         .cmsg_level = SOL_SOCKET,
                         .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&room.header), both, sizeof both);
    struct msghdr message = {.msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
    send_octet(ends, &message);
    close(passed.from);
    int flags, fd = receive(ends, &flags);
    assert_true(fd >= 0);
    assert_int_equal(flags & MSG_CTRUNC, MSG_CTRUNC);
    char octet; /* nobody has the other end open */
    assert_int_equal(recv(passed.to, &octet, 1, MSG_DONTWAIT), 0);
    close(fd);
    close(passed.to);
    disconnect(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_arrives),
        cmocka_unit_test(none_arrives),
        cmocka_unit_test(of_two_the_second_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
