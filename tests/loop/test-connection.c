/* Connections: what clients send, in any pieces, what they are told, and how they end. */
#include "stage.h"

#include "../../phonebookd/clients/connection-request.h"
#include "../../phonebookd/limits.h"
#include "../../publish-client/request.h"
#include "../unit/test.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- requests and replies ---- */

static void a_request_is_answered_with_its_names(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    const struct connection *c = stage_newest(stage);
    stage_expect_silence(stage, client);
    stage_ask(stage, client, "WWW eth0\n", "ok www.box.example www.internal\n");
    stage_expect_names(stage, "www.box.example www.internal");
    stage_ask(stage, client, "mail.internal eth1 ttl=30\n", "ok mail.internal\n");
    assert_int_equal(c->holder.registrations->options.ttl, 30);
    assert_string_equal(c->holder.registrations->interface, "eth1");
    assert_int_equal(c->holder.pid, getpid());
    assert_int_equal(stage->n_entered, 1); /* once per connection */
    assert_int_equal(stage->n_changed, 2);
    stage_leave(stage, client);
    assert_int_equal(stage->n_changed, 3);
    assert_int_equal(stage->n_left, 1);
    stage_expect_names(stage, "");
}

static void each_mistake_has_its_error_and_ends_nothing(void **state)
{
    static const char *const cases[][2] = {
        {"\n", "error syntax "},
        {"www\n", "error syntax "},
        {" \n", "error syntax "},
        {"www eth0\r\n", "error "},
        {"www eth0 ttl\n", "error syntax "},
        {"www eth0 ttl=x\n", "error syntax "},
        {"www eth0 colour=blue\n", "error syntax "},
        {"www eth0 wait=0\n", "error syntax "},
        {"www .\n", "error interface "},
        {"www a/b\n", "error interface "},
        {"w..w eth0\n", "error name "},
        {"w:w eth0\n", "error name "},
        {"www.example. eth0\n", "error zone www.example is in no zone"},
        {"*.www eth0\n", "error zone "},
    };
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage_say(client, cases[i][0]);
        stage_expect_line(stage, client, cases[i][1]);
    }
    assert_int_equal(send(client, "w\0w eth0\n", 9, 0), 9);
    stage_expect_line(stage, client, "error ");
    stage_expect_names(stage, "");
    assert_int_equal(stage->n_changed, 0);
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    close(client);
}

static void a_request_may_come_octet_by_octet(void **state)
{
    static const char request[] = "www.internal eth0 ttl=30\n";
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    for (const char *at = request; at[1]; at++) {
        assert_int_equal(send(client, at, 1, 0), 1);
        stage_expect_silence(stage, client);
    }
    stage_ask(stage, client, "\n", "ok www.internal\n");
    close(client);
}

static void each_answer_has_the_id_of_its_request(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "a.internal eth0 id=7\n", "ok id=7 a.internal\n");
    stage_ask(stage, client, "a.internal eth0\n", "ok a.internal\n");
    stage_say(client, "a..b eth0 id=8\n");
    stage_expect_line(stage, client, "error name id=8 ");
    stage_say(client, "a.internal eth0 colour=blue id=9\n");
    stage_expect_line(stage, client, "error syntax id=9 unknown key");
    stage_say(client, "\n");
    stage_expect_line(stage, client, "error syntax empty line");
    stage->live = true;
    stage_ask(stage, client, "a.internal eth0 id=0 wait=5\n", "live id=0 a.internal\n");
    stage->no_namespace = "not to be entered";
    int other = stage_client(stage, geteuid());
    stage_say(other, "b.internal eth0 id=1\n");
    stage_expect_line(stage, other, "error namespace id=1 not to be entered");
    close(other);
    close(client);
}

static const char several[] =
    "a.internal eth0\nb.. eth0\n\nc.internal eth0 ttl=7\na.internal eth0\n"
    "d eth0\n";
/* Each error once; other tests check their texts. */
static void learn(struct stage *stage, char *replies, size_t room)
{
    int client = stage_client(stage, geteuid());
    size_t n = 0;
    for (const char *line = several, *end; *line; line = end) {
        end = strchr(line, '\n') + 1;
        assert_int_equal(send(client, line, (size_t)(end - line), 0), end - line);
        LOOP_RUN_UNTIL(&stage->t, recv(client, replies + n, 1, MSG_PEEK) == 1);
        n += (size_t)recv(client, replies + n, room - n - 1, 0);
    }
    replies[n] = '\0';
    stage_leave(stage, client);
}

static void requests_may_be_split_anywhere(void **state)
{
    struct stage *stage = *state;
    char replies[1024];
    learn(stage, replies, sizeof replies);
    assert_non_null(strstr(replies, "ok a.internal\nerror name "));
    for (size_t split = 0; split < sizeof several; split++) {
        int client = stage_client(stage, geteuid());
        assert_int_equal(send(client, several, split, 0), split);
        loop_settle(&stage->t);
        stage_say(client, several + split);
        stage_expect(stage, client, replies);
        stage_expect_silence(stage, client);
        stage_leave(stage, client);
    }
}

/* More requests than one turn takes, in one write and in pieces of every size. */
static void many_requests_are_answered_in_their_order(void **state)
{
    enum { N = 60, SIZES = 40 };
    struct stage *stage = *state;
    char requests[N * 24] = "", replies[N * 40] = "";
    for (int i = 0; i < N; i++) {
        snprintf(requests + strlen(requests), 24, "n%d.internal eth0\n", i);
        snprintf(replies + strlen(replies), 40, "ok n%d.internal\n", i);
    }
    for (size_t size = 1; size < SIZES; size++) {
        int client = stage_client(stage, geteuid());
        for (size_t at = 0; at < strlen(requests); at += size) {
            size_t left = strlen(requests + at), n = size < left ? size : left;
            assert_int_equal(send(client, requests + at, n, 0), n);
            if (at % 7 == 0)
                uv_run(&stage->t.loop, UV_RUN_NOWAIT);
        }
        stage_expect(stage, client, replies);
        assert_int_equal(stage->room.registry.listings.n, N);
        stage_leave(stage, client);
    }
    int client = stage_client(stage, geteuid());
    stage_say(client, requests);
    uv_run(&stage->t.loop, UV_RUN_NOWAIT); /* a turn takes some, so that others get theirs */
    assert_in_range(stage->room.registry.listings.n, 1, 2 * REQUESTS_PER_TURN - 1);
    stage_expect(stage, client, replies);
    close(client);
}

static void the_longest_line_is_read(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    char line[REQUEST_LINE_MAX + 2];
    memset(line, ' ', sizeof line);
    memcpy(line, "www.internal eth0", 17);
    strcpy(line + REQUEST_LINE_MAX - 1, "\n");
    stage_say(client, line);
    stage_expect_line(stage, client, "ok www.internal"); /* blanks at the end are not a word */
    stage_ask(stage, client, "b.internal eth0\n", "ok b.internal\n");

    strcpy(line + REQUEST_LINE_MAX - 1, " ");
    stage_say(client, line);
    stage_expect_line(stage, client, "error syntax ");
    stage_expect_end(stage, client);
    assert_int_equal(stage->set.n, 0);
    stage_expect_names(stage, "");
    close(client);
}

/* Every copy of the socket sees the answer, and then the end. */
static void a_line_that_is_too_long_ends_the_connection(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), copy = dup(client);
    char rubbish[20000];
    memset(rubbish, 'x', sizeof rubbish);
    assert_int_equal(send(client, rubbish, sizeof rubbish, 0), sizeof rubbish);
    stage_expect_line(stage, client, "error syntax ");
    stage_expect_end(stage, client);
    close(client);
    stage_expect_end(stage, copy);
    close(copy);
    assert_int_equal(stage->set.n, 0);
}

static void a_repeated_request_causes_no_build(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    const struct connection *c = stage_newest(stage);
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    assert_int_equal(stage->n_changed, 1);
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    assert_int_equal(stage->n_changed, 1); /* nothing is to be built */
    stage_ask(stage, client, "www.internal eth0 ttl=9\n", "ok www.internal\n");
    assert_int_equal(stage->n_changed, 2);
    assert_int_equal(c->holder.n_registrations, 1);
    assert_int_equal(c->holder.registrations->options.ttl, 9);
    close(client);
}

/* The same for a name that is not held; the answer has the number of the request. */
static void one_name_of_several_is_withdrawn(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0 linger=60\nmail.internal eth0\n",
              "ok www.internal\nok mail.internal\n");
    stage_ask(stage, client, "www.internal eth1 withdraw=yes\n", "ok www.internal\n");
    stage_expect_names(stage, "mail.internal www.internal");
    assert_int_equal(stage->n_changed, 2);
    stage_ask(stage, client, "www.internal eth0 id=5 withdraw=yes\n", "ok id=5 www.internal\n");
    stage_expect_names(stage, "mail.internal");
    assert_int_equal(stage->n_changed, 3);
    stage_ask(stage, client, "www.internal eth0 id=6 withdraw=yes\n", "ok id=6 www.internal\n");
    assert_int_equal(stage->n_changed, 3);
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    stage_expect_names(stage, "mail.internal www.internal");
    close(client);
}

static void a_connection_without_names_is_a_newcomer_again(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\nmail.internal eth0\n",
              "ok www.internal\nok mail.internal\n");
    stage_ask(stage, client, "www.internal eth0 withdraw=yes\n", "ok www.internal\n");
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000);
    stage_ask(stage, client, "mail.internal eth0 withdraw=yes\n", "ok mail.internal\n");
    stage_expect_names(stage, "");
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000 - 500);
    stage_ask(stage, client, "mail.internal eth0\n", "ok mail.internal\n");
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000);
    stage_ask(stage, client, "mail.internal eth0 withdraw=yes\n", "ok mail.internal\n");
    stage_ask(stage, client, "mail.internal eth0 withdraw=yes\n", "ok mail.internal\n");
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000);
    stage_expect_line(stage, client, "error timeout ");
    stage_expect_end(stage, client);
    close(client);
}

static void without_a_namespace_a_request_is_refused(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage->no_namespace = "it is not ours";
    stage_ask(stage, client, "www.internal eth0\n", "error namespace it is not ours\n");
    stage->no_namespace = NULL;
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    close(client);
}

static void another_uid_is_refused_a_held_name(void **state)
{
    struct stage *stage = *state;
    if (!stage_has_uids())
        skip();
    int first = stage_client(stage, 4001), second = stage_client(stage, 4002);
    stage_ask(stage, first, "www.internal macv0\n", "ok www.internal\n");
    stage_say(second, "www.internal eth0\n");
    stage_expect_line(stage, second, "error in-use www.internal is held by uid 4001");
    int third = stage_client(stage, 4001);
    stage_ask(stage, third, "www.internal eth0\n", "ok www.internal\n");
    stage_leave(stage, first);
    stage_say(second, "www eth0\n");
    stage_expect_line(stage, second, "error in-use ");
    stage_leave(stage, third);
    stage_ask(stage, second, "www.internal eth0\n", "ok www.internal\n");
    close(second);
}

/* ---- the end ---- */

static void a_connection_may_end_at_each_stage(void **state)
{
    static const char *const said[] = {
        "",
        "w",
        "www.internal eth0",
        "www.internal eth0\n",
        "www.internal eth0\nmore",
        "bad..name eth0\n",
        "www.internal eth0 wait=5\n",
        "www.internal eth0 wait=5\nmore eth0\n",
        "a eth0\nb eth0\nc eth0\nd eth0\ne eth0\nf eth0\ng eth0\nh eth0\ni eth0\nj eth0\nk eth0\n",
    };
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        for (int turns = 0; turns < 4; turns++) {
            int client = stage_client(stage, geteuid());
            stage_say(client, said[i]);
            for (int turn = 0; turn < turns; turn++)
                uv_run(&stage->t.loop, UV_RUN_NOWAIT);
            stage_leave(stage, client);
            stage_expect_names(stage, "");
            assert_int_equal(stage->n_entered, stage->n_left);
        }
    assert_true(TAILQ_EMPTY(&stage->set.waiting));
    assert_true(TAILQ_EMPTY(&stage->set.idle));
}

static void a_name_lives_until_the_last_copy_is_closed(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), second = dup(client), third = dup(client);
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    close(client);
    stage_expect_silence(stage, second);
    close(second);
    stage_expect_silence(stage, third);
    stage_expect_names(stage, "www.internal");
    stage_leave(stage, third);
    stage_expect_names(stage, "");
}

/* `nc -U` does this at the end of its input. It wakes nobody. */
static void a_half_close_ends_nothing(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www.internal eth0\n");
    shutdown(client, SHUT_WR);
    stage_expect(stage, client, "ok www.internal\n");
    stage_expect_silence(stage, client);
    assert_true(loop_wakes(&stage->t, 50) < 10);
    stage_expect_names(stage, "www.internal");
    stage_leave(stage, client);
    stage_expect_names(stage, "");
}

static void a_half_close_within_a_line_ends_nothing(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www.internal eth0\nmail.internal et");
    shutdown(client, SHUT_WR);
    stage_expect(stage, client, "ok www.internal\n");
    stage_expect_silence(stage, client);
    assert_true(loop_wakes(&stage->t, 50) < 10);
    stage_leave(stage, client);
}

static void a_part_of_a_line_wakes_nobody(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www.internal et");
    assert_true(loop_wakes(&stage->t, 50) < 10);
    stage_ask(stage, client, "h0\n", "ok www.internal\n");
    close(client);
}

static void a_shutdown_ends_the_connection(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), copy = dup(client);
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    shutdown(client, SHUT_RDWR);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    stage_expect_names(stage, "");
    stage_expect_end(stage, copy);
    close(client);
    close(copy);
}

/* Without SIGPIPE. */
static void a_client_that_reads_no_more_keeps_its_names(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    shutdown(client, SHUT_RD);
    stage_say(client, "www.internal eth0\nbad\nmail.internal eth0\n");
    LOOP_RUN_UNTIL(&stage->t, stage->room.registry.listings.n == 2);
    assert_int_equal(stage->set.n, 1);
    stage_leave(stage, client);
}

/* ---- who does not read ---- */

static size_t say_until_full(struct stage *stage, int client, size_t said, size_t most)
{
    static const char *const requests[] = {"\n", "b..d eth0\n", "www .\n"};
    for (int quiet = 0; quiet < 50 && said < most;) {
        const char *request = requests[said % 3];
        ssize_t n = send(client, request, strlen(request), MSG_NOSIGNAL);
        if (n == (ssize_t)strlen(request)) {
            said++;
            quiet = 0;
            continue;
        }
        assert_int_equal(n, -1); /* pieces this small are sent whole or not at all */
        uv_run(&stage->t.loop, UV_RUN_NOWAIT);
        quiet++;
    }
    return said;
}

/* Reads everything, and checks it line by line. */
static size_t count_replies(int client, size_t heard, char *part, size_t *n_part)
{
    static const char *const replies[] = {"error syntax ", "error name ", "error interface "};
    char buffer[4096];
    ssize_t n = recv(client, buffer, sizeof buffer, 0);
    for (ssize_t i = 0; i < n; i++) {
        assert_true(*n_part < 500);
        part[(*n_part)++] = buffer[i];
        if (buffer[i] != '\n')
            continue;
        assert_int_equal(strncmp(part, replies[heard % 3], strlen(replies[heard % 3])), 0);
        heard++;
        *n_part = 0;
    }
    return heard;
}

/* Meanwhile they cost nothing. */
static void replies_that_are_not_read_are_bounded_and_not_lost(void **state)
{
    enum { MOST = 20000 };
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), other = stage_client(stage, geteuid());
    const struct connection *c = TAILQ_FIRST(&stage->set.all);
    size_t said = say_until_full(stage, client, 0, MOST);
    assert_in_range(said, 100, MOST - 1); /* each small piece takes a page of the socket's room */
    assert_true(c->outbox.n_unsent > 0 && c->outbox.n_unsent < 4096);
    assert_true(loop_wakes(&stage->t, 50) < 10);
    stage_ask(stage, other, "www.internal eth0\n", "ok www.internal\n");

    size_t heard = 0, n_part = 0;
    char part[512];
    while (said < MOST) {
        for (int i = 0; i < 20; i++)
            heard = count_replies(client, heard, part, &n_part);
        said = say_until_full(stage, client, said, MOST);
        assert_true(c->outbox.n_unsent < 4096);
    }
    LOOP_RUN_UNTIL(&stage->t, (heard = count_replies(client, heard, part, &n_part)) == MOST);
    stage_expect_silence(stage, client);
    assert_null(c->outbox.unsent);
    stage_ask(stage, client, "last.internal eth0\n", "ok last.internal\n");
    close(client);
    close(other);
}

static void a_client_with_unread_replies_may_go(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    say_until_full(stage, client, 0, 20000);
    stage_expect_names(stage, "www.internal");
    stage_leave(stage, client);
    stage_expect_names(stage, "");
}

/* Ends this phonebookd's set while the keeper holds a copy of the only connection, and makes the
 * next phonebookd's set, which takes it over. */
static void restart(struct stage *stage)
{
    const struct connections_ops *ops = stage->set.ops;
    const struct connection *c = stage_newest(stage);
    uint64_t key = c->key;
    int copy = dup(c->fd);
    connections_close(&stage->set);
    loop_settle(&stage->t);
    assert_int_equal(connections_init(&stage->set, &stage->t.loop, &stage->room.registry,
                                      &stage->room.accounts, STAGE_CONNECTIONS_MAX, ops, stage),
                     0);
    assert_true(connections_taken_socket(&stage->set, copy, key));
}

/* And everything after it. */
static void the_next_phonebookd_gives_the_unsent_answer(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    size_t said = say_until_full(stage, client, 0, 20000);
    assert_non_null(stage_newest(stage)->outbox.unsent);
    restart(stage);
    size_t heard = 0, n_part = 0;
    char part[512];
    LOOP_RUN_UNTIL(&stage->t, (heard = count_replies(client, heard, part, &n_part)) == said);
    stage_ask(stage, client, "last.internal eth0\n", "ok last.internal\n");
    close(client);
}

static int queued(int fd)
{
    int n = 0;
    assert_int_equal(ioctl(fd, SIOCOUTQ, &n), 0);
    return n;
}

/* The kernel would take a part of it. */
static void a_long_reply_is_begun_with_room_for_all_of_it(void **state)
{
    enum { LONG = 60000 };
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), size = 0;
    socklen_t length = sizeof size;
    struct connection *c = stage_newest(stage);
    char *text = calloc(2, LONG), *got = text + LONG;
    memset(text, 'x', LONG);
    getsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &size, &length);
    size_t n_short = 0;
    for (; queued(c->fd) < size - LONG / 2; n_short++)
        connection_reply(c, "s", 1);
    connection_reply(c, text, LONG);
    assert_int_equal(c->outbox.n_unsent, LONG);
    for (; n_short > 0; n_short--) {
        assert_int_equal(recv(client, got, 1, 0), 1);
        assert_int_equal(got[0], 's');
    }
    assert_int_equal(recv(client, got, 1, 0), -1);
    size_t n = 0;
    ssize_t more;
    LOOP_RUN_UNTIL(&stage->t, (n += (more = recv(client, got + n, LONG - n, 0)) > 0 ? (size_t)more
                                                                                    : 0) == LONG);
    assert_memory_equal(got, text, LONG);
    assert_null(c->outbox.unsent);
    free(text);
    close(client);
}

static void after_a_half_close_all_replies_come(void **state)
{
    enum { MOST = 3000 };
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    size_t said = say_until_full(stage, client, 0, MOST);
    shutdown(client, SHUT_WR);
    assert_true(loop_wakes(&stage->t, 50) < 10);
    size_t heard = 0, n_part = 0;
    char part[512];
    LOOP_RUN_UNTIL(&stage->t, (heard = count_replies(client, heard, part, &n_part)) == said);
    stage_expect_silence(stage, client);
    stage_leave(stage, client);
}

/* ---- time ---- */

static void a_silent_newcomer_is_ended(void **state)
{
    struct stage *stage = *state;
    int silent = stage_client(stage, geteuid()), wrong = stage_client(stage, geteuid()),
        good = stage_client(stage, geteuid());
    stage_say(wrong, "bad\nwww.intern");
    stage_expect_line(stage, wrong, "error syntax ");
    stage_ask(stage, good, "www.internal eth0\n", "ok www.internal\n");
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000 - 500);
    stage_expect_silence(stage, silent);
    int later = stage_client(stage, geteuid());
    loop_pass(&stage->t, 500);
    stage_expect_line(stage, silent, "error timeout ");
    stage_expect_end(stage, silent);
    stage_expect_line(stage, wrong, "error timeout ");
    stage_expect_end(stage, wrong);
    stage_expect_silence(stage, later);
    assert_int_equal(stage->set.n, 2);
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000);
    stage_expect_line(stage, later, "error timeout ");
    loop_pass(&stage->t, 3600 * 1000);
    stage_expect_silence(stage, good);
    stage_expect_names(stage, "www.internal");
    assert_false(uv_is_active((uv_handle_t *)&stage->set.clock));
    close(silent);
    close(wrong);
    close(later);
    close(good);
}

static void a_live_name_is_answered_at_once(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage->live = true;
    stage_ask(stage, client, "www eth0 wait=5\n", "live www.box.example www.internal\n");
    stage_ask(stage, client, "mail.internal eth0\n",
              "ok mail.internal\n"); /* not requested, so not reported */
    close(client);
}

/* Lines that were sent meanwhile are answered after it. */
static void a_waiting_request_is_answered_when_live(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www.internal eth0 wait=5\nmail.internal eth0\nbad\n");
    stage_expect_silence(stage, client);
    stage_expect_names(stage, "www.internal");
    connections_check_waiting(&stage->set);
    stage_expect_silence(stage, client);
    loop_pass(&stage->t, 4900);
    stage_expect_silence(stage, client);
    stage->live = true;
    connections_check_waiting(&stage->set);
    stage_expect(stage, client, "live www.internal\nok mail.internal\n");
    stage_expect_line(stage, client, "error syntax ");
    loop_pass(&stage->t, 10000);
    stage_expect_silence(stage, client);
    close(client);
}

/* If the name is in none of the zones, it is refused and not registered. */
static void a_request_may_wait_for_one_zone_or_all(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), other = stage_client(stage, geteuid());
    stage_ask(stage, client, "www eth0 wait=5 wait-for=lan\n",
              "error zone wait-for: www has no name in a zone lan\n");
    stage_ask(stage, client, "www eth0 wait=5 wait-for=a..b id=3\n",
              "error zone id=3 wait-for: it has two dots in a row, or begins with a dot\n");
    stage_expect_names(stage, "");
    stage->live = true; /* in some zone, but not in that one */
    stage_say(client, "www.internal eth0 wait=9 wait-for=INTERNAL.\nmail.internal eth0 wait=1\n");
    stage_say(other, "ftp.internal eth0 wait=9 wait-for=all\n");
    stage_expect_silence(stage, client);
    stage->live_in = "internal";
    connections_check_waiting(&stage->set);
    stage_expect_line(stage, client, "live www.internal\n");
    stage_expect_line(stage, client, "live mail.internal\n");
    stage_expect_silence(stage, other);
    stage->live_in = "";
    connections_check_waiting(&stage->set);
    stage_expect_line(stage, other, "live ftp.internal\n");
    stage_ask(stage, client, "www.internal eth0 wait=5 wait-for=box\n",
              "error zone wait-for: www.internal has no name in a zone box\n");
    stage_expect_names(stage, "ftp.internal mail.internal www.internal"); /* as before */
    close(other);
    stage_ask(stage, client, "x eth0:1\n",
              "error interface no interface has a \":\" in its name: ip(8) shows as eth0:1 the "
              "label of an address on the interface eth0\n");
    close(client);
}

static void each_request_waits_as_long_as_it_says(void **state)
{
    struct stage *stage = *state;
    int slow = stage_client(stage, geteuid()), quick = stage_client(stage, geteuid()),
        other = stage_client(stage, geteuid());
    stage_say(slow, "slow.internal eth0 wait=3600\n");
    stage_say(other, "other.internal eth0 wait=2\n");
    stage_say(quick, "quick.internal eth0 wait=1 id=3\nmore.internal eth0 wait=2\n");
    stage_expect_silence(stage, slow);
    loop_pass(&stage->t, 800);
    stage_expect_silence(stage, quick);
    loop_pass(&stage->t, 200);
    stage_expect_line(stage, quick, "error timeout id=3 ");
    stage_expect_names(stage, "more.internal other.internal quick.internal slow.internal");
    stage_expect_silence(stage, other);
    loop_pass(&stage->t, 1000);
    stage_expect_line(stage, other, "error timeout ");
    loop_pass(&stage->t, 700);
    stage_expect_silence(stage, quick);
    loop_pass(&stage->t, 300);
    stage_expect_line(stage, quick, "error timeout ");
    stage_expect_silence(stage, slow);
    loop_pass(&stage->t, 3600 * 1000 - 3000);
    stage_expect_line(stage, slow, "error timeout ");
    stage_ask(stage, slow, "slow.internal eth0\n", "ok slow.internal\n");
    stage_ask(stage, quick, "quick.internal eth0\n", "ok quick.internal\n");
    close(slow);
    close(quick);
    close(other);
}

/* ---- limits ---- */

static void connections_have_a_limit(void **state)
{
    struct stage *stage = *state;
    stage->room.accounts.total[ACCOUNT_CONNECTIONS] = 2;
    int first = stage_client(stage, geteuid()), second = stage_client(stage, geteuid());
    int third = stage_client(stage, geteuid());
    stage_expect_line(stage, third, "error limit ");
    stage_expect_end(stage, third);
    close(third);
    close(stage_client(stage, geteuid()));
    assert_int_equal(loop_logged(&stage->t, "no more than 2 connections can be held"), 1);
    stage_leave(stage, first);
    third = stage_client(stage, geteuid());
    stage_ask(stage, third, "www.internal eth0\n", "ok www.internal\n");
    assert_int_equal(loop_logged(&stage->t, "connections are accepted again"), 1);
    close(second);
    close(third);
}

/* The limit is logged once, and so is its end. */
static void names_have_a_limit(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), other = stage_client(stage, geteuid());
    stage->room.accounts.total[ACCOUNT_REGISTRATIONS] = 1;
    char expected[128];
    snprintf(expected, sizeof expected,
             "error limit uid %u holds 1 registrations, and 0 of 1 are left: all are held",
             geteuid());
    stage_ask(stage, client, "a.internal eth0\n", "ok a.internal\n");
    for (int i = 0; i < 3; i++) {
        stage_say(other, "b.internal eth0\n");
        stage_expect_line(stage, other, expected);
    }
    assert_int_equal(loop_logged(&stage->t, "no more than 1 names are accepted"), 1);
    stage_leave(stage, client);
    stage_ask(stage, other, "b.internal eth0\n", "ok b.internal\n");
    assert_int_equal(loop_logged(&stage->t, "names are accepted again"), 1);
    close(other);
}

static void connections_of_a_uid_have_a_limit(void **state)
{
    struct stage *stage = *state;
    if (!stage_has_uids())
        skip();
    int clients[CONNECTIONS_PER_USER];
    for (int i = 0; i < CONNECTIONS_PER_USER; i++)
        clients[i] = stage_client(stage, 4001);
    int more = stage_client(stage, 4001);
    stage_expect_line(stage, more,
                      "error limit uid 4001 holds 256 connections, and 344 of 600 are left: "
                      "the most for one user is 256 (connections-per-user)");
    stage_expect_end(stage, more);
    close(more);
    int root = stage_client(stage, 0);
    stage_ask(stage, root, "www.internal eth0\n", "ok www.internal\n");
    more = stage_client(stage, 4002);
    stage_ask(stage, more, "w.internal eth0\n", "ok w.internal\n");
    close(more);
    stage_leave(stage, clients[7]);
    clients[7] = stage_client(stage, 4001);
    stage_ask(stage, clients[7], "x.internal eth0\n", "ok x.internal\n");
    for (int i = 0; i < CONNECTIONS_PER_USER; i++)
        close(clients[i]);
    close(root);
}

static void names_of_a_connection_have_a_limit(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    for (int i = 0; i < REGISTRATIONS_PER_CONNECTION; i++) {
        char request[64];
        snprintf(request, sizeof request, "n%d.internal eth0\n", i);
        char reply[64];
        snprintf(reply, sizeof reply, "ok n%d.internal\n", i);
        stage_ask(stage, client, request, reply);
    }
    stage_say(client, "more.internal eth0\n");
    stage_expect_line(stage, client, "error limit ");
    stage_ask(stage, client, "n5.internal eth0\n", "ok n5.internal\n");
    close(client);
}

/* ---- the whole set ---- */

static void send_descriptor(int client, const char *text, int fd)
{
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec data = {.iov_base = (void *)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    assert_int_equal(sendmsg(client, &message, MSG_NOSIGNAL), data.iov_len);
}

/* Its own end in our queue would hold its name for ever; one octet without a newline is enough to
 * keep it there. */
static void a_client_that_sends_descriptors_is_ended(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid()), n = loop_count_descriptors();
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    send_descriptor(client, "x", client);
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    assert_int_equal(stage->room.registry.listings.n, 0);
    assert_int_equal(loop_count_descriptors(), n - 2);
    client = stage_client(stage, geteuid());
    send_descriptor(client, "www.internal eth0\n", STDIN_FILENO);
    stage_expect(stage, client, "error syntax descriptors are not taken\n");
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    close(client);
}

static void all_holders_are_listed(void **state)
{
    struct stage *stage = *state;
    int first = stage_client(stage, geteuid()), second = stage_client(stage, geteuid());
    struct holder **holders = connections_holders(&stage->set);
    assert_ptr_equal(holders[0], &TAILQ_FIRST(&stage->set.all)->holder);
    assert_ptr_equal(holders[1], &stage_newest(stage)->holder);
    free(holders);
    close(first);
    close(second);
}

static void a_set_may_be_closed_in_every_state(void **state)
{
    static const char *const said[] = {"", "ww", "a.internal eth0\n", "b.internal eth0 wait=9\nc",
                                       "d.internal eth0 wait=9\n"};
    struct stage *stage = *state;
    int clients[5];
    for (int i = 0; i < 5; i++) {
        clients[i] = stage_client(stage, geteuid());
        stage_say(clients[i], said[i]);
    }
    loop_settle(&stage->t);
    connections_close(&stage->set);
    stage->closed = true;
    stage_expect_names(stage, "");
    loop_settle(&stage->t);
    assert_int_equal(stage->n_entered, stage->n_left);
    stage_expect(stage, clients[2], "ok a.internal\n");
    for (int i = 0; i < 5; i++)
        close(clients[i]);
}

/* So that descriptor numbers are used again. */
static void a_crowd_comes_and_goes_in_one_turn(void **state)
{
    enum { CROWD = 200, ROUNDS = 5 };
    struct stage *stage = *state;
    int clients[CROWD];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CROWD; i++) {
            clients[i] = stage_client(stage, geteuid());
            char request[64];
            snprintf(request, sizeof request, "n%d.internal eth0\n", i);
            stage_say(clients[i], request);
        }
        for (int i = 0; i < CROWD; i++) {
            char reply[64];
            snprintf(reply, sizeof reply, "ok n%d.internal\n", i);
            stage_expect(stage, clients[i], reply);
        }
        assert_int_equal(stage->room.registry.listings.n, CROWD);
        for (int i = 0; i < CROWD; i++)
            close(clients[i]);
        LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
        stage_expect_names(stage, "");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_STAGE(a_request_is_answered_with_its_names, stage_setup),
        ON_STAGE(each_mistake_has_its_error_and_ends_nothing, stage_setup),
        ON_STAGE(each_answer_has_the_id_of_its_request, stage_setup),
        ON_STAGE(a_request_may_come_octet_by_octet, stage_setup),
        ON_STAGE(requests_may_be_split_anywhere, stage_setup),
        ON_STAGE(many_requests_are_answered_in_their_order, stage_setup),
        ON_STAGE(the_longest_line_is_read, stage_setup),
        ON_STAGE(a_line_that_is_too_long_ends_the_connection, stage_setup),
        ON_STAGE(a_repeated_request_causes_no_build, stage_setup),
        ON_STAGE(one_name_of_several_is_withdrawn, stage_setup),
        ON_STAGE(a_connection_without_names_is_a_newcomer_again, stage_setup),
        ON_STAGE(without_a_namespace_a_request_is_refused, stage_setup),
        ON_STAGE(another_uid_is_refused_a_held_name, stage_setup),
        ON_STAGE(a_connection_may_end_at_each_stage, stage_setup),
        ON_STAGE(a_name_lives_until_the_last_copy_is_closed, stage_setup),
        ON_STAGE(a_half_close_ends_nothing, stage_setup),
        ON_STAGE(a_half_close_within_a_line_ends_nothing, stage_setup),
        ON_STAGE(a_part_of_a_line_wakes_nobody, stage_setup),
        ON_STAGE(a_shutdown_ends_the_connection, stage_setup),
        ON_STAGE(a_client_that_reads_no_more_keeps_its_names, stage_setup),
        ON_STAGE(replies_that_are_not_read_are_bounded_and_not_lost, stage_setup),
        ON_STAGE(a_client_with_unread_replies_may_go, stage_setup),
        ON_STAGE(the_next_phonebookd_gives_the_unsent_answer, stage_setup),
        ON_STAGE(a_long_reply_is_begun_with_room_for_all_of_it, stage_setup),
        ON_STAGE(after_a_half_close_all_replies_come, stage_setup),
        ON_STAGE(a_silent_newcomer_is_ended, stage_setup),
        ON_STAGE(a_live_name_is_answered_at_once, stage_setup),
        ON_STAGE(a_waiting_request_is_answered_when_live, stage_setup),
        ON_STAGE(a_request_may_wait_for_one_zone_or_all, stage_setup),
        ON_STAGE(each_request_waits_as_long_as_it_says, stage_setup),
        ON_STAGE(connections_have_a_limit, stage_setup),
        ON_STAGE(names_have_a_limit, stage_setup),
        ON_STAGE(connections_of_a_uid_have_a_limit, stage_setup),
        ON_STAGE(names_of_a_connection_have_a_limit, stage_setup),
        ON_STAGE(a_client_that_sends_descriptors_is_ended, stage_setup),
        ON_STAGE(all_holders_are_listed, stage_setup),
        ON_STAGE(a_set_may_be_closed_in_every_state, stage_setup),
        ON_STAGE(a_crowd_comes_and_goes_in_one_turn, stage_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
