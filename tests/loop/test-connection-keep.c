/* Connections and the keeper: what it gets and when, who waits for its answer, and what a former
 * phonebookd stored in it. */
#include "stage.h"

#include "../../common/boot-clock.h"
#include "../../phonebookd/clients/remnant-text.h"
#include "../../phonebookd/limits.h"
#include "../../phonebookd/log.h"
#include "../../publish-client/request.h"
#include "../unit/made.h"
#include "../unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int setup(void **state)
{
    int result = stage_setup(state);
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = 0;
    return result;
}

/* The keeper was found, and everything that it takes at once is stored again. */
static void keep_all(struct stage *stage)
{
    connections_keep_all(&stage->set);
    loop_settle(&stage->t);
}

static void keep_more(struct stage *stage)
{
    connections_keep_more(&stage->set);
    loop_settle(&stage->t);
}

static uint64_t cookie(int fd)
{
    uint64_t key = 0;
    socklen_t length = sizeof key;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &key, &length), 0);
    return key;
}

/* The text after "SECONDS "; asserts that these are the present time. */
static void expect_text(const struct stage *stage, const char *expected)
{
    char *rest;
    long long since = strtoll(stage->text, &rest, 10);
    assert_in_range(since, boot_s() - 10, boot_s());
    assert_string_equal(rest, expected);
}

static void the_keeper_gets_the_socket_before_the_request(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    loop_settle(&stage->t);
    assert_int_equal(stage->n_sockets, 1);
    assert_int_equal(stage->key, cookie(stage_newest(stage)->fd));
    stage_say(client, "WWW eth0 id=4 wait=9 ttl=30\nmail.internal eth0\n");
    stage_expect_silence(stage, client);
    assert_int_equal(stage->n_requests, 1);
    expect_text(stage, " WWW eth0 ttl=30");
    stage->live = true;
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "live id=4 www.box.example www.internal\n");
    stage_expect_silence(stage, client);
    expect_text(stage, " mail.internal eth0");
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok mail.internal\n");
    assert_int_equal(stage->n_sockets, 1);
    close(client);
}

/* A client whose name was registered in this turn of the loop; the build begins in the next. */
static int client_before_a_build(struct stage *stage)
{
    stage->builds_at_once = true;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www eth0\n");
    while (stage->n_changed == 0)
        uv_run(&stage->t.loop, UV_RUN_NOWAIT);
    return client;
}

static void the_keeper_is_told_after_a_build_that_begins_at_once(void **state)
{
    struct stage *stage = *state;
    int client = client_before_a_build(stage);
    assert_int_equal(stage->n_sockets + stage->n_requests, 0);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_sockets, 1);
    assert_int_equal(stage->n_requests, 1);
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok www.box.example www.internal\n");
    close(client);
}

/* Neither a silent client nor one whose request is refused is forgotten. */
static void the_keeper_gets_a_socket_without_a_registration(void **state)
{
    struct stage *stage = *state;
    stage->builds_at_once = true;
    int silent = stage_client(stage, geteuid());
    loop_settle(&stage->t);
    assert_int_equal(stage->n_sockets, 1);
    int refused = stage_client(stage, geteuid());
    stage_say(refused, "www eth0 nonsense=1\nwww");
    stage_expect_line(stage, refused, "error syntax ");
    loop_settle(&stage->t);
    assert_int_equal(stage->n_sockets, 2);
    assert_int_equal(stage->n_requests, 0);
    close(silent);
    close(refused);
}

static void a_client_that_waits_for_a_build_may_hang_up(void **state)
{
    struct stage *stage = *state;
    close(client_before_a_build(stage));
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    stage_expect_names(stage, "");
}

/* The next phonebookd finds the request in the socket. */
static void an_unanswered_request_stays_in_the_socket(void **state)
{
    static const char request[] = "www.internal eth0\n";
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, request);
    stage_expect_silence(stage, client);
    char found[64] = "";
    assert_int_equal(recv(stage_newest(stage)->fd, found, sizeof found, MSG_PEEK), strlen(request));
    assert_string_equal(found, request);
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok www.internal\n");
    assert_int_equal(recv(stage_newest(stage)->fd, found, sizeof found, MSG_PEEK), -1);
    close(client);
}

static void an_error_needs_no_keeper(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "bad\n");
    stage_expect_line(stage, client, "error syntax ");
    assert_int_equal(stage->n_requests, 0);
    close(client);
}

/* Requests www.internal with these keys; the request is stored and answered. */
static void ask_stored(struct stage *stage, int client, const char *request)
{
    stage_say(client, request);
    loop_settle(&stage->t);
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok www.internal\n");
}

static void register_stored(struct stage *stage, int client, char text[static KEEP_TEXT_MAX + 1])
{
    ask_stored(stage, client, "www.internal eth0 ttl=30\n");
    strcpy(text, stage->text);
}

static void a_repeated_request_is_not_stored_again(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    ask_stored(stage, client, "www.internal eth0\n");
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    assert_int_equal(stage->n_requests, 1);
    stage_say(client, "www.internal eth0 ttl=5\n");
    stage_expect_silence(stage, client);
    assert_int_equal(stage->n_requests, 2);
    expect_text(stage, " www.internal eth0 ttl=5");
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok www.internal\n");
    close(client);
}

/* The subject is everything before the keys. The keeper does not answer. */
static void a_withdrawn_request_is_forgotten_by_its_subject(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    char text[KEEP_TEXT_MAX + 1];
    register_stored(stage, client, text);
    *strstr(text, " ttl=30") = '\0';
    stage_ask(stage, client, "www.internal eth0 withdraw=yes\n", "ok www.internal\n");
    assert_int_equal(stage->n_forgotten, 1);
    assert_string_equal(stage->forgotten, text);
    stage_ask(stage, client, "www.internal eth0 withdraw=yes\n", "ok www.internal\n");
    assert_int_equal(stage->n_forgotten, 1);
    close(client);
}

/* The name stays, and so does the request. */
static void a_withdrawal_waits_for_a_full_keeper(void **state)
{
    static const char request[] = "www.internal eth0 withdraw=yes\n";
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    char text[KEEP_TEXT_MAX + 1];
    register_stored(stage, client, text);
    stage->request_result = -EAGAIN;
    stage_say(client, request);
    stage_expect_silence(stage, client);
    stage_expect_names(stage, "www.internal");
    char found[64] = "";
    assert_int_equal(recv(stage_newest(stage)->fd, found, sizeof found, MSG_PEEK), strlen(request));
    stage->request_result = 0;
    keep_more(stage);
    stage_expect(stage, client, "ok www.internal\n");
    stage_expect_names(stage, "");
    assert_int_equal(stage->n_forgotten, 1);
    close(client);
}

static void a_full_keeper_refuses_the_request(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www.internal eth0\nmail.internal eth0\n");
    loop_settle(&stage->t);
    connections_stored(&stage->set, stage->key, KEEP_FULL);
    stage_expect_line(stage, client, "error limit ");
    stage_expect_silence(stage, client);
    stage_expect_names(stage, "mail.internal");
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok mail.internal\n");
    close(client);
}

/* The name was requested again with other keys. */
static void a_full_keeper_takes_nothing_that_was_stored(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    ask_stored(stage, client, "www.internal eth0\n");
    stage_say(client, "www.internal eth0 ttl=5\n");
    loop_settle(&stage->t);
    connections_stored(&stage->set, stage->key, KEEP_FULL);
    stage_expect(stage, client, "ok www.internal\n");
    stage_expect_names(stage, "www.internal");
    assert_int_equal(loop_logged(&stage->t, "the keeper is full"), 1);
    for (unsigned ttl = 6; ttl < 16; ttl++) {
        char line[64];
        snprintf(line, sizeof line, "www.internal eth0 ttl=%u\n", ttl);
        stage_say(client, line);
        loop_settle(&stage->t);
        connections_stored(&stage->set, stage->key, KEEP_FULL);
        stage_expect(stage, client, "ok www.internal\n");
    }
    assert_int_equal(loop_logged(&stage->t, "the keeper is full"), LOG_GATE_USER_LINES);
    log_left_out();
    assert_int_equal(loop_logged(&stage->t, "6 more lines like this were left out: the keeper"), 1);
    close(client);
}

/* So the subject is the same for each renewal. */
static void the_subject_of_a_text_ends_before_its_keys(void **state)
{
    static const char *const keys[] = {"", " ttl=5", " linger=77", " ttl=6 linger=7"};
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    char text[64];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        snprintf(text, sizeof text, " WWW.internal eth0%s", keys[i]);
        char line[64];
        snprintf(line, sizeof line, "%s\n", text + 1);
        stage_say(client, line);
        stage_expect_silence(stage, client);
        expect_text(stage, text);
        assert_string_equal(stage->text + stage->subject, keys[i]);
        connections_stored(&stage->set, stage->key, KEEP_OK);
        stage_expect(stage, client, "ok www.internal\n");
    }
    assert_int_equal(stage->n_requests, 4);
    close(client);
}

static void a_connection_unknown_to_the_keeper_counts_as_stored(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "www.internal eth0\n");
    loop_settle(&stage->t);
    connections_stored(&stage->set, 12345, KEEP_FULL); /* unknown */
    stage_expect_silence(stage, client);
    connections_stored(&stage->set, stage->key, KEEP_UNKNOWN);
    stage_expect(stage, client, "ok www.internal\n");
    connections_stored(&stage->set, stage->key, KEEP_FULL); /* no request waits */
    stage_expect_names(stage, "www.internal");
    close(client);
}

/* ---- a queue that is full ---- */

static void sockets_wait_for_a_full_queue(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = -EAGAIN;
    int clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = stage_client(stage, geteuid());
        char request[32];
        snprintf(request, sizeof request, "n%d.internal eth0\n", i);
        stage_say(clients[i], request);
    }
    stage_expect_silence(stage, clients[0]);
    stage_expect_names(stage, ""); /* not read before the keeper has them */
    keep_more(stage);
    stage_expect_names(stage, "");
    stage->socket_result = 0;
    stage->request_result = -ENOTCONN;
    keep_more(stage);
    assert_int_equal(stage->n_sockets, 3);
    for (int i = 0; i < 3; i++) {
        char reply[32];
        snprintf(reply, sizeof reply, "ok n%d.internal\n", i);
        stage_expect(stage, clients[i], reply);
        close(clients[i]);
    }
}

static void a_socket_that_waits_may_go(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = -EAGAIN;
    int client = stage_client(stage, geteuid()), silent = stage_client(stage, geteuid());
    close(client);
    loop_settle(&stage->t);
    stage->socket_result = 0;
    keep_more(stage);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 1);
    stage->socket_result = -EAGAIN;
    int third = stage_client(stage, geteuid());
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000); /* the keeper does not answer in this time */
    stage_expect_line(stage, third, "error timeout ");
    stage_expect_end(stage, third);
    assert_true(TAILQ_EMPTY(&stage->set.ready));
    close(silent);
    close(third);
}

static void requests_wait_for_a_full_queue(void **state)
{
    struct stage *stage = *state;
    int first = stage_client(stage, geteuid()), second = stage_client(stage, geteuid());
    stage->request_result = -EAGAIN;
    stage_say(first, "a.internal eth0\n");
    stage_say(second, "b.internal eth0\n");
    stage_expect_silence(stage, first);
    stage_expect_names(stage, "a.internal"); /* the second waits behind it */
    stage->request_result = 0;
    keep_more(stage);
    stage_expect_names(stage, "a.internal b.internal");
    assert_int_equal(stage->n_requests, 2);
    stage_expect_silence(stage, first);
    connections_stored(&stage->set, stage_newest(stage)->key, KEEP_OK);
    stage_expect(stage, second, "ok b.internal\n");
    stage_expect_silence(stage, first);
    connections_stored(&stage->set, TAILQ_FIRST(&stage->set.all)->key, KEEP_OK);
    stage_expect(stage, first, "ok a.internal\n");
    close(first);
    close(second);
}

static void a_request_that_waits_may_go(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage->request_result = -EAGAIN;
    stage_say(client, "a.internal eth0\n");
    stage_expect_silence(stage, client);
    stage_leave(stage, client);
    stage_expect_names(stage, "");
    keep_more(stage);
}

static void an_answer_after_the_end_is_of_nobody(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "a.internal eth0\n");
    stage_expect_silence(stage, client);
    stage_leave(stage, client);
    connections_stored(&stage->set, stage->key, KEEP_OK);
    connections_refused_by_keeper(&stage->set, stage->key);
    stage_expect_names(stage, "");
}

/* ---- a keeper that goes and comes ---- */

static void a_lost_keeper_lets_all_requests_go_on(void **state)
{
    struct stage *stage = *state;
    int storing = stage_client(stage, geteuid());
    stage_say(storing, "a.internal eth0\na2.internal eth0\n");
    int waiting = stage_client(stage, geteuid());
    stage_say(waiting, "w.internal eth0 wait=5\n");
    loop_settle(&stage->t);
    connections_stored(&stage->set, stage_newest(stage)->key, KEEP_OK);
    stage->request_result = -EAGAIN;
    int blocked = stage_client(stage, geteuid());
    stage_say(blocked, "b.internal eth0\n");
    loop_settle(&stage->t);
    stage->socket_result = -EAGAIN;
    int unread = stage_client(stage, geteuid());
    stage_say(unread, "c.internal eth0\n");
    stage_expect_silence(stage, storing);
    stage_expect_names(stage, "a.internal b.internal w.internal");

    stage->socket_result = stage->request_result = -ENOTCONN;
    connections_keeper_changed(&stage->set, 0);
    stage_expect(stage, storing, "ok a.internal\nok a2.internal\n");
    stage_expect(stage, blocked, "ok b.internal\n");
    stage_expect(stage, unread, "ok c.internal\n");
    stage_expect_silence(stage, waiting);
    stage->live = true;
    connections_check_waiting(&stage->set);
    stage_expect(stage, waiting, "live w.internal\n");
    assert_true(TAILQ_EMPTY(&stage->set.ready));
    close(storing);
    close(blocked);
    close(unread);
    close(waiting);
}

/* Its answers belong to no request. */
static void a_new_keeper_gets_everything_it_lacks(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = -ENOTCONN;
    int first = stage_client(stage, geteuid());
    int second = stage_client(stage, geteuid());
    stage_ask(stage, first, "a.internal eth0\nb.internal eth0\n", "ok a.internal\nok b.internal\n");

    connections_keeper_changed(&stage->set, 0);
    stage_ask(stage, first, "c.internal eth0\n", "ok c.internal\n"); /* it takes none yet */
    stage->socket_result = stage->request_result = 0;
    keep_all(stage);
    assert_int_equal(stage->n_sockets, 2);
    assert_int_equal(stage->n_requests, 3);
    assert_non_null(strstr(stage->text, " c.internal ")); /* the newest comes last */
    stage_say(first, "d.internal eth0\n");
    loop_settle(&stage->t);
    assert_int_equal(stage->n_requests, 4);
    for (int i = 0; i < 4; i++) {
        stage_expect_silence(stage, first);
        connections_stored(&stage->set, TAILQ_FIRST(&stage->set.all)->key, KEEP_OK);
    }
    stage_expect(stage, first, "ok d.internal\n");
    close(first);
    close(second);
}

/* It is there before the loss of the former keeper is noticed. */
static void a_request_without_an_answer_goes_to_the_next_keeper(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    stage_say(client, "a.internal eth0\n");
    stage_expect_silence(stage, client);
    connections_keeper_changed(&stage->set, 0);
    keep_all(stage);
    assert_int_equal(stage->n_sockets, 2);
    assert_int_equal(stage->n_requests, 2);
    stage_expect_silence(stage, client);
    connections_stored(&stage->set, stage->key, KEEP_OK);
    stage_expect(stage, client, "ok a.internal\n");
    close(client);
}

/* A new request gets its own answer. */
static void a_full_keeper_ends_nothing_accepted_before(void **state)
{
    struct stage *stage = *state;
    stage->socket_result = stage->request_result = -ENOTCONN;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "a.internal eth0\n", "ok a.internal\n");
    stage->socket_result = stage->request_result = 0;
    keep_all(stage);
    connections_stored(&stage->set, stage->key, KEEP_FULL);
    stage_expect_silence(stage, client);
    stage_expect_names(stage, "a.internal");
    assert_int_equal(loop_logged(&stage->t, "the keeper is full"), 1);
    close(client);
}

static void a_refused_newcomer_is_ended_and_a_holder_stays(void **state)
{
    struct stage *stage = *state;
    int fresh = stage_client(stage, geteuid());
    uint64_t fresh_key = stage_newest(stage)->key;
    stage->request_result = -ENOTCONN;
    int good = stage_client(stage, geteuid());
    uint64_t good_key = stage_newest(stage)->key;
    stage_ask(stage, good, "a.internal eth0\n", "ok a.internal\n");
    connections_refused_by_keeper(&stage->set, fresh_key);
    stage_expect_line(stage, fresh, "error limit ");
    stage_expect_end(stage, fresh);
    connections_refused_by_keeper(&stage->set, good_key);
    stage_expect_silence(stage, good);
    stage_expect_names(stage, "a.internal");
    assert_int_equal(loop_logged(&stage->t, "the keeper is full"), 1);
    close(fresh);
    close(good);
}

/* And this open copy is not mistaken for the next connection, which gets the same number. */
static void a_copy_with_the_keeper_hides_no_end(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    const int number = stage_newest(stage)->fd, kept = dup(number);
    char rubbish[REQUEST_LINE_MAX + 1];
    memset(rubbish, 'x', sizeof rubbish);
    assert_int_equal(send(client, rubbish, sizeof rubbish, 0), sizeof rubbish);
    stage_expect_line(stage, client, "error syntax ");
    stage_expect_end(stage, client);

    stage->request_result = -ENOTCONN;
    int next = stage_client(stage, geteuid());
    assert_int_equal(stage_newest(stage)->fd, number);
    stage_ask(stage, next, "a.internal eth0\n", "ok a.internal\n");
    close(client);
    stage_expect_silence(stage, next);
    stage_expect_names(stage, "a.internal");
    assert_int_equal(stage->set.n, 1);
    close(next);
    close(kept);
}

/* ---- what a former phonebookd left ---- */

static bool take_request(struct stage *stage, uint64_t key, const char *text,
                         char why[static REGISTRY_WHY_MAX])
{
    struct connection *c = connections_find_kept(&stage->set, key);
    if (c)
        return connection_take_text(c, text, strlen(text), why);
    connections_taken_request(&stage->set, key, text, strlen(text)); /* of nobody: ignored */
    return true;
}

static void a_connection_is_taken_with_its_registrations(void **state)
{
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    uint64_t key = cookie(ours);
    connections_taken_socket(&stage->set, ours, key);
    char why[REGISTRY_WHY_MAX];
    assert_true(take_request(stage, key, "1700000000 www eth0 ttl=30", why));
    assert_true(take_request(stage, key, "1700000001 mail.internal eth1", why));
    const struct registration *r = stage_newest(stage)->holder.registrations->next;
    assert_string_equal(r->name, "www");
    assert_int_equal(r->options.ttl, 30);
    assert_int_equal(r->since, 1700000000);
    stage_expect_names(stage, "www.box.example mail.internal www.internal");
    assert_int_equal(stage->n_changed, 2);
    assert_int_equal(stage->n_entered, 1);
    assert_int_equal(stage->n_sockets + stage->n_requests, 0); /* the keeper has them already */

    loop_pass(&stage->t, IDLE_LIMIT_S * 2000);
    stage_expect_silence(stage, client);
    stage_say(client, "www eth0 ttl=30\n"); /* it was not told that this had been accepted */
    stage_expect(stage, client, "ok www.box.example www.internal\n");
    assert_int_equal(stage_newest(stage)->holder.n_registrations, 2);
    stage_leave(stage, client);
    stage_expect_names(stage, "");
}

static void a_taken_connection_that_hung_up_meanwhile_is_dropped(void **state)
{
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    char why[REGISTRY_WHY_MAX];
    assert_true(take_request(stage, cookie(ours), "1700000000 www.internal eth0", why));
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
    stage_expect_names(stage, "");
}

static void a_connection_may_be_taken_before_its_first_request(void **state)
{
    struct stage *stage = *state;
    stage->request_result = -ENOTCONN;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    stage_say(client, "www.internal eth0\n");
    connections_taken_socket(&stage->set, ours, cookie(ours));
    stage_expect(stage, client, "ok www.internal\n");
    close(client);
}

/* Neither the keeper nor phonebookd ended. */
static void what_we_have_already_is_not_taken_twice(void **state)
{
    struct stage *stage = *state;
    stage->request_result = -ENOTCONN;
    int client = stage_client(stage, geteuid());
    stage_ask(stage, client, "www.internal eth0\n", "ok www.internal\n");
    connections_keeper_changed(&stage->set, 0);
    int n = loop_count_descriptors();
    int copy = dup(stage_newest(stage)->fd);
    connections_taken_socket(&stage->set, copy, stage_newest(stage)->key);
    assert_int_equal(loop_count_descriptors(), n);
    char text[64];
    snprintf(text, sizeof text, "%lld www.internal eth0",
             (long long)stage_newest(stage)->holder.registrations->since);
    char why[REGISTRY_WHY_MAX];
    assert_true(take_request(stage, stage_newest(stage)->key, text, why));
    assert_int_equal(stage->set.n, 1);
    assert_int_equal(stage_newest(stage)->holder.n_registrations, 1);
    stage->n_sockets = stage->n_requests = 0;
    keep_all(stage);
    assert_int_equal(stage->n_sockets + stage->n_requests, 0);
    close(client);
}

/* The keeper gives it back, and is told to forget it. For a connection from a takeover, the
 * keeper's texts count. */
static void a_name_withdrawn_without_the_keeper_stays_withdrawn(void **state)
{
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    struct connection *c = stage_newest(stage);
    char text[KEEP_TEXT_MAX + 1];
    register_stored(stage, client, text);
    connections_keeper_changed(&stage->set, 0);
    stage->request_result = -ENOTCONN;
    stage_ask(stage, client, "www.internal eth0 withdraw=yes\n", "ok www.internal\n");
    assert_int_equal(stage->n_forgotten, 0);

    stage->request_result = 0;
    connections_keeper_changed(&stage->set, 2);
    connections_taken_socket(&stage->set, dup(c->fd), c->key);
    char why[REGISTRY_WHY_MAX];
    assert_true(take_request(stage, c->key, text, why));
    stage_expect_names(stage, "");
    assert_int_equal(stage->n_forgotten, 1);
    int ours, other;
    stage_pair(geteuid(), &ours, &other);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    assert_true(take_request(stage, cookie(ours), text, why));
    stage_expect_names(stage, "www.internal");
    connections_taken_all(&stage->set, 2);
    keep_all(stage);

    /* And this one is complete once everything was given back. */
    stage_ask(stage, other, "www.internal eth0 withdraw=yes\n", "ok www.internal\n");
    connections_keeper_changed(&stage->set, 2);
    connections_taken_socket(&stage->set, dup(ours), cookie(ours));
    assert_true(take_request(stage, cookie(ours), text, why));
    stage_expect_names(stage, "");
    close(client);
    close(other);
}

/* The keeper's text is older. */
static void a_request_made_without_the_keeper_counts(void **state)
{
    static const char *const later[] = {" ttl=77", " ttl=30 linger=9", "", " ttl=30"};
    struct stage *stage = *state;
    int client = stage_client(stage, geteuid());
    struct connection *c = stage_newest(stage);
    stage_say(client, "www.internal eth0 ttl=30\n");
    stage_expect_silence(stage, client);
    char first[64];
    strcpy(first, stage->text);
    connections_stored(&stage->set, c->key, KEEP_OK);
    stage_expect(stage, client, "ok www.internal\n");
    char text[48];
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        bool changed = strcmp(later[i], " ttl=30") != 0;
        connections_keeper_changed(&stage->set, 0);
        stage->request_result = -ENOTCONN;
        snprintf(text, sizeof text, " www.internal eth0%s", later[i]);
        char line[64];
        snprintf(line, sizeof line, "%s\n", text + 1);
        stage_ask(stage, client, line, "ok www.internal\n");

        connections_keeper_changed(&stage->set, 0);
        stage->request_result = 0;
        stage->n_requests = 0;
        assert_true(connections_taken_socket(&stage->set, dup(c->fd), c->key));
        char why[REGISTRY_WHY_MAX];
        assert_true(take_request(stage, c->key, first, why));
        keep_all(stage);
        assert_int_equal(stage->n_requests, changed);
        if (changed)
            expect_text(stage, text);
    }
    close(client);
}

static void the_last_of_several_texts_counts(void **state)
{
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    char why[REGISTRY_WHY_MAX];
    assert_true(take_request(stage, cookie(ours), "1700000000 www.internal eth0 ttl=30", why));
    assert_true(take_request(stage, cookie(ours), "1700000000 www.internal eth0 linger=9", why));
    keep_all(stage);
    const struct registration *r = stage_newest(stage)->holder.registrations;
    assert_int_equal(r->options.ttl, -1);
    assert_int_equal(r->options.linger, 9);
    assert_int_equal(stage->n_requests, 0);

    /* And where it gives them once more, the last is what it has. */
    connections_keeper_changed(&stage->set, 0);
    connections_taken_socket(&stage->set, dup(ours), cookie(ours));
    assert_true(take_request(stage, cookie(ours), "1700000000 www.internal eth0 linger=9", why));
    assert_true(take_request(stage, cookie(ours), "1700000000 www.internal eth0 ttl=30", why));
    keep_all(stage);
    assert_int_equal(r->options.ttl, -1);
    assert_int_equal(stage->n_requests, 1);
    assert_string_equal(stage->text, "1700000000 www.internal eth0 linger=9");
    close(client);
}

static void texts_that_are_no_requests_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "1700000000",
        "1700000000 ",
        "1700000000 www",
        "www eth0",
        "170x www eth0",
        "1700000000 w eth0 x=y",
        "1700000000 a..b eth0",
        "1 www. eth0",
    };
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    char why[REGISTRY_WHY_MAX];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        why[0] = '\0';
        if (take_request(stage, cookie(ours), texts[i], why) || !why[0])
            fail_msg("\"%s\" was taken", texts[i]);
    }
    char longest[KEEP_TEXT_MAX + 100];
    memset(longest, 'x', sizeof longest);
    assert_false(connection_take_text(stage_newest(stage), longest, sizeof longest, why));
    assert_true(take_request(stage, 99999, "1 www.internal eth0", why)); /* of nobody: ignored */
    stage_expect_names(stage, "");
    close(client);
}

static void ignore_lost(const struct registration *registration, const char *why)
{
    (void)registration, (void)why;
}

/* As a SIGHUP does. */
static void use_zones(struct stage *stage, const struct zone *const *zones, size_t n_zones)
{
    struct holder **holders = connections_holders(&stage->set);
    assert_true(registry_set_zones(&stage->room.registry, zones, n_zones, holders, stage->set.n,
                                   ignore_lost));
    free(holders);
}

static void a_taken_name_waits_for_its_namespace(void **state)
{
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    stage->no_namespace = "it is gone";
    char why[REGISTRY_WHY_MAX];
    assert_false(take_request(stage, cookie(ours), "1 www.internal eth0", why));
    assert_string_equal(why, "it is gone");
    loop_pass(&stage->t, IDLE_LIMIT_S * 1000); /* its client is not a silent newcomer */
    stage_expect_silence(stage, client);
    use_zones(stage, stage->room.list, 2);
    stage_expect_names(stage, "");

    stage->no_namespace = NULL;
    stage->n_changed = 0;
    loop_pass(&stage->t, NAMESPACE_RETRY_MS);
    stage_expect_names(stage, "www.internal");
    assert_true(stage->n_changed > 0);
    assert_int_equal(stage->n_requests, 0);
    assert_true(loop_wakes(&stage->t, 30) < 10);
    close(client);
}

static void a_taken_name_that_waits_for_its_namespace_may_go(void **state)
{
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    stage->no_namespace = "it is gone";
    char why[REGISTRY_WHY_MAX];
    assert_false(take_request(stage, cookie(ours), "1 www.internal eth0", why));
    stage_leave(stage, client);
    loop_pass(&stage->t, NAMESPACE_RETRY_MS);
    assert_int_equal(stage->n_entered, 0);
}

/* As after a start with a wrong configuration. A keeper that starts meanwhile gets the names. */
static void a_taken_name_waits_for_its_zone(void **state)
{
    struct stage *stage = *state;
    use_zones(stage, stage->room.list, 1);
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    connections_taken_socket(&stage->set, ours, cookie(ours));
    char why[REGISTRY_WHY_MAX];
    assert_false(
        take_request(stage, cookie(ours), "1700000000 www.internal. eth0 ttl=5 linger=6", why));
    assert_non_null(strstr(why, "is in no zone"));
    stage_expect_names(stage, "");
    stage_say(client, "www.internal. eth0 ttl=5 linger=6\n");
    stage_expect_line(stage, client, "error zone ");

    connections_keeper_changed(&stage->set, 0);
    connections_keeper_changed(&stage->set, 0);
    keep_all(stage);
    assert_int_equal(stage->n_sockets, 1);
    assert_int_equal(stage->n_requests, 1);
    assert_string_equal(stage->text, "1700000000 www.internal. eth0 ttl=5 linger=6");

    use_zones(stage, stage->room.list, 2);
    stage_expect_names(stage, "www.internal");
    assert_int_equal(stage_newest(stage)->holder.registrations->options.linger, 6);
    assert_int_equal(stage_newest(stage)->holder.n_registrations, 1);
    close(client);
}

static void what_was_accepted_before_is_taken_above_the_limits(void **state)
{
    enum { N = CONNECTIONS_PER_USER + 10 };
    struct stage *stage = *state;
    if (!stage_has_uids())
        skip();
    int clients[N];
    for (int i = 0; i < N; i++) {
        int ours;
        stage_pair(4001, &ours, &clients[i]);
        connections_taken_socket(&stage->set, ours, cookie(ours));
        for (int j = 0; j < 3; j++) {
            char text[64];
            snprintf(text, sizeof text, "1700000000 n%d-%d.internal eth0", i, j);
            char why[REGISTRY_WHY_MAX];
            assert_true(take_request(stage, cookie(ours), text, why));
        }
    }
    assert_int_equal(stage->room.registry.listings.n, 3 * N);
    int more = stage_client(stage, 4001);
    stage_expect_line(stage, more, "error limit ");
    close(more);
    for (int i = 0; i < N; i++)
        close(clients[i]);
}

/* They can be taken later. */
static void connections_without_room_stay_with_the_keeper(void **state)
{
    enum { N = 3, LIMIT = 2 };
    struct stage *stage = *state;
    stage->room.accounts.total[ACCOUNT_CONNECTIONS] = LIMIT;
    char text[64], why[REGISTRY_WHY_MAX];
    int clients[N], kept[N];
    for (int i = 0; i < N; i++) {
        int ours;
        stage_pair(geteuid(), &ours, &clients[i]);
        kept[i] = dup(ours);
        int n = loop_count_descriptors();
        snprintf(text, sizeof text, "1700000000 n%d.internal eth0", i);
        assert_int_equal(connections_taken_socket(&stage->set, ours, cookie(kept[i])), i < LIMIT);
        assert_int_equal(loop_count_descriptors(), i < LIMIT ? n : n - 1);
        assert_true(take_request(stage, cookie(kept[i]), text, why));
    }
    stage_expect_names(stage, "n0.internal n1.internal");
    stage_expect_silence(stage, clients[LIMIT]); /* it is not closed */
    int more = stage_client(stage, geteuid());
    stage_expect_line(stage, more, "error limit ");

    stage_leave(stage, clients[0]);
    connections_keeper_changed(&stage->set, 0);
    assert_true(connections_taken_socket(&stage->set, dup(kept[1]), cookie(kept[1])));
    assert_true(connections_taken_socket(&stage->set, dup(kept[2]), cookie(kept[2])));
    assert_true(take_request(stage, cookie(kept[2]), text, why));
    stage_expect_names(stage, "n1.internal n2.internal");
    close(more);
    for (int i = 0; i < N; i++)
        close(kept[i]);
    close(clients[1]);
    close(clients[2]);
}

/* Its end is noticed. */
static void a_connection_set_aside_is_held_and_not_read(void **state)
{
    struct stage *stage = *state;
    int ours, client;
    stage_pair(geteuid(), &ours, &client);
    stage_say(client, "more.internal eth0\n");
    stage->set.n_aside = 1;
    connections_taken_socket(&stage->set, ours, cookie(ours));
    char why[REGISTRY_WHY_MAX];
    assert_false(take_request(stage, cookie(ours), "1700000000 www.internal eth0", why));
    assert_non_null(strstr(why, "aside, since"));
    stage_expect_silence(stage, client);
    assert_true(loop_wakes(&stage->t, 30) < 10);
    loop_pass(&stage->t, IDLE_LIMIT_S * 2000);
    connections_keeper_changed(&stage->set, 0);
    stage_expect_silence(stage, client);
    stage_expect_names(stage, "");

    connections_keeper_changed(&stage->set, 0); /* it holds nothing, and gets what we took over */
    keep_all(stage);
    assert_int_equal(stage->n_sockets, 1);
    assert_int_equal(stage->n_requests, 1);
    assert_string_equal(stage->text, "1700000000 www.internal eth0");
    use_zones(stage, stage->room.list, 2);
    stage_expect_names(stage, "");
    stage_leave(stage, client);
}

/* The keeper gives the oldest first. */
static void the_newest_connections_are_set_aside(void **state)
{
    enum { N = 4, ASIDE = 2 };
    struct stage *stage = *state;
    stage->set.n_aside = ASIDE;
    connections_keeper_changed(&stage->set, N);
    int ours, clients[N];
    for (int i = 0; i < N; i++) {
        stage_pair(geteuid(), &ours, &clients[i]);
        assert_true(connections_taken_socket(&stage->set, ours, cookie(ours)));
    }
    connections_taken_all(&stage->set, N);
    int n = 0;
    struct connection *c;
    TAILQ_FOREACH (c, &stage->set.all, all)
        assert_int_equal(c->holder.aside, n++ >= N - ASIDE);
    assert_int_equal(stage->set.n_set_aside, ASIDE);

    connections_keeper_changed(&stage->set, 1); /* later takeovers set nobody aside */
    stage_pair(geteuid(), &ours, &n);
    assert_true(connections_taken_socket(&stage->set, ours, cookie(ours)));
    assert_false(stage_newest(stage)->holder.aside);
    close(n);
    for (int i = 0; i < N; i++)
        close(clients[i]);
}

/* ---- what lingers ---- */

static const char links[] = "eth0 192.168.1.1";

/* A holder that has ended, and whose name lingers. */
static void leave_lingering(struct stage *stage, const char *name)
{
    int client = stage_client(stage, geteuid());
    char line[64];
    snprintf(line, sizeof line, "%s.internal eth0 linger=60\n", name);
    stage_say(client, line);
    loop_settle(&stage->t);
    stage_keeper_reads(stage, SIZE_MAX);
    snprintf(line, sizeof line, "ok %s.internal\n", name);
    stage_expect(stage, client, line);
    stage_leave(stage, client);
    loop_settle(&stage->t);
    stage_keeper_reads(stage, SIZE_MAX);
    loop_settle(&stage->t);
}

static void start_lingering(struct stage *stage)
{
    made_links(stage->room.holders[0].namespace, links);
    stage->note_result = 0;
    connections_keeper_changed(&stage->set, 0);
    keep_all(stage);
}

/* A note is removed when its time is over, or when it ends otherwise. */
static void what_lingers_is_noted_until_its_end(void **state)
{
    struct stage *stage = *state;
    start_lingering(stage);
    leave_lingering(stage, "www");
    const struct remnant *r = stage->room.registry.remnants;
    assert_non_null(r);
    assert_int_equal(stage->n_notes, 1);
    assert_int_equal(stage->note_key, r->key);
    assert_int_equal(stage->note_deadline, r->deadline / 1000);
    char expected[KEEP_NOTE_MAX];
    expected[remnant_format(expected, r)] = '\0';
    assert_string_equal(stage->note, expected);
    assert_non_null(strstr(expected, " eth0 www.internal linger=60 192.168.1.1"));
    registry_expire(&stage->room.registry, r->deadline);
    connections_go_on(&stage->set);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_notes, 2);
    assert_string_equal(stage->note, "");
}

/* Without a keeper nothing is sent, and nothing is busy. */
static void the_next_keeper_gets_all_notes(void **state)
{
    struct stage *stage = *state;
    start_lingering(stage);
    leave_lingering(stage, "www");
    assert_int_equal(stage->n_notes, 1);
    connections_keeper_changed(&stage->set, 0);
    stage->note_result = stage->socket_result = stage->request_result = -ENOTCONN;
    leave_lingering(stage, "mail");
    keep_all(stage); /* as at a new configuration */
    assert_true(loop_wakes(&stage->t, 30) < 10);
    assert_int_equal(stage->n_notes, 1);
    stage->note_result = stage->socket_result = stage->request_result = 0;
    connections_keeper_changed(&stage->set, 0);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_notes, 1); /* its notes are still being taken over */
    keep_all(stage);
    stage_keeper_reads(stage, SIZE_MAX);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_notes, 3);
}

/* The keeper is of an older version. */
static void a_keeper_without_notes_is_not_asked_again(void **state)
{
    struct stage *stage = *state;
    start_lingering(stage);
    stage->note_result = -EOPNOTSUPP;
    leave_lingering(stage, "www");
    assert_true(loop_wakes(&stage->t, 30) < 10);
    assert_int_equal(stage->n_notes, 0);
    assert_null(registry_next_to_note(&stage->room.registry));
}

/* Requests are stored between them. */
static void notes_wait_for_room_in_portions(void **state)
{
    struct stage *stage = *state;
    start_lingering(stage);
    int client = stage_client(stage, geteuid());
    for (int i = 0; i < REGISTRATIONS_PER_CONNECTION; i++) {
        char line[64];
        snprintf(line, sizeof line, "n%d.internal eth0 linger=60\n", i);
        stage_say(client, line);
        loop_settle(&stage->t);
        stage_keeper_reads(stage, SIZE_MAX);
        snprintf(line, sizeof line, "ok n%d.internal\n", i);
        stage_expect(stage, client, line);
    }
    stage->queue_room = 5;
    stage_leave(stage, client);
    loop_settle(&stage->t);
    assert_int_equal(stage->n_notes, 5);
    assert_true(stage->set.blocked);
    for (int i = 0; i < 200 && stage->n_notes < REGISTRATIONS_PER_CONNECTION; i++) {
        stage_keeper_reads(stage, 3);
        loop_settle(&stage->t);
    }
    assert_int_equal(stage->n_notes, REGISTRATIONS_PER_CONNECTION);
}

/* Although requests come without end. */
static void notes_do_not_stop_the_storing_again(void **state)
{
    struct stage *stage = *state;
    start_lingering(stage);
    int client = stage_client(stage, geteuid());
    stage_say(client, "stays.internal eth0\n");
    loop_settle(&stage->t);
    stage_keeper_reads(stage, SIZE_MAX);
    stage_expect(stage, client, "ok stays.internal\n");
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        leave_lingering(stage, name);
    }
    stage->n_notes = stage->n_sockets = stage->n_requests = 0;
    stage->queue_room = 10;
    connections_keeper_changed(&stage->set, 0);
    keep_all(stage);
    assert_true(stage->set.blocked);
    assert_in_range(stage->n_notes, 2, 19);
    assert_int_equal(stage->n_sockets, 1);
    assert_int_equal(stage->n_requests, 1);
    assert_null(stage->set.again);
    stage_leave(stage, client);
}

static void the_notes_of_the_keeper_linger_again(void **state)
{
    struct stage *stage = *state;
    stage->room.registry.first_key = stage->room.registry.last_key = 1000;
    char text[KEEP_NOTE_MAX];
    size_t length = (size_t)snprintf(text, sizeof text,
                                     "5 7 8 1700000000 9 %" PRIu64 " %" PRIu64
                                     " eth0 www.internal linger=60 192.168.1.1",
                                     boot_ms(), boot_ms() + 60000);
    stage->n_changed = 0;
    connections_taken_note(&stage->set, 5, text, length);
    assert_int_equal(stage->n_changed, 1); /* otherwise nothing might cause a build */
    stage_expect_names(stage, "www.internal");
    connections_taken_note(&stage->set, 6, text, length - 3); /* this is not a note */
    connections_taken_note(&stage->set, 6, text, 0);
    length = (size_t)snprintf(text, sizeof text,
                              "6 7 8 1700000000 9 %" PRIu64 " %" PRIu64
                              " eth0 mail.internal linger=60 192.168.1.1",
                              boot_ms() + 100000, boot_ms() + 160000);
    connections_taken_note(&stage->set, 6, text, length); /* it has not ended yet */
    stage_expect_names(stage, "www.internal");
    assert_int_equal(stage->room.accounts.held[ACCOUNT_REGISTRATIONS], 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_STAGE(the_keeper_gets_the_socket_before_the_request, setup),
        ON_STAGE(the_keeper_is_told_after_a_build_that_begins_at_once, setup),
        ON_STAGE(the_keeper_gets_a_socket_without_a_registration, setup),
        ON_STAGE(a_client_that_waits_for_a_build_may_hang_up, setup),
        ON_STAGE(an_unanswered_request_stays_in_the_socket, setup),
        ON_STAGE(an_error_needs_no_keeper, setup),
        ON_STAGE(a_repeated_request_is_not_stored_again, setup),
        ON_STAGE(a_withdrawn_request_is_forgotten_by_its_subject, setup),
        ON_STAGE(a_withdrawal_waits_for_a_full_keeper, setup),
        ON_STAGE(a_name_withdrawn_without_the_keeper_stays_withdrawn, setup),
        ON_STAGE(a_full_keeper_refuses_the_request, setup),
        ON_STAGE(a_full_keeper_takes_nothing_that_was_stored, setup),
        ON_STAGE(the_subject_of_a_text_ends_before_its_keys, setup),
        ON_STAGE(a_connection_unknown_to_the_keeper_counts_as_stored, setup),
        ON_STAGE(sockets_wait_for_a_full_queue, setup),
        ON_STAGE(a_socket_that_waits_may_go, setup),
        ON_STAGE(requests_wait_for_a_full_queue, setup),
        ON_STAGE(a_request_that_waits_may_go, setup),
        ON_STAGE(an_answer_after_the_end_is_of_nobody, setup),
        ON_STAGE(a_lost_keeper_lets_all_requests_go_on, setup),
        ON_STAGE(a_new_keeper_gets_everything_it_lacks, setup),
        ON_STAGE(a_request_without_an_answer_goes_to_the_next_keeper, setup),
        ON_STAGE(a_full_keeper_ends_nothing_accepted_before, setup),
        ON_STAGE(a_refused_newcomer_is_ended_and_a_holder_stays, setup),
        ON_STAGE(a_copy_with_the_keeper_hides_no_end, setup),
        ON_STAGE(a_connection_is_taken_with_its_registrations, setup),
        ON_STAGE(a_taken_connection_that_hung_up_meanwhile_is_dropped, setup),
        ON_STAGE(a_connection_may_be_taken_before_its_first_request, setup),
        ON_STAGE(what_we_have_already_is_not_taken_twice, setup),
        ON_STAGE(a_request_made_without_the_keeper_counts, setup),
        ON_STAGE(the_last_of_several_texts_counts, setup),
        ON_STAGE(texts_that_are_no_requests_are_refused, setup),
        ON_STAGE(a_taken_name_waits_for_its_namespace, setup),
        ON_STAGE(a_taken_name_that_waits_for_its_namespace_may_go, setup),
        ON_STAGE(a_taken_name_waits_for_its_zone, setup),
        ON_STAGE(what_was_accepted_before_is_taken_above_the_limits, setup),
        ON_STAGE(connections_without_room_stay_with_the_keeper, setup),
        ON_STAGE(a_connection_set_aside_is_held_and_not_read, setup),
        ON_STAGE(the_newest_connections_are_set_aside, setup),
        ON_STAGE(what_lingers_is_noted_until_its_end, setup),
        ON_STAGE(the_next_keeper_gets_all_notes, setup),
        ON_STAGE(a_keeper_without_notes_is_not_asked_again, setup),
        ON_STAGE(notes_wait_for_room_in_portions, setup),
        ON_STAGE(notes_do_not_stop_the_storing_again, setup),
        ON_STAGE(the_notes_of_the_keeper_linger_again, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
