/* Hang-ups while the process that connected still runs, and while it does not. */
#include "../../phonebookd/clients/hang-ups.h"

#include "../../common/passed-fd.h"
#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static const char line[] = "withdrawn: the connection is closed in all processes";

/* Replaces libc's function, as if the kernel were older than 6.5. */
static bool is_old_kernel;

int getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    if (is_old_kernel && level == SOL_SOCKET && name == SO_PEERPIDFD) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return (int)syscall(SYS_getsockopt, fd, level, name, value, size);
}

static int setup(void **state)
{
    is_old_kernel = false;
    return stage_setup(state);
}

static int setup_old(void **state)
{
    is_old_kernel = true;
    return stage_setup(state);
}

static void look(struct stage *stage)
{
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    loop_pass(&stage->t, HANG_UP_LOOK_MS);
}

/* The client of the newest connection runs another program since its first request. */
static void change_program(struct stage *stage)
{
    struct connection *c = stage_newest(stage);
    char program[HANG_UP_PROGRAM_MAX];
    hang_ups_program(program, c->holder.pid);
    assert_string_equal(c->program, program);
    strcpy(c->program, "phonebook");
}

/* The process is this one. */
static void a_hang_up_is_told_if_its_process_runs_on(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    char whose[64];
    snprintf(whose, sizeof whose, "uid %u, pid %d", geteuid(), getpid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    stage_ask(stage, client, "mail.internal eth0\n", "ok mail.internal\n");
    change_program(stage);
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    loop_pass(&stage->t, HANG_UP_LOOK_MS / 2);
    assert_int_equal(loop_logged(&stage->t, line), 0);
    loop_pass(&stage->t, HANG_UP_LOOK_MS / 2);
    assert_int_equal(loop_logged(&stage->t, "www.internal and 1 other name: withdrawn"), 1);
    assert_int_equal(loop_logged(&stage->t, whose), 1);
    loop_pass(&stage->t, 10 * HANG_UP_LOOK_MS);
    assert_int_equal(loop_logged(&stage->t, line), 1);
}

/* We close it on purpose. */
static void a_hang_up_on_purpose_is_not_told(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    assert_int_equal(stage->set.hang_ups.n, 0);
    loop_pass(&stage->t, HANG_UP_LOOK_MS);
    assert_int_equal(loop_logged(&stage->t, line), 0);
}

/* While others wait, the client's program is not looked at, so its end is not reported. */
static void a_hang_up_is_not_told_if_the_program_is_unknown(void **state)
{
    struct stage *stage = *state;
    int first = stage_client(stage, geteuid()), second = stage_client(stage, geteuid());
    stage_say(first, "www.internal eth0\n");
    stage_say(second, "mail.internal eth0\n");
    stage_expect_line(stage, first, "ok ");
    stage_expect_line(stage, second, "ok ");
    assert_string_equal(TAILQ_FIRST(&stage->set.all)->program, "");
    close(first);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 1);
    assert_int_equal(stage->set.hang_ups.n, 0);
    close(second);
}

static void a_hang_up_without_a_name_is_not_told(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "w..w eth0\n");
    stage_expect_line(stage, client, "error ");
    close(client);
    look(stage);
    assert_int_equal(loop_logged(&stage->t, line), 0);
}

static void a_hang_up_after_a_withdrawal_is_not_told(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    stage_say(client, "www.internal eth0 withdraw=yes\n");
    stage_expect_line(stage, client, "ok");
    close(client);
    look(stage);
    assert_int_equal(loop_logged(&stage->t, line), 0);
}

/* Both ends of a connection that a child of ours has made. It ends when we close *lives. */
static pid_t connect_in_child(int *ours, int *theirs, int *lives)
{
    int carrier[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, carrier), 0);
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    int ends[2];
    for (int i = 0; i < 2; i++) {
        char octet = 0;
        struct iovec vector = {&octet, 1};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
        union passed_fd room;
        if (child > 0) {
            passed_fd_expect(&message, &room);
            assert_int_equal(recvmsg(carrier[0], &message, MSG_CMSG_CLOEXEC), 1);
            ends[i] = passed_fd_take(&message);
            continue;
        }
        if (i == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
            _exit(1);
        passed_fd_add(&message, &room, ends[i]);
        if (sendmsg(carrier[1], &message, 0) < 0)
            _exit(1);
    }
    if (child == 0) {
        close(ends[0]);
        close(ends[1]);
        close(pipe_ends[1]);
        char octet;
        _exit((int)read(pipe_ends[0], &octet, 1));
    }
    close(carrier[0]);
    close(carrier[1]);
    close(pipe_ends[0]);
    *ours = ends[0];
    *theirs = ends[1];
    *lives = pipe_ends[1];
    return child;
}

/* Nobody has waited for it, so it still has its pid. */
static void a_process_that_has_ended_is_not_told(void **state)
{
    struct stage *stage = *state;
    int ours, theirs, lives;
    pid_t child = connect_in_child(&ours, &theirs, &lives);
    connections_add(&stage->set, ours);
    stage_ask(stage, theirs, "www.internal eth0\n", "ok www.internal\n");
    assert_int_equal(stage_newest(stage)->holder.pid, child);
    change_program(stage);
    close(lives);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    close(theirs);
    look(stage);
    assert_int_equal(loop_logged(&stage->t, line), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* A process that exits closes its descriptors first. */
static void a_process_that_ends_after_the_hang_up_is_not_told(void **state)
{
    struct stage *stage = *state;
    int ours, theirs, lives;
    pid_t child = connect_in_child(&ours, &theirs, &lives);
    connections_add(&stage->set, ours);
    stage_ask(stage, theirs, "www.internal eth0\n", "ok www.internal\n");
    change_program(stage);
    close(theirs);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    assert_int_equal(stage->set.hang_ups.n, 1);
    close(lives);
    assert_int_equal(waitpid(child, NULL, 0), child);
    loop_pass(&stage->t, HANG_UP_LOOK_MS);
    assert_int_equal(stage->set.hang_ups.n, 0);
    assert_int_equal(loop_logged(&stage->t, line), 0);
}

static void only_so_many_hang_ups_are_watched(void **state)
{
    enum { N = HANG_UPS_WATCHED + 4 };
    struct stage *stage = *state;
    int clients[N];
    for (int i = 0; i < N; i++) {
        clients[i] = stage_client(stage, geteuid());
        char request[32];
        snprintf(request, sizeof request, "n%d.internal eth0\n", i);
        stage_say(clients[i], request);
        stage_expect_line(stage, clients[i], "ok ");
        change_program(stage);
    }
    int before = loop_count_descriptors();
    for (int i = 0; i < N; i++)
        close(clients[i]);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    assert_int_equal(stage->set.hang_ups.n, HANG_UPS_WATCHED);
    assert_int_equal(loop_count_descriptors(), before - 2 * N + HANG_UPS_WATCHED);
    loop_pass(&stage->t, HANG_UP_LOOK_MS);
    assert_int_equal(stage->set.hang_ups.n, 0);
    assert_in_range(loop_logged(&stage->t, line), 1, HANG_UPS_WATCHED);
}

/* stage_teardown() counts descriptors. */
static void a_watched_hang_up_may_outlive_the_loop(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    change_program(stage);
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    assert_int_equal(stage->set.hang_ups.n, 1);
}

/* It has the pid of the process that connected. */
static void a_process_that_began_later_is_not_told(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    change_program(stage);
    stage_newest(stage)->holder.registrations->since = 0;
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    assert_int_equal(stage->set.hang_ups.n, 0);
}

/* With its own name, because tests/run counts by names. */
#define TEST_OLD(name)                                                                             \
    {                                                                                              \
#name "_old", name, setup_old, stage_teardown, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STAGE(a_hang_up_is_told_if_its_process_runs_on, setup),
        ON_STAGE(a_hang_up_on_purpose_is_not_told, setup),
        ON_STAGE(a_hang_up_is_not_told_if_the_program_is_unknown, setup),
        ON_STAGE(a_hang_up_without_a_name_is_not_told, setup),
        ON_STAGE(a_hang_up_after_a_withdrawal_is_not_told, setup),
        ON_STAGE(a_process_that_has_ended_is_not_told, setup),
        ON_STAGE(a_process_that_ends_after_the_hang_up_is_not_told, setup),
        ON_STAGE(only_so_many_hang_ups_are_watched, setup),
        ON_STAGE(a_watched_hang_up_may_outlive_the_loop, setup),
        TEST_OLD(a_hang_up_is_told_if_its_process_runs_on),
        TEST_OLD(a_process_that_has_ended_is_not_told),
        TEST_OLD(a_process_that_ends_after_the_hang_up_is_not_told),
        TEST_OLD(a_process_that_began_later_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
