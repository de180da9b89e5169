/* The order of service: requests, the keeper's queue, storing again, and answers to clients that
 * wait. */
#include "stage.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ALIKE_ROOM = 500,   /* clients */
    ALIKE_NOBODY = 200, /* without root: as many as one uid may have */
    QUEUE_ROOM = 100,
    PIPELINE = 60, /* requests */
    NAMES_EACH = 60,
    HOLDERS = 50,
};

/* Clients that all do the same. */
struct alike {
    size_t n;
    int fds[ALIKE_ROOM];
    uint64_t keys[ALIKE_ROOM];
};

static void connect_alike(struct stage *stage, struct alike *alike, size_t n)
{
    alike->n = n;
    for (size_t i = 0; i < n; i++) {
        alike->fds[i] = stage_client(stage, geteuid());
        alike->keys[i] = stage_newest(stage)->key;
    }
}

static void close_alike(const struct alike *alike)
{
    for (size_t i = 0; i < alike->n; i++)
        close(alike->fds[i]);
}

/* Sends line after line, each of which must be stored anew. */
static void pipeline(const struct alike *alike, size_t client)
{
    for (int i = 0; i < PIPELINE; i++) {
        char line[64];
        snprintf(line, sizeof line, "p%zu.internal eth0 ttl=%d\n", client, i + 1);
        stage_say(alike->fds[client], line);
    }
}

/* The number of lines answered to it meanwhile. */
static size_t read_lines(int client)
{
    size_t lines = 0;
    char text[4096];
    for (ssize_t n; (n = recv(client, text, sizeof text, 0)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            lines += text[i] == '\n';
    return lines;
}

static size_t count_sent(const struct stage *stage, size_t from, uint64_t key, bool socket)
{
    size_t n = 0;
    for (size_t i = from; i < stage->n_sent; i++)
        n += stage->sent[i].key == key && stage->sent[i].socket == socket;
    return n;
}

/* The number of messages since `from` before the first request of `key`. */
static size_t sent_before(const struct stage *stage, size_t from, uint64_t key)
{
    size_t i = from;
    while (i < stage->n_sent && (stage->sent[i].key != key || stage->sent[i].socket))
        i++;
    return i - from;
}

static void turn(struct stage *stage, size_t read)
{
    uv_run(&stage->t.loop, UV_RUN_NOWAIT);
    stage_keeper_reads(stage, read);
}

static int setup(void **state)
{
    int result = stage_setup(state);
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = 0;
    return result;
}

/* ---- requests ---- */

/* Each connection that was there before is served at most once before the newcomer is. */
static void a_newcomer_waits_for_one_request_of_each_connection(void **state)
{
    struct stage *stage = *state;
    stage->queue_room = QUEUE_ROOM;
    struct alike alike;
    connect_alike(stage, &alike, stage_has_uids() ? ALIKE_ROOM : ALIKE_NOBODY);
    for (size_t i = 0; i < alike.n; i++)
        pipeline(&alike, i);
    while (stage->n_requests < 3 * alike.n)
        turn(stage, 16);
    size_t before = stage->n_sent;
    int newcomer = stage_client(stage, geteuid());
    uint64_t key = stage_newest(stage)->key;
    stage_say(newcomer, "www.internal eth0\n");
    while (count_sent(stage, before, key, false) == 0)
        turn(stage, 16);
    for (size_t i = 0; i < alike.n; i++)
        assert_in_range(count_sent(stage, before, alike.keys[i], false), 0, 1);
    while (recv(newcomer, &(char){0}, 1, MSG_PEEK) < 0)
        turn(stage, 16);
    stage_expect(stage, newcomer, "ok www.internal\n");
    close_alike(&alike);
    close(newcomer);
}

/* With any number of connections of that user. */
static void a_newcomer_waits_for_one_request_of_another_user(void **state)
{
    struct stage *stage = *state;
    if (!stage_has_uids())
        skip();
    int theirs[ALIKE_NOBODY];
    for (size_t i = 0; i < ALIKE_NOBODY; i++) {
        theirs[i] = stage_client(stage, 4001);
        pipeline(&(struct alike){.fds = {theirs[i]}}, 0);
    }
    while (stage->n_requests < 2 * ALIKE_NOBODY)
        turn(stage, 16);
    size_t before = stage->n_sent;
    int ours, newcomer;
    stage_pair(4002, &ours, &newcomer);
    stage_say(newcomer, "www.internal eth0\n");
    connections_add(&stage->set, ours);
    uint64_t key = stage_newest(stage)->key;
    while (count_sent(stage, before, key, false) == 0)
        turn(stage, 16);
    assert_in_range(sent_before(stage, before, key), 1, 2); /* one is its own socket */
    while (recv(newcomer, &(char){0}, 1, MSG_PEEK) < 0)
        turn(stage, 16);
    assert_in_range(stage->n_read - before, 1, STORING_MAX + REQUESTS_PER_TURN);
    for (size_t i = 0; i < ALIKE_NOBODY; i++)
        close(theirs[i]);
    close(newcomer);
}

static void connections_are_served_in_rounds(void **state)
{
    struct stage *stage = *state;
    struct alike alike;
    connect_alike(stage, &alike, 10);
    loop_settle(&stage->t);
    stage->queue_room = 3;
    size_t first;
    stage->n_read = first = stage->n_sent;
    for (size_t i = 0; i < alike.n; i++)
        pipeline(&alike, i);
    while (stage->n_sent < first + 5 * alike.n)
        turn(stage, 1);
    for (size_t i = first; i < stage->n_sent; i++)
        assert_int_equal(stage->sent[i].key, alike.keys[(i - first) % alike.n]);
    close_alike(&alike);
}

/* A client that sends much gets no more than one that sends little. */
static void without_a_keeper_pipelines_are_served_in_rounds_too(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = -ENOTCONN;
    int much = stage_client(stage, geteuid());
    const struct connection *c = stage_newest(stage);
    for (int i = 0; i < PIPELINE; i++) {
        char line[32];
        snprintf(line, sizeof line, "m%d.internal eth0\n", i);
        stage_say(much, line);
    }
    int little = stage_client(stage, geteuid());
    stage_say(little, "little.internal eth0\n");
    while (recv(little, &(char){0}, 1, MSG_PEEK) < 0)
        uv_run(&stage->t.loop, UV_RUN_NOWAIT);
    assert_in_range(c->holder.n_registrations, 1, REQUESTS_PER_TURN);
    close(much);
    close(little);
}

/* With any number of connections that send. */
static void a_turn_of_the_loop_answers_so_many_requests(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = -ENOTCONN;
    struct alike alike;
    connect_alike(stage, &alike, ALIKE_NOBODY);
    for (size_t i = 0; i < alike.n; i++)
        pipeline(&alike, i);
    size_t before = 0;
    for (int i = 0; i < 20; i++) {
        uv_run(&stage->t.loop, UV_RUN_NOWAIT);
        assert_in_range(stage->n_changed, before, before + REQUESTS_PER_TURN);
        before = stage->n_changed;
    }
    assert_true(before > 0);
    close_alike(&alike);
}

static void a_turn_of_the_loop_answers_so_many_who_wait(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = -ENOTCONN;
    struct alike alike;
    connect_alike(stage, &alike, ALIKE_NOBODY);
    for (size_t i = 0; i < alike.n; i++)
        stage_say(alike.fds[i], "www.internal eth0 wait=60\n");
    while (stage->n_changed < alike.n)
        uv_run(&stage->t.loop, UV_RUN_NOWAIT);
    stage->live = true;
    connections_check_waiting(&stage->set);
    size_t answered = 0;
    while (answered < alike.n) {
        size_t before = answered;
        uv_run(&stage->t.loop, UV_RUN_NOWAIT);
        while (answered < alike.n && recv(alike.fds[answered], &(char){0}, 1, MSG_PEEK) == 1)
            answered++;
        assert_in_range(answered - before, 0, ANSWERS_PER_TURN);
        if (answered < alike.n) /* oldest first */
            assert_int_equal(recv(alike.fds[alike.n - 1], &(char){0}, 1, MSG_PEEK), -1);
    }
    close_alike(&alike);
}

/* Until its time to wait is over. */
static void a_name_live_for_a_moment_waits_on(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage->socket_result = stage->request_result = -ENOTCONN;
    stage_say(client, "www.internal eth0 wait=9\n");
    loop_settle(&stage->t);
    stage->live = true;
    connections_check_waiting(&stage->set);
    stage->live = false;
    stage_expect_silence(stage, client);
    loop_pass(&stage->t, 9001);
    stage_expect_line(stage, client, "error timeout ");
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    close(client);
}

/* ---- storing again ---- */

/* HOLDERS clients with NAMES_EACH names each, which no keeper has yet. */
static void make_holders(struct stage *stage, struct alike *alike)
{
    if (!stage_has_uids())
        skip(); /* one uid may not have that many */
    stage->socket_result = stage->request_result = -ENOTCONN;
    connect_alike(stage, alike, HOLDERS);
    for (size_t i = 0; i < alike->n; i++)
        for (int j = 0; j < NAMES_EACH; j++) {
            char text[64];
            snprintf(text, sizeof text, "h%zu-%d.internal eth0\n", i, j);
            stage_say(alike->fds[i], text);
        }
    LOOP_RUN_UNTIL(&stage->t, stage->room.registry.listings.n == alike->n * NAMES_EACH);
    loop_settle(&stage->t);
}

static void keeper_comes(struct stage *stage)
{
    connections_keeper_changed(&stage->set, 0);
    stage->socket_result = stage->request_result = 0;
    stage->n_sent = stage->n_read = 0;
    connections_keep_all(&stage->set);
}

static void expect_each_stored_once(const struct stage *stage, const struct alike *alike)
{
    for (size_t i = 0; i < alike->n; i++) {
        assert_int_equal(count_sent(stage, 0, alike->keys[i], true), 1);
        assert_int_equal(count_sent(stage, 0, alike->keys[i], false), NAMES_EACH);
    }
}

static void requests_come_before_what_is_stored_again(void **state)
{
    struct stage *stage = *state;
    struct alike alike;
    make_holders(stage, &alike);
    stage->queue_room = QUEUE_ROOM;
    keeper_comes(stage);
    while (stage->n_sent < 5 * STORED_AGAIN_PER_TURN)
        turn(stage, 8);
    size_t before = stage->n_sent;
    int newcomer = stage_client(stage, geteuid());
    stage_say(newcomer, "www.internal eth0\n");
    while (recv(newcomer, &(char){0}, 1, MSG_PEEK) < 0)
        turn(stage, 8);
    assert_in_range(sent_before(stage, before, stage_newest(stage)->key), 1,
                    2 * STORED_AGAIN_PER_TURN + 1);
    assert_in_range(stage->n_requests, 1, alike.n * NAMES_EACH / 2 + 1);
    stage_expect(stage, newcomer, "ok www.internal\n");
    while (stage->n_read < alike.n * (NAMES_EACH + 1) + 2)
        turn(stage, 8);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_sent, alike.n * (NAMES_EACH + 1) + 2);
    expect_each_stored_once(stage, &alike);
    close_alike(&alike);
    close(newcomer);
}

/* Otherwise they would delay others. */
static void a_holders_request_brings_its_other_names_not_forward(void **state)
{
    struct stage *stage = *state;
    struct alike alike;
    make_holders(stage, &alike);
    size_t last = alike.n - 1;
    keeper_comes(stage);
    uv_run(&stage->t.loop, UV_RUN_NOWAIT);
    size_t before = stage->n_sent;
    stage_say(alike.fds[last], "www.internal eth0\n");
    loop_settle(&stage->t); /* without an answer, no further portion is sent */
    assert_int_equal(stage->n_sent, before + 2);
    assert_int_equal(count_sent(stage, before, alike.keys[last], false), 1);
    while (stage->n_read < alike.n * (NAMES_EACH + 1) + 1)
        turn(stage, 100);
    assert_int_equal(count_sent(stage, 0, alike.keys[last], false), NAMES_EACH + 1);
    assert_int_equal(count_sent(stage, 0, alike.keys[last], true), 1);
    close_alike(&alike);
}

/* Even if other texts of the connection are being stored again. */
static void a_request_is_answered_once_its_own_text_is_stored(void **state)
{
    struct stage *stage = *state;
    struct alike alike;
    make_holders(stage, &alike);
    keeper_comes(stage);
    while (count_sent(stage, 0, alike.keys[0], false) < 10)
        turn(stage, 1);
    stage_say(alike.fds[0], "www.internal eth0\n");
    loop_settle(&stage->t);
    size_t after = stage->n_sent; /* the request does not wait for messages after this */
    read_lines(alike.fds[0]);
    stage_keeper_reads(stage, after - stage->n_read);
    stage_expect(stage, alike.fds[0], "ok www.internal\n");
    close_alike(&alike);
}

/* Endless requests fill the queue, and delay storing again, but not for ever. */
static void requests_do_not_stop_the_storing_again(void **state)
{
    struct stage *stage = *state;
    struct alike holders;
    make_holders(stage, &holders);
    struct alike alike;
    connect_alike(stage, &alike, 100);
    stage->queue_room = 50;
    keeper_comes(stage);
    size_t unanswered[ALIKE_ROOM] = {0}, turns = 0;
    while (stage->set.again) {
        for (size_t i = 0; i < alike.n; i++) {
            if (unanswered[i] == 0) {
                pipeline(&alike, i);
                unanswered[i] = PIPELINE;
            }
            unanswered[i] -= read_lines(alike.fds[i]);
        }
        turn(stage, 50);
        assert_in_range(++turns, 1, holders.n * NAMES_EACH);
    }
    expect_each_stored_once(stage, &holders);
    for (size_t i = 0; i < alike.n; i++)
        assert_true(count_sent(stage, 0, alike.keys[i], false) > 1);
    close_alike(&holders);
    close_alike(&alike);
}

/* Nobody waits for answers that the lost keeper owed. */
static void the_next_keeper_gets_what_the_lost_one_had(void **state)
{
    struct stage *stage = *state;
    struct alike alike;
    make_holders(stage, &alike);
    size_t asks = alike.n - 1;
    keeper_comes(stage);
    for (int i = 0; i < 6; i++)
        turn(stage, STORED_AGAIN_PER_TURN);
    read_lines(alike.fds[asks]);
    stage_say(alike.fds[asks], "h0-0.internal eth0\nwww.internal eth1\n");
    loop_settle(&stage->t);
    stage->socket_result = stage->request_result = -ENOTCONN;
    connections_keeper_changed(&stage->set, 0);
    stage_expect(stage, alike.fds[asks], "ok h0-0.internal\nok www.internal\n");
    assert_null(stage->set.again);

    keeper_comes(stage);
    LOOP_RUN_UNTIL(&stage->t, (stage_keeper_reads(stage, 100),
                               !stage->set.again && stage->n_read == stage->n_sent));
    loop_settle(&stage->t);
    assert_int_equal(stage->n_sent, alike.n * (NAMES_EACH + 1) + 2);
    for (size_t i = 0; i < alike.n; i++) {
        assert_int_equal(count_sent(stage, 0, alike.keys[i], true), 1);
        assert_int_equal(count_sent(stage, 0, alike.keys[i], false),
                         NAMES_EACH + (i == asks ? 2 : 0));
    }
    close_alike(&alike);
}

/* No request caused the change. The client gets its answer with the first text. */
static void a_text_that_changed_by_itself_is_stored_again(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    struct connection *c = stage_newest(stage);
    stage_say(client, "www.internal eth0\n");
    loop_settle(&stage->t);
    assert_int_equal(stage->n_requests, 1);
    c->current->options.linger = 9;
    c->current->kept = false;
    connections_keep_all(&stage->set);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_requests, 2);
    assert_string_equal(stage->text + stage->subject, " linger=9");
    stage_keeper_reads(stage, 2); /* the socket, and the first text */
    stage_expect(stage, client, "ok www.internal\n");
    connections_keep_all(&stage->set);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_requests, 2);
    close(client);
}

/* Also the one whose turn it is. */
static void connections_may_end_while_they_are_stored_again(void **state)
{
    struct stage *stage = *state;
    struct alike alike;
    make_holders(stage, &alike);
    keeper_comes(stage);
    turn(stage, 0);
    assert_non_null(stage->set.again);
    stage_leave(stage, alike.fds[0]);
    stage_leave(stage, alike.fds[1]);
    LOOP_RUN_UNTIL(&stage->t, (stage_keeper_reads(stage, 100),
                               !stage->set.again && stage->n_read == stage->n_sent));
    assert_int_equal(count_sent(stage, 0, alike.keys[1], true), 0);
    for (size_t i = 2; i < alike.n; i++)
        assert_int_equal(count_sent(stage, 0, alike.keys[i], false), NAMES_EACH);
    for (size_t i = 2; i < alike.n; i++)
        close(alike.fds[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_STAGE(a_newcomer_waits_for_one_request_of_each_connection, setup),
        ON_STAGE(a_newcomer_waits_for_one_request_of_another_user, setup),
        ON_STAGE(connections_are_served_in_rounds, setup),
        ON_STAGE(without_a_keeper_pipelines_are_served_in_rounds_too, setup),
        ON_STAGE(a_turn_of_the_loop_answers_so_many_requests, setup),
        ON_STAGE(a_turn_of_the_loop_answers_so_many_who_wait, setup),
        ON_STAGE(a_name_live_for_a_moment_waits_on, setup),
        ON_STAGE(requests_come_before_what_is_stored_again, setup),
        ON_STAGE(a_holders_request_brings_its_other_names_not_forward, setup),
        ON_STAGE(a_request_is_answered_once_its_own_text_is_stored, setup),
        ON_STAGE(requests_do_not_stop_the_storing_again, setup),
        ON_STAGE(the_next_keeper_gets_what_the_lost_one_had, setup),
        ON_STAGE(connections_may_end_while_they_are_stored_again, setup),
        ON_STAGE(a_text_that_changed_by_itself_is_stored_again, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
