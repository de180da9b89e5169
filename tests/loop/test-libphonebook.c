/* The library over a socketpair, whose other end the test plays: it writes each answer before the
 * library reads, so one thread is enough. A request before each test shows the first id; each later
 * id is one more. */
#include "../../include/phonebook.h"
#include "../unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 5000 };

struct pair {
    struct phonebook *phonebook;
    int daemon;   /* the other end; -1 once it is closed */
    long long id; /* of the request that is answered next */
};

static const struct phonebook_request www = {.name = "www", .interface = "eth0"};

static void daemon_close(struct pair *pair)
{
    if (pair->daemon >= 0)
        close(pair->daemon);
    pair->daemon = -1;
}

static int teardown(void **state)
{
    struct pair *pair = *state;
    phonebook_free(pair->phonebook);
    daemon_close(pair);
    free(pair);
    return 0;
}

static void daemon_say(struct pair *pair, const char *text)
{
    assert_int_equal(send(pair->daemon, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Answers the next request: "ok " or "error CODE ", the id, and the text after it. */
static void daemon_answer(struct pair *pair, const char *kind, const char *rest)
{
    char line[256];
    snprintf(line, sizeof line, "%sid=%lld %s\n", kind, pair->id++, rest);
    daemon_say(pair, line);
}

/* Everything that has arrived, as it was sent. */
static void hear(struct pair *pair, char *text, size_t room)
{
    ssize_t n = recv(pair->daemon, text, room - 1, MSG_DONTWAIT);
    text[n > 0 ? n : 0] = '\0';
}

/* The same without the ids, each of which must be one more than the one before. */
static void assert_heard(struct pair *pair, const char *expected)
{
    char text[65536];
    hear(pair, text, sizeof text);
    long long before = 0;
    for (char *id = strstr(text, " id="); id; id = strstr(id, " id=")) {
        char *end;
        long long n = strtoll(id + strlen(" id="), &end, 10);
        assert_true(before == 0 || n == before + 1);
        before = n;
        memmove(id, end, strlen(end) + 1);
    }
    assert_string_equal(text, expected);
}

/* The client's first request, with its answer. */
static void learn_id(struct pair *pair)
{
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    char line[128];
    hear(pair, line, sizeof line);
    char *id = strstr(line, " id=");
    assert_non_null(id);
    pair->id = strtoll(id + strlen(" id="), NULL, 10);
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www.internal");
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(phonebook_take_fd(&pair->phonebook, ends[0]), 0);
    pair->daemon = ends[1];
    learn_id(pair);
    *state = pair;
    return 0;
}

static long long clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_request_is_answered(void **state)
{
    struct pair *pair = *state;
    daemon_answer(pair, "ok ", "www.internal www.box.example");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www.internal www.box.example");
    assert_heard(pair, "www eth0\n");
    assert_int_equal(phonebook_pending(pair->phonebook), 0);
}

static void the_keys_of_a_request_are_sent(void **state)
{
    struct pair *pair = *state;
    daemon_answer(pair, "live ", "box.example");
    daemon_answer(pair, "ok ", "box.example");
    struct phonebook_request request = {.name = "@", .interface = "x", .ttl = 30, .wait = 7};
    assert_int_equal(phonebook_publish(pair->phonebook, &request, LIMIT_MS), 0);
    assert_heard(pair, "@ x ttl=30 wait=7\n");
    request.ttl = PHONEBOOK_TTL_ZERO;
    request.wait = 0;
    assert_int_equal(phonebook_publish(pair->phonebook, &request, LIMIT_MS), 0);
    assert_heard(pair, "@ x ttl=0\n");
}

static void a_refusal_ends_nothing(void **state)
{
    struct pair *pair = *state;
    daemon_answer(pair, "error in-use ", "held by uid 7");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), PHONEBOOK_IN_USE);
    assert_string_equal(phonebook_text(pair->phonebook), "held by uid 7");
    assert_string_equal(phonebook_outcome_word(PHONEBOOK_IN_USE), "in-use");
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), 0);
}

static void a_wrong_request_is_refused_without_being_sent(void **state)
{
    static const struct {
        struct phonebook_request request;
        int outcome;
    } cases[] = {
        {{.name = "", .interface = "eth0"}, PHONEBOOK_NAME},
        {{.name = NULL, .interface = "eth0"}, PHONEBOOK_NAME},
        {{.name = "w w", .interface = "eth0"}, PHONEBOOK_NAME},
        {{.name = "www\nmail", .interface = "eth0"}, PHONEBOOK_NAME},
        {{.name = "www", .interface = NULL}, PHONEBOOK_INTERFACE},
        {{.name = "www", .interface = "a/b"}, PHONEBOOK_INTERFACE},
        {{.name = "www", .interface = "eth0", .ttl = -2}, PHONEBOOK_SYNTAX},
        {{.name = "www", .interface = "eth0", .wait = -1}, PHONEBOOK_SYNTAX},
        {{.name = "www", .interface = "eth0", .wait = 3601}, PHONEBOOK_SYNTAX},
    };
    struct pair *pair = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *why = "";
        assert_int_equal(phonebook_check(&cases[i].request, &why), cases[i].outcome);
        assert_true(*why);
        assert_int_equal(phonebook_publish(pair->phonebook, &cases[i].request, LIMIT_MS),
                         cases[i].outcome);
        assert_string_equal(phonebook_text(pair->phonebook), why);
    }
    assert_heard(pair, "");
}

static void an_answer_may_come_octet_by_octet(void **state)
{
    struct pair *pair = *state;
    char answer[128];
    snprintf(answer, sizeof answer, "error zone id=%lld no zone takes www\n", pair->id);
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    assert_int_equal(phonebook_events(pair->phonebook), POLLIN | POLLOUT);
    assert_heard(pair, "");
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_int_equal(phonebook_events(pair->phonebook), POLLIN);
    assert_heard(pair, "www eth0\n");
    for (size_t i = 0; i < strlen(answer); i++) {
        char octet[] = {answer[i], '\0'};
        assert_int_equal(phonebook_pending(pair->phonebook), 1);
        assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
        assert_string_equal(phonebook_text(pair->phonebook), "");
        daemon_say(pair, octet);
    }
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_ZONE);
    assert_string_equal(phonebook_text(pair->phonebook), "no zone takes www");
}

static void several_answers_may_come_together(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    struct phonebook_request mail = {.name = "mail", .interface = "eth0"};
    assert_int_equal(phonebook_queue(pair->phonebook, &mail), 0);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), -EBUSY);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_heard(pair, "www eth0\n"); /* alone: ids may be unsupported */
    daemon_answer(pair, "ok ", "www.internal");
    daemon_answer(pair, "error denied ", "not you");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_DENIED);
    assert_heard(pair, "mail eth0\n");
    assert_string_equal(phonebook_text(pair->phonebook), "not you");
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_string_equal(phonebook_text(pair->phonebook), "");
}

static void a_very_long_answer_is_read(void **state)
{
    enum { LONGEST = 65536 };
    struct pair *pair = *state;
    char *answer = malloc(LONGEST + 1);
    assert_non_null(answer);
    memset(answer, 'a', LONGEST);
    int head = sprintf(answer, "ok id=%lld ", pair->id++);
    answer[head] = 'a';
    answer[LONGEST - 1] = '\n';
    answer[LONGEST] = '\0';
    daemon_say(pair, answer);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), 0);
    assert_int_equal(strlen(phonebook_text(pair->phonebook)), LONGEST - 1 - head);

    answer[LONGEST - 1] = 'a';
    daemon_say(pair, answer);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), -EPROTO);
    free(answer);
}

/* Reads until the oldest request is answered. */
static void the_queue_is_bounded(void **state)
{
    struct pair *pair = *state;
    int queued = 0, result;
    while ((result = phonebook_queue(pair->phonebook, &www)) == 0 && queued < 100000)
        queued++;
    assert_int_equal(result, -ENOBUFS);
    assert_true(queued >= 64);
    assert_int_equal(phonebook_pending(pair->phonebook), queued);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_int_equal(phonebook_queue(pair->phonebook, &www), -ENOBUFS);
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
}

/* The requests stay queued and arrive whole. */
static void a_full_socket_blocks_nobody(void **state)
{
    struct pair *pair = *state;
    int size = 1;
    setsockopt(phonebook_fd(pair->phonebook), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    int sent = 0;
    while (phonebook_queue(pair->phonebook, &www) == 0)
        sent++;
    char line[128];
    const int length = snprintf(line, sizeof line, "www eth0 id=%lld\n", pair->id);
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_int_equal(phonebook_events(pair->phonebook), POLLIN | POLLOUT);
    int heard = 0;
    while (heard < sent) {
        snprintf(line, sizeof line, "www eth0 id=%lld\n", pair->id - 1 + heard);
        char got[sizeof line];
        assert_int_equal(recv(pair->daemon, got, (size_t)length, MSG_WAITALL), length);
        assert_memory_equal(got, line, (size_t)length);
        heard++;
        assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    }
    assert_int_equal(phonebook_events(pair->phonebook), POLLIN);
}

static void assert_ended(struct pair *pair, int error)
{
    assert_int_equal(phonebook_interpret(pair->phonebook), error);
    assert_int_equal(phonebook_queue(pair->phonebook, &www), error);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), error);
    assert_string_equal(phonebook_text(pair->phonebook), "");
    assert_true(fcntl(phonebook_fd(pair->phonebook), F_GETFD) >= 0);
}

static void a_connection_may_end_before_the_request(void **state)
{
    struct pair *pair = *state;
    daemon_close(pair);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), -ECONNRESET);
    assert_ended(pair, -ECONNRESET);
}

static void a_connection_may_end_while_idle(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    daemon_close(pair);
    assert_ended(pair, -ECONNRESET);
}

static void a_connection_may_end_before_the_answer(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_heard(pair, "www eth0\n");
    daemon_close(pair);
    assert_ended(pair, -ECONNRESET);
}

/* With a waiting request or without; then the connection is over. */
static void an_eviction_is_told_once(void **state)
{
    struct pair *pair = *state;
    daemon_say(pair, "error evicted uid 0, pid 7 has ended this connection\n");
    daemon_close(pair);
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_EVICTED);
    assert_string_equal(phonebook_text(pair->phonebook), "uid 0, pid 7 has ended this connection");
    assert_ended(pair, -ECONNRESET);
    assert_int_equal(phonebook_reconnect(pair->phonebook, 0), PHONEBOOK_EVICTED);
}

static void an_eviction_answers_the_request_under_way(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    daemon_say(pair, "error evicted uid 0, pid 7 has ended this connection\n");
    daemon_close(pair);
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_EVICTED);
    assert_int_equal(phonebook_pending(pair->phonebook), 0);
    assert_ended(pair, -ECONNRESET);
}

static void a_connection_may_end_within_the_answer(void **state)
{
    struct pair *pair = *state;
    daemon_say(pair, "ok www.inter");
    daemon_close(pair);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), -ECONNRESET);
    assert_ended(pair, -ECONNRESET);
}

static void a_connection_may_end_with_an_unread_request(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    daemon_close(pair); /* our line is unread in its buffer: a reset, not an end of file */
    assert_ended(pair, -ECONNRESET);
}

/* Before it has read anything. */
static void a_daemon_without_room_answers_and_closes(void **state)
{
    struct pair *pair = *state;
    daemon_say(pair, "error limit too many connections\n");
    daemon_close(pair);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), PHONEBOOK_LIMIT);
    assert_string_equal(phonebook_text(pair->phonebook), "too many connections");
    assert_ended(pair, -ECONNRESET);
}

static void a_daemon_that_reads_no_more_is_a_broken_pipe(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(shutdown(pair->daemon, SHUT_RD), 0);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), -EPIPE);
    assert_ended(pair, -EPIPE);
}

/* For all copies of the socket; the other end sees the end. */
static void after_the_last_request_answers_still_come(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    assert_int_equal(phonebook_end_requests(pair->phonebook), -EBUSY);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_heard(pair, "www eth0\n");
    assert_int_equal(phonebook_end_requests(pair->phonebook), 0);
    char octet;
    assert_int_equal(recv(pair->daemon, &octet, 1, MSG_DONTWAIT), 0);
    assert_int_equal(phonebook_queue(pair->phonebook, &www), -EPIPE);
    struct phonebook *heir;
    assert_int_equal(phonebook_take_fd(&heir, dup(phonebook_fd(pair->phonebook))), 0);
    assert_int_equal(phonebook_publish(heir, &www, LIMIT_MS), -EPIPE);
    phonebook_free(heir);
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    daemon_close(pair);
    assert_ended(pair, -ECONNRESET);
}

static void a_wrong_answer_ends_the_connection(void **state)
{
    struct pair *pair = *state;
    daemon_say(pair, "HTTP/1.1 400 Bad Request\n");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), -EPROTO);
    assert_ended(pair, -EPROTO);
}

/* As if a phonebookd was killed before it read this request from the socket. */
static void a_repeated_answer_is_passed_over(void **state)
{
    struct pair *pair = *state;
    daemon_answer(pair, "ok ", "www.internal");
    pair->id--;
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    daemon_answer(pair, "error limit ", "later");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, LIMIT_MS), PHONEBOOK_LIMIT);
    assert_string_equal(phonebook_text(pair->phonebook), "later");
    daemon_say(pair, "nonsense\n");
    assert_ended(pair, -EPROTO);
}

/* While the next requests wait for their answers. Also an error. */
static void a_repeated_answer_among_others_is_passed_over(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    struct phonebook_request mail = {.name = "mail", .interface = "eth0"};
    assert_int_equal(phonebook_queue(pair->phonebook, &mail), 0);
    assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
    for (int i = 0; i < 2; i++) {
        daemon_answer(pair, "error denied ", "not you");
        pair->id--;
    }
    pair->id++;
    daemon_answer(pair, "ok ", "mail.internal");
    pair->id -= 2;
    daemon_answer(pair, "error denied ", "not you");
    daemon_answer(pair, "ok ", "mail.internal");
    daemon_answer(pair, "ok ", "www.internal");
    daemon_say(pair, "ok www.internal\n"); /* requested by a process that sends no ids */
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_DENIED);
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "mail.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
}

/* That process used the same connection, and ids too. */
static void an_answer_to_an_earlier_user_is_passed_over(void **state)
{
    struct pair *pair = *state;
    int fd = phonebook_release(pair->phonebook);
    assert_int_equal(phonebook_take_fd(&pair->phonebook, fd), 0);
    for (int i = 0; i < 3; i++)
        daemon_answer(pair, "ok ", "old.internal");
    long long old = pair->id;
    learn_id(pair);
    assert_true(pair->id > old + 1);
}

/* An older phonebookd refuses the key, and answers in order. */
static void a_daemon_without_ids_is_understood(void **state)
{
    static const char refusal[] = "error syntax unknown key (known are ttl, wait and linger)\n";
    struct pair *pair = *state;
    struct phonebook_request mail = {.name = "mail", .interface = "eth0", .ttl = 5};
    for (int burst = 0; burst < 2; burst++) {
        assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
        assert_int_equal(phonebook_queue(pair->phonebook, &mail), 0);
        assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
        assert_heard(pair, "www eth0\n");
        daemon_say(pair, "ok gone.internal\n"); /* from before; ids would be refused */
        daemon_say(pair, refusal);
        assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
        assert_int_equal(phonebook_pending(pair->phonebook), 2);
        char text[128];
        hear(pair, text, sizeof text);
        assert_string_equal(text, "www eth0\nmail eth0 ttl=5\n");
        assert_int_equal(phonebook_queue(pair->phonebook, &www), 0);
        daemon_say(pair, "ok www.internal\nerror syntax odd\nok www.internal\n");
        assert_int_equal(phonebook_interpret(pair->phonebook), 0);
        hear(pair, text, sizeof text);
        assert_string_equal(text, "www eth0\n");
        assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_SYNTAX);
        assert_string_equal(phonebook_text(pair->phonebook), "odd");
        assert_int_equal(phonebook_interpret(pair->phonebook), 0);
        assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    }
    daemon_say(pair, refusal); /* each reconnect tries ids again: the next one may know them */
    daemon_say(pair, "ok mail.internal\n");
    assert_int_equal(phonebook_publish(pair->phonebook, &mail, LIMIT_MS), 0);
}

static void a_call_ends_at_its_deadline(void **state)
{
    struct pair *pair = *state;
    long long before = clock_ms();
    daemon_say(pair, "ok id="); /* a part of a line does not stop the clock */
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 60), -ETIMEDOUT);
    assert_true(clock_ms() - before >= 60);
    assert_true(clock_ms() - before < LIMIT_MS);
}

/* By either call. The object can still be used. */
static void a_late_answer_is_told_once(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), -ETIMEDOUT);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), -ETIMEDOUT);
    assert_int_equal(phonebook_pending(pair->phonebook), 2);
    daemon_answer(pair, "ok ", "www.internal");
    daemon_answer(pair, "error denied ", "not you");
    daemon_answer(pair, "ok ", "mail.internal");
    struct phonebook_request mail = {.name = "mail", .interface = "eth0"};
    assert_int_equal(phonebook_publish(pair->phonebook, &mail, LIMIT_MS), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "mail.internal");
    assert_int_equal(phonebook_pending(pair->phonebook), 2);
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_DENIED);
    assert_string_equal(phonebook_text(pair->phonebook), "not you");
    assert_int_equal(phonebook_pending(pair->phonebook), 0);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);

    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), -ETIMEDOUT);
    assert_int_equal(phonebook_interpret(pair->phonebook), -EAGAIN);
    assert_int_equal(phonebook_queue(pair->phonebook, &mail), 0);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), -EBUSY);
    daemon_answer(pair, "ok ", "www.internal");
    daemon_answer(pair, "ok ", "mail.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www.internal");
    assert_int_equal(phonebook_interpret(pair->phonebook), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "mail.internal");
}

/* An older daemon refuses the key. */
static void a_withdrawal_is_a_request(void **state)
{
    struct pair *pair = *state;
    daemon_answer(pair, "ok ", "www");
    assert_int_equal(phonebook_withdraw(pair->phonebook, "www", "eth0", LIMIT_MS), 0);
    assert_string_equal(phonebook_text(pair->phonebook), "www");
    assert_heard(pair, "www eth0 withdraw=yes\n");
    assert_int_equal(phonebook_withdraw(pair->phonebook, "w w", "eth0", LIMIT_MS), PHONEBOOK_NAME);
    assert_int_equal(phonebook_queue_withdrawal(pair->phonebook, "www", NULL), PHONEBOOK_INTERFACE);
    assert_int_equal(phonebook_pending(pair->phonebook), 0);
    assert_int_equal(phonebook_queue_withdrawal(pair->phonebook, "www", "eth0"), 0);
    assert_int_equal(phonebook_withdraw(pair->phonebook, "www", "eth0", LIMIT_MS), -EBUSY);
    daemon_answer(pair, "error syntax ", "unknown key");
    assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_SYNTAX);
}

static void late_answers_do_not_pile_up(void **state)
{
    struct pair *pair = *state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), -ETIMEDOUT);
        daemon_answer(pair, "error limit ", i < 99 ? "before" : "last");
    }
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), 0);
    assert_int_equal(phonebook_pending(pair->phonebook), 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(phonebook_interpret(pair->phonebook), PHONEBOOK_LIMIT);
    assert_string_equal(phonebook_text(pair->phonebook), "last");
    daemon_close(pair);
    assert_ended(pair, -ECONNRESET);
}

static void without_time_what_is_there_is_read(void **state)
{
    struct pair *pair = *state;
    daemon_answer(pair, "ok ", "www.internal");
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), 0);
    assert_int_equal(phonebook_publish(pair->phonebook, &www, 0), -ETIMEDOUT);
}

static void a_released_connection_stays_open(void **state)
{
    struct pair *pair = *state;
    int fd = phonebook_release(pair->phonebook);
    pair->phonebook = NULL;
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    char octet;
    assert_int_equal(recv(pair->daemon, &octet, 1, MSG_DONTWAIT), -1);
    close(fd);
    assert_int_equal(recv(pair->daemon, &octet, 1, MSG_DONTWAIT), 0);
}

static void a_freed_object_closes_the_connection(void **state)
{
    struct pair *pair = *state;
    phonebook_free(pair->phonebook);
    pair->phonebook = NULL;
    char octet;
    assert_int_equal(recv(pair->daemon, &octet, 1, MSG_DONTWAIT), 0);
    phonebook_free(NULL);
}

static void what_is_no_descriptor_is_not_taken(void **state)
{
    (void)state;
    struct phonebook *phonebook;
    assert_int_equal(phonebook_take_fd(&phonebook, -1), -EBADF);
    assert_null(phonebook);
}

static void a_path_is_below_the_runtime_directory(void **state)
{
    const size_t room = sizeof(((struct sockaddr_un *)0)->sun_path);
    (void)state;
    unsetenv("PHONEBOOK_RUNTIME");
    char path[256];
    assert_int_equal(phonebook_path(path, sizeof path, NULL, "publish"), 0);
    assert_string_equal(path, "/run/phonebook/publish");
    setenv("PHONEBOOK_RUNTIME", "/tmp/there", 1);
    assert_int_equal(phonebook_path(path, sizeof path, NULL, "list"), 0);
    assert_string_equal(path, "/tmp/there/list");
    assert_int_equal(phonebook_path(path, sizeof path, "/here", "list"), 0);
    assert_string_equal(path, "/here/list");
    assert_int_equal(phonebook_path(path, 5, "/here", "list"), -ENAMETOOLONG);

    char longest[256];
    memset(longest, 'a', sizeof longest);
    longest[room - 1 - strlen("/list")] = '\0';
    assert_int_equal(phonebook_path(path, sizeof path, longest, "list"), 0);
    assert_int_equal(strlen(path), room - 1);
    longest[room - 1 - strlen("/list")] = 'a';
    longest[room - strlen("/list")] = '\0';
    assert_int_equal(phonebook_path(path, sizeof path, longest, "list"), -ENAMETOOLONG);
}

/* A directory with a socket NAME in it that listens with a backlog of zero. */
struct place {
    char directory[32];
    char path[64];
    int listener;
};

static void place_open(struct place *place, const char *name)
{
    strcpy(place->directory, "/tmp/libphonebook.XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/%s", place->directory, name);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, place->path);
    place->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(place->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(place->listener, 0), 0);
}

static void place_close(struct place *place)
{
    close(place->listener);
    unlink(place->path);
    rmdir(place->directory);
}

static void a_connection_is_made(void **state)
{
    (void)state;
    struct place place;
    place_open(&place, "publish");
    struct phonebook *phonebook = NULL;
    assert_int_equal(phonebook_connect(&phonebook, place.directory, LIMIT_MS), 0);
    int fd = phonebook_fd(phonebook);
    assert_true(fd > 2);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);

    struct timeval limit;
    socklen_t length = sizeof limit;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &length), 0);
    assert_int_equal(limit.tv_sec + limit.tv_usec, 0);
    phonebook_free(phonebook);
    place_close(&place);
}

/* Each connection leads to a new daemon. It answers line by line, and refuses names that begin with
 * `refused`. */
struct again {
    struct place place;
    struct phonebook *phonebook;
    int daemon;
    char heard[4096]; /* without the ids */
};

static void again_accept(struct again *again)
{
    again->daemon = accept(again->place.listener, NULL, NULL);
    assert_true(again->daemon >= 0);
    again->heard[0] = '\0';
}

/* Answers everything that has arrived, so that the next call finds the answers. */
static void again_answer(struct again *again, char refused)
{
    char lines[4096];
    ssize_t n = recv(again->daemon, lines, sizeof lines - 1, MSG_DONTWAIT);
    lines[n > 0 ? n : 0] = '\0';
    for (char *line = lines, *lf; (lf = strchr(line, '\n')); line = lf + 1) {
        char *id = strstr(line, " id="), *end = id + strlen(" id=");
        *lf = '\0';
        assert_non_null(id);
        end += strspn(end, "0123456789");
        char answer[256];
        snprintf(answer, sizeof answer, "%s%.*s %s\n", *line == refused ? "error in-use" : "ok",
                 (int)(end - id), id, *line == refused ? "somebody else" : "x.internal");
        memmove(id, end, strlen(end) + 1);
        strcat(strcat(again->heard, line), "\n");
        assert_int_equal(send(again->daemon, answer, strlen(answer), MSG_NOSIGNAL), strlen(answer));
    }
}

/* Until every request has its answer; the outcomes must be these. */
static void again_interpret(struct again *again, char refused, const char *outcomes)
{
    char told[64] = "";
    do {
        again_answer(again, refused);
        int result;
        while ((result = phonebook_interpret(again->phonebook)) >= 0)
            strcat(told, result == 0 ? "+" : "-");
        assert_int_equal(result, -EAGAIN);
    } while (phonebook_pending(again->phonebook) > 0);
    assert_string_equal(told, outcomes);
}

static void again_queue(struct again *again, const char *name, int linger, int wait)
{
    struct phonebook_request request = {
        .name = name, .interface = "eth0", .linger = linger, .wait = wait};
    assert_int_equal(phonebook_queue(again->phonebook, &request), 0);
}

static void again_end(struct again *again)
{
    close(again->daemon);
    assert_int_equal(phonebook_interpret(again->phonebook), -ECONNRESET);
}

/* As it was requested last, without keys about the answer; but no withdrawn names. */
static void what_was_accepted_is_requested_again(void **state)
{
    (void)state;
    struct again again = {.daemon = -1};
    place_open(&again.place, "publish");
    assert_int_equal(phonebook_connect(&again.phonebook, again.place.directory, LIMIT_MS), 0);
    again_accept(&again);
    again_queue(&again, "www", 5, 9);
    again_queue(&again, "mail", 0, 0);
    again_queue(&again, "bad", 0, 0);
    again_queue(&again, "news", 0, 0);
    again_queue(&again, "www", 7, 0);
    assert_int_equal(phonebook_queue_withdrawal(again.phonebook, "mail", "eth0"), 0);
    again_interpret(&again, 'b', "++-+++");
    again_queue(&again, "asked", 0, 0); /* this one has no answer at the end */
    again_end(&again);
    assert_int_equal(phonebook_pending(again.phonebook), 0);

    assert_int_equal(phonebook_reconnect(again.phonebook, 0), -ETIMEDOUT);
    again_accept(&again);
    again_interpret(&again, 'n', "-++");
    assert_string_equal(again.heard, "news eth0\nwww eth0 linger=7\nasked eth0\n");
    assert_int_equal(phonebook_publish(again.phonebook, &www, 0), -ETIMEDOUT);
    again_end(&again);

    /* A name that another user had meanwhile is requested again the next time. */
    assert_int_equal(phonebook_reconnect(again.phonebook, 0), -ETIMEDOUT);
    again_accept(&again);
    again_interpret(&again, 0, "+++");
    assert_string_equal(again.heard, "news eth0\nasked eth0\nwww eth0\n");
    close(again.daemon);
    phonebook_free(again.phonebook);
    place_close(&again.place);
}

static void without_a_daemon_a_reconnect_changes_nothing(void **state)
{
    (void)state;
    struct again again = {.daemon = -1};
    place_open(&again.place, "publish");
    assert_int_equal(phonebook_connect(&again.phonebook, again.place.directory, LIMIT_MS), 0);
    again_accept(&again);
    again_queue(&again, "www", 0, 0);
    again_interpret(&again, 0, "+");
    again_end(&again);
    int fd = phonebook_fd(again.phonebook);
    close(again.place.listener);
    assert_int_equal(phonebook_reconnect(again.phonebook, LIMIT_MS), -ECONNREFUSED);
    assert_int_equal(phonebook_fd(again.phonebook), fd);
    assert_int_equal(phonebook_interpret(again.phonebook), -ECONNRESET);
    assert_int_equal(phonebook_queue(again.phonebook, &www), -ECONNRESET);
    again.place.listener = -1;
    phonebook_free(again.phonebook);
    place_close(&again.place);
}

/* In a thread, the daemon of test_reconnect_and_wait(). */
static void *answer_all(void *context)
{
    struct again *again = context;
    again_accept(again);
    char c;
    while (recv(again->daemon, &c, 1, MSG_PEEK) > 0)
        again_answer(again, 'n');
    return NULL;
}

/* Refusals are reported. */
static void a_reconnect_may_wait_for_all_answers(void **state)
{
    (void)state;
    struct again again = {.daemon = -1};
    place_open(&again.place, "publish");
    assert_int_equal(phonebook_connect(&again.phonebook, again.place.directory, LIMIT_MS), 0);
    again_accept(&again);
    again_queue(&again, "www", 0, 0);
    again_queue(&again, "news", 0, 0);
    again_queue(&again, "mail", 0, 0);
    again_interpret(&again, 0, "+++");
    again_end(&again);
    pthread_t daemon;
    assert_int_equal(pthread_create(&daemon, NULL, answer_all, &again), 0);
    assert_int_equal(phonebook_reconnect(again.phonebook, LIMIT_MS), 0);
    assert_int_equal(phonebook_pending(again.phonebook), 1);
    assert_int_equal(phonebook_interpret(again.phonebook), PHONEBOOK_IN_USE);
    assert_string_equal(phonebook_text(again.phonebook), "somebody else");
    assert_int_equal(phonebook_publish(again.phonebook, &www, LIMIT_MS), 0);
    phonebook_free(again.phonebook);
    pthread_join(daemon, NULL);
    assert_string_equal(again.heard, "www eth0\nnews eth0\nmail eth0\nwww eth0\n");
    close(again.daemon);
    place_close(&again.place);
}

static void without_a_daemon_a_connect_fails(void **state)
{
    (void)state;
    struct place place;
    place_open(&place, "publish");
    close(place.listener);
    struct phonebook *phonebook = NULL;
    assert_int_equal(phonebook_connect(&phonebook, place.directory, LIMIT_MS), -ECONNREFUSED);
    assert_null(phonebook);
    unlink(place.path);
    assert_int_equal(phonebook_connect(&phonebook, place.directory, LIMIT_MS), -ENOENT);
    assert_int_equal(phonebook_list_open(place.directory, LIMIT_MS), -ENOENT);
    place.listener = -1;
    place_close(&place);
}

static void a_full_queue_is_waited_for_until_the_deadline(void **state)
{
    (void)state;
    struct place place;
    place_open(&place, "publish");
    struct phonebook *in_queue = NULL;
    assert_int_equal(phonebook_connect(&in_queue, place.directory, 0), 0);
    struct phonebook *phonebook = NULL;
    assert_int_equal(phonebook_connect(&phonebook, place.directory, 0), -EAGAIN);
    long long before = clock_ms();
    assert_int_equal(phonebook_connect(&phonebook, place.directory, 50), -ETIMEDOUT);
    assert_true(clock_ms() - before >= 40); /* the kernel counts in ticks */
    phonebook_free(in_queue);
    place_close(&place);
}

/* Standard input is closed, so a new descriptor would be 0. */
static void a_connection_is_no_standard_descriptor(void **state)
{
    int saved = dup(0);
    (void)state;
    struct place place;
    place_open(&place, "publish");
    close(0);
    struct phonebook *phonebook = NULL;
    assert_int_equal(phonebook_connect(&phonebook, place.directory, 0), 0);
    assert_true(phonebook_fd(phonebook) > 2);
    assert_int_equal(fcntl(phonebook_fd(phonebook), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(0, F_GETFD), -1);
    dup2(saved, 0);
    close(saved);
    phonebook_free(phonebook);
    place_close(&place);
}

static void the_list_is_read(void **state)
{
    (void)state;
    struct place place;
    place_open(&place, "list");
    int fd = phonebook_list_open(place.directory, 50);
    assert_true(fd > 2);
    int end = accept(place.listener, NULL, NULL);
    assert_int_equal(send(end, "name=a\n", 7, 0), 7);
    char text[16];
    assert_int_equal(read(fd, text, sizeof text), 7);
    errno = 0;
    assert_int_equal(read(fd, text, sizeof text), -1);
    assert_int_equal(errno, EAGAIN);
    close(end);
    assert_int_equal(read(fd, text, sizeof text), 0);
    close(fd);
    place_close(&place);
}

/* A daemon that reads at most one line, and writes one. */
static pid_t start_control(struct place *place, const char *heard, const char *said)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    char line[1024] = "";
    int end = accept(place->listener, NULL, NULL);
    if (*heard && (recv(end, line, sizeof line - 1, 0) <= 0 || strcmp(line, heard) != 0))
        _exit(1);
    _exit(said ? send(end, said, strlen(said), 0) < 0 : recv(end, line, 1, 0) != 0);
}

/* NULL: it does not answer. */
static void an_eviction_is_asked_for_and_answered(void **state)
{
    static const struct {
        struct phonebook_eviction eviction;
        const char *heard, *said;
        int result;
        const char *text;
    } cases[] = {
        {{"www", 0, 0}, "evict www\n", "ok www.a www.b\n", 0, "www.a www.b"},
        {{"www", 2, 0}, "evict www 2\n", "ok www.a\nmore\n", 0, "www.a"},
        {{"www", 0, 77},
         "evict www socket=77\n",
         "error number which?\n",
         PHONEBOOK_NUMBER,
         "which?"},
        {{"www", 0, 0}, "", "error limit too many\n", PHONEBOOK_LIMIT, "too many"},
        {{"www", 0, 0}, "evict www\n", "error later that is new\n", PHONEBOOK_OTHER, "that is new"},
        {{"www", 0, 0}, "evict www\n", "live www.a\n", -EPROTO, ""},
        {{"www", 0, 0}, "evict www\n", "220 ready\n", -EPROTO, ""},
        {{"www", 0, 0}, "evict www\n", "ok www.a", -ECONNRESET, ""},
        {{"www", 0, 0}, "evict www\n", "", -ECONNRESET, ""},
        {{"www", 0, 0}, "evict www\n", NULL, -ETIMEDOUT, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct place place;
        place_open(&place, "control");
        pid_t child = start_control(&place, cases[i].heard, cases[i].said);
        assert_true(child > 0);
        char text[64] = "before";
        assert_int_equal(phonebook_evict(place.directory, &cases[i].eviction,
                                         cases[i].said ? LIMIT_MS : 50, text, sizeof text),
                         cases[i].result);
        assert_string_equal(text, cases[i].text);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        place_close(&place);
    }
}

static void a_wrong_eviction_is_refused_without_being_sent(void **state)
{
    static const struct phonebook_eviction wrong[] = {
        {NULL, 0, 0},   {"", 0, 0},     {"w w", 0, 0},
        {"www", -1, 0}, {"www", 0, -1}, {"www", 1LL << 32, 0},
    };
    (void)state;
    char text[8];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(phonebook_evict("/nowhere", &wrong[i], 0, text, sizeof text),
                         PHONEBOOK_SYNTAX);
        assert_string_equal(text, "a name ");
    }
    const struct phonebook_eviction good = {.name = "www"};
    assert_int_equal(phonebook_evict("/nowhere", &good, 0, text, sizeof text), -ENOENT);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered),
        TEST(the_keys_of_a_request_are_sent),
        TEST(a_refusal_ends_nothing),
        TEST(a_wrong_request_is_refused_without_being_sent),
        TEST(an_answer_may_come_octet_by_octet),
        TEST(several_answers_may_come_together),
        TEST(a_very_long_answer_is_read),
        TEST(the_queue_is_bounded),
        TEST(a_full_socket_blocks_nobody),
        TEST(a_connection_may_end_before_the_request),
        TEST(a_connection_may_end_while_idle),
        TEST(a_connection_may_end_before_the_answer),
        TEST(an_eviction_is_told_once),
        TEST(an_eviction_answers_the_request_under_way),
        TEST(a_connection_may_end_within_the_answer),
        TEST(a_connection_may_end_with_an_unread_request),
        TEST(a_daemon_without_room_answers_and_closes),
        TEST(a_daemon_that_reads_no_more_is_a_broken_pipe),
        TEST(after_the_last_request_answers_still_come),
        TEST(a_wrong_answer_ends_the_connection),
        TEST(a_repeated_answer_is_passed_over),
        TEST(a_repeated_answer_among_others_is_passed_over),
        TEST(an_answer_to_an_earlier_user_is_passed_over),
        TEST(a_daemon_without_ids_is_understood),
        TEST(a_call_ends_at_its_deadline),
        TEST(a_late_answer_is_told_once),
        TEST(a_withdrawal_is_a_request),
        TEST(late_answers_do_not_pile_up),
        TEST(without_time_what_is_there_is_read),
        TEST(a_released_connection_stays_open),
        TEST(a_freed_object_closes_the_connection),
        cmocka_unit_test(what_is_no_descriptor_is_not_taken),
        cmocka_unit_test(a_path_is_below_the_runtime_directory),
        cmocka_unit_test(a_connection_is_made),
        cmocka_unit_test(what_was_accepted_is_requested_again),
        cmocka_unit_test(without_a_daemon_a_reconnect_changes_nothing),
        cmocka_unit_test(a_reconnect_may_wait_for_all_answers),
        cmocka_unit_test(without_a_daemon_a_connect_fails),
        cmocka_unit_test(a_full_queue_is_waited_for_until_the_deadline),
        cmocka_unit_test(a_connection_is_no_standard_descriptor),
        cmocka_unit_test(the_list_is_read),
        cmocka_unit_test(an_eviction_is_asked_for_and_answered),
        cmocka_unit_test(a_wrong_eviction_is_refused_without_being_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
