/* phonebook-keeper itself, over its socket. */
#include "../unit/test.h"
#include "keeper-program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MANY = 600, /* sockets: more than the control socket's queue takes at once */
    LAST = 10,
};

static int setup(void **state)
{
    struct program *program = malloc(sizeof *program);
    keeper_init(program);
    keeper_start(program, 0);
    *state = program;
    return 0;
}

static int teardown(void **state)
{
    keeper_fini(*state);
    free(*state);
    return 0;
}

static void make_clients(struct client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        clients[i] = client_new();
}

static void close_ours(struct client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(clients[i].ours);
}

static void close_theirs(struct client *clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(clients[i].theirs);
}

static int open_and_skip(const struct program *program)
{
    int fd = conversation_open(program);
    char told[256];
    receive_all(fd, NULL, 0, told, sizeof told);
    return fd;
}

static void expect_all(const struct program *program, const struct client *clients, size_t count,
                       const char *expected)
{
    int fd = conversation_open(program);
    char told[4096];
    receive_all(fd, clients, count, told, sizeof told);
    assert_string_equal(told, expected);
    close(fd);
}

static void expect_result(int fd, uint64_t key, enum message_type of, enum keep_result result)
{
    struct message_header header = receive_type(fd, MESSAGE_RESULT);
    assert_int_equal(header.result, result);
    assert_int_equal(header.count, of);
    assert_int_equal(header.key, key);
}

static void sockets_are_given_back_in_their_order(void **state)
{
    int fd = open_and_skip(*state);
    struct client clients[3];
    make_clients(clients, 3);
    for (int i = 0; i < 3; i++)
        send_socket(fd, &clients[i]);
    send_request(fd, clients[2].key, "c");
    send_request(fd, clients[0].key, "a1");
    send_request(fd, clients[0].key, "a2");
    expect_result(fd, clients[2].key, MESSAGE_REQUEST, KEEP_OK);
    expect_result(fd, clients[0].key, MESSAGE_REQUEST, KEEP_OK);
    expect_result(fd, clients[0].key, MESSAGE_REQUEST, KEEP_OK);
    close(fd);
    close_ours(clients, 3);
    for (int i = 0; i < 3; i++)
        assert_false(hung_up(clients[i].theirs));
    expect_all(*state, clients, 3, "HELLO 3 0:a1:a2 1 2:c");
    expect_all(*state, clients, 3, "HELLO 3 0:a1:a2 1 2:c");
    close_theirs(clients, 3);
}

static void the_longest_text_is_kept(void **state)
{
    struct client client = client_new();
    int fd = open_and_skip(*state);
    char text[KEEP_TEXT_MAX + 1];
    for (size_t i = 0; i < KEEP_TEXT_MAX; i++)
        text[i] = (char)('!' + i % 90);
    text[KEEP_TEXT_MAX] = '\0';
    send_socket(fd, &client);
    send_request(fd, client.key, text);
    expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_OK);
    close(fd);
    fd = conversation_open(*state);
    receive_type(fd, MESSAGE_HELLO);
    int descriptor;
    char got[KEEP_TEXT_MAX + 1];
    assert_int_equal(receive_one(fd, &descriptor, got).type, MESSAGE_SOCKET);
    close(descriptor);
    assert_int_equal(receive_one(fd, &descriptor, got).type, MESSAGE_REQUEST);
    assert_string_equal(got, text);
    receive_type(fd, MESSAGE_END);
    close(fd);
    close(client.ours);
    close(client.theirs);
}

static uint32_t boot_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint32_t)now.tv_sec;
}

static void store_note(int fd, uint64_t key, const char *text, uint32_t deadline)
{
    struct message_header header = message_header(MESSAGE_NOTE, key, strlen(text));
    header.count = deadline;
    assert_int_equal(message_send(fd, header, text, -1), 0);
    expect_result(fd, key, MESSAGE_NOTE, KEEP_OK);
}

/* Says HELLO with these capabilities. */
static int greet(const struct program *program, uint32_t knows)
{
    struct message_header hello = message_header(MESSAGE_HELLO, 0, 0);
    int fd = connect_to(program->path);
    hello.count = knows;
    assert_int_equal(message_send(fd, hello, NULL, -1), 0);
    return fd;
}

static void expect_notes(const struct program *program, const char *expected)
{
    int fd = greet(program, KEEP_KNOWS_NOTES);
    char told[4096];
    receive_all(fd, NULL, 0, told, sizeof told);
    assert_string_equal(told, expected);
    close(fd);
}

/* Notes belong to no socket, can be replaced and removed, and are given to a phonebookd that
 * supports them. */
static void notes_are_kept_in_order_until_their_time_is_over(void **state)
{
    struct client client = client_new();
    int fd = open_and_skip(*state);
    uint32_t later = boot_seconds() + 3600;
    send_socket(fd, &client);
    store_note(fd, 7, "seven", later);
    store_note(fd, 1, "one", later);
    store_note(fd, client.key, "its key is a socket's", later);
    store_note(fd, 9, "over", boot_seconds());
    store_note(fd, 7, "seven again", later);
    store_note(fd, 1, "", 0);
    store_note(fd, 1, "", 0);
    close(fd);
    expect_notes(*state, "HELLO 1 -1:seven again:its key is a socket's");
    fd = greet(*state, 0);
    char told[4096];
    receive_all(fd, &client, 1, told, sizeof told);
    assert_string_equal(told, "HELLO 1 0");
    close(fd);
    close(client.ours);
    close(client.theirs);
    wait_until_held(*state, 0);
    expect_notes(*state, "HELLO 0:seven again:its key is a socket's");
}

/* An older phonebookd's HELLO does not mention notes. */
static void the_keeper_says_what_it_knows(void **state)
{
    int fd = greet(*state, 0);
    assert_int_equal(receive_type(fd, MESSAGE_HELLO).key, KEEP_KNOWS_NOTES | KEEP_KNOWS_LISTENERS |
                                                              KEEP_KNOWS_LEAVING |
                                                              KEEP_KNOWS_FORGETTING);
    close(fd);
}

/* The client is the middle one of three, and no descriptor of it stays open. */
static void a_socket_that_hangs_up_is_dropped(void **state)
{
    int fd = open_and_skip(*state);
    struct client clients[3];
    make_clients(clients, 3);
    for (int i = 0; i < 3; i++)
        send_socket(fd, &clients[i]);
    send_request(fd, clients[1].key, "gone");
    expect_result(fd, clients[1].key, MESSAGE_REQUEST, KEEP_OK);
    close(clients[1].theirs);
    close(fd);
    wait_until_held(*state, 2);
    expect_all(*state, clients, 3, "HELLO 2 0 2");
    assert_true(hung_up(clients[1].ours));
    fd = open_and_skip(*state);
    send_request(fd, clients[1].key, "late");
    expect_result(fd, clients[1].key, MESSAGE_REQUEST, KEEP_UNKNOWN);
    close(fd);
    close(clients[1].ours);
    close(clients[0].ours);
    close(clients[0].theirs);
    close(clients[2].ours);
    close(clients[2].theirs);
}

static void a_half_close_ends_nothing(void **state)
{
    struct client client = client_new();
    int fd = open_and_skip(*state);
    send_socket(fd, &client);
    shutdown(client.theirs, SHUT_WR);
    send_request(fd, client.key, "still here");
    expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_OK);
    close(fd);
    expect_all(*state, &client, 1, "HELLO 1 0:still here");
    close(client.ours);
    close(client.theirs);
}

/* While we hold copies of closed sockets, the keeper uses their numbers for other sockets. */
static void events_of_old_descriptors_are_not_taken_for_new_ones(void **state)
{
    enum { ROUNDS = 20, COUNT = 8 };
    int fd = open_and_skip(*state);
    struct client old[ROUNDS][COUNT];
    for (int round = 0; round < ROUNDS; round++) {
        make_clients(old[round], COUNT);
        for (int i = 0; i < COUNT; i++)
            send_socket(fd, &old[round][i]);
        close_theirs(old[round], COUNT);
        close(fd);
        wait_until_held(*state, 0);
        fd = open_and_skip(*state);
    }
    struct client living[COUNT];
    make_clients(living, COUNT);
    for (int i = 0; i < COUNT; i++)
        send_socket(fd, &living[i]);
    close(fd);
    for (int i = 0; i < 10; i++)
        expect_all(*state, living, COUNT, "HELLO 8 0 1 2 3 4 5 6 7");
    for (int round = 0; round < ROUNDS; round++)
        close_ours(old[round], COUNT);
    close_ours(living, COUNT);
    close_theirs(living, COUNT);
}

/* The keeper had no time to read it before, and the sender did not read the answers. */
static void what_a_killed_sender_sent_is_stored(void **state)
{
    struct program *program = *state;
    struct client clients[2];
    make_clients(clients, 2);
    keeper_stop(program);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = conversation_open(program);
        send_socket(fd, &clients[0]);
        send_request(fd, clients[0].key, "first");
        send_request(fd, clients[0].key, "second");
        send_socket(fd, &clients[1]);
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    close_ours(clients, 2);
    status = conversation_open(program); /* the next phonebookd waits already */
    keeper_continue(program);
    close(status);
    expect_all(program, clients, 2, "HELLO 2 0:first:second 1");
    close_theirs(clients, 2);
}

/* The keeper gets ECONNRESET first. */
static void unread_answers_lose_nothing_of_a_killed_sender(void **state)
{
    struct program *program = *state;
    int fd = open_and_skip(program);
    struct client clients[2];
    make_clients(clients, 2);
    send_socket(fd, &clients[0]);
    send_request(fd, clients[0].key, "answered, not read");
    struct pollfd readable = {fd, POLLIN, 0};
    assert_int_equal(poll(&readable, 1, WAIT_LIMIT_MS), 1);
    keeper_stop(program);
    send_socket(fd, &clients[1]);
    send_request(fd, clients[1].key, "not answered");
    close(fd);
    keeper_continue(program);
    expect_all(program, clients, 2, "HELLO 2 0:answered, not read 1:not answered");
    close_ours(clients, 2);
    close_theirs(clients, 2);
}

static void one_phonebookd_at_a_time_is_served(void **state)
{
    struct client client = client_new();
    int first = open_and_skip(*state), second = conversation_open(*state);
    assert_int_equal(receive_type(second, MESSAGE_REFUSED).count, KEEP_BUSY);
    receive_end_of_file(second);
    close(second);
    send_socket(first, &client); /* the first is not affected */
    send_request(first, client.key, "x");
    expect_result(first, client.key, MESSAGE_REQUEST, KEEP_OK);
    close(first);
    expect_all(*state, &client, 1, "HELLO 1 0:x");
    close(client.ours);
    close(client.theirs);
}

static void another_version_is_refused(void **state)
{
    struct program *program = *state;
    struct message_header hello = message_header(MESSAGE_HELLO, 0, 0);
    int fd = connect_to(program->path);
    hello.version = KEEP_VERSION + 1;
    assert_int_equal(message_send(fd, hello, NULL, -1), 0);
    assert_int_equal(receive_type(fd, MESSAGE_REFUSED).count, KEEP_VERSIONS);
    receive_end_of_file(fd);
    close(fd);
    expect_all(program, NULL, 0, "HELLO 0");
}

static void another_user_is_refused(void **state)
{
    struct program *program = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(program->directory, 0755), 0);
    assert_int_equal(chmod(program->path, 0666), 0);
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        if (setuid(65534) != 0)
            _exit(1);
        status = conversation_open(program);
        _exit(receive_type(status, MESSAGE_REFUSED).count == KEEP_DENIED ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void only_its_owner_may_connect(void **state)
{
    struct program *program = *state;
    struct stat status;
    assert_int_equal(stat(program->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void send_bytes(int fd, const void *bytes, size_t length)
{
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static void nonsense_ends_the_conversation_and_nothing_held(void **state)
{
    struct client client = client_new();
    struct message_header headers[] = {
        message_header(MESSAGE_HELLO, 0, 0),              /* a second one */
        message_header(MESSAGE_END, 0, 0),                /* only the keeper may send it */
        message_header((enum message_type)99, 0, 0),      /* no such type */
        message_header(MESSAGE_REQUEST, client.key, 0),   /* no text */
        message_header(MESSAGE_REQUEST, client.key, 100), /* less text than announced */
    };
    struct message_header early = message_header(MESSAGE_REQUEST, client.key, 1);
    struct program *program = *state;
    int fd = open_and_skip(program);
    send_socket(fd, &client);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        send_bytes(fd, &headers[i], sizeof headers[i]);
        receive_end_of_file(fd);
        close(fd);
        fd = open_and_skip(program);
    }
    send_bytes(fd, "\1", 1);
    receive_end_of_file(fd);
    close(fd);
    fd = open_and_skip(program);
    send_bytes(fd, NULL, 0);
    receive_end_of_file(fd);
    close(fd);
    fd = connect_to(program->path); /* something before HELLO */
    message_send(fd, early, "x", -1);
    receive_end_of_file(fd);
    close(fd);
    expect_all(program, &client, 1, "HELLO 1 0");
    close(client.ours);
    close(client.theirs);
}

/* A descriptor with a message that should have none is closed. */
static void a_stray_descriptor_is_closed(void **state)
{
    struct client client = client_new(), other = client_new();
    int fd = open_and_skip(*state);
    send_socket(fd, &client);
    message_send(fd, message_header(MESSAGE_REQUEST, client.key, 1), "x", other.ours);
    expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_OK);
    send_socket(fd, &client); /* a second copy of a socket that it has */
    send_request(fd, client.key, "y");
    expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_OK);
    close(other.ours);
    assert_true(hung_up(other.theirs));
    close(other.theirs);
    close(fd);
    expect_all(*state, &client, 1, "HELLO 1 0:x:y");
    close(client.ours);
    close(client.theirs);
}

static void a_socket_has_so_many_texts(void **state)
{
    struct client client = client_new();
    int fd = open_and_skip(*state);
    send_socket(fd, &client);
    for (int i = 0; i < KEEP_TEXTS_PER_SOCKET; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        send_request(fd, client.key, text);
        expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_OK);
    }
    send_request(fd, client.key, "one too many");
    expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_FULL);
    send_request(fd, client.key, "7"); /* it exists: it becomes the newest */
    expect_result(fd, client.key, MESSAGE_REQUEST, KEEP_OK);
    close(fd);
    expect_all(*state, &client, 1,
               "HELLO 1 0:0:1:2:3:4:5:6:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25:26:27"
               ":28:29:30:31:32:33:34:35:36:37:38:39:40:41:42:43:44:45:46:47:48:49:50:51:52:53:54"
               ":55:56:57:58:59:60:61:62:63:7");
    close(client.ours);
    close(client.theirs);
}

static void send_about(int fd, uint64_t key, const char *text, uint32_t subject)
{
    struct message_header header = message_header(MESSAGE_REQUEST, key, strlen(text));
    header.count = subject;
    assert_int_equal(message_send(fd, header, text, -1), 0);
    expect_result(fd, key, MESSAGE_REQUEST, KEEP_OK);
}

/* It becomes the newest. The length of the subject counts too. */
static void a_text_replaces_the_one_with_its_subject(void **state)
{
    struct client client = client_new();
    int fd = open_and_skip(*state);
    send_socket(fd, &client);
    send_about(fd, client.key, "www eth0", 8);
    send_about(fd, client.key, "www eth01", 9);
    send_about(fd, client.key, "www", 3);
    for (int i = 0; i < 2 * KEEP_TEXTS_PER_SOCKET; i++) {
        char text[32];
        snprintf(text, sizeof text, "www eth0 ttl=%d", i);
        send_about(fd, client.key, text, 8);
    }
    send_about(fd, client.key, "other", 0);
    close(fd);
    expect_all(*state, &client, 1, "HELLO 1 0:www eth01:www:www eth0 ttl=127:other");
    close(client.ours);
    close(client.theirs);
}

static uint32_t limit_of(const struct program *program)
{
    int fd = conversation_open(program);
    uint32_t limit = receive_type(fd, MESSAGE_HELLO).limit;
    close(fd);
    return limit;
}

static void a_full_keeper_refuses_and_has_room_after_a_hang_up(void **state)
{
    struct program *program = *state;
    keeper_kill(program, SIGTERM);
    keeper_start(program, 48);
    uint32_t limit = limit_of(program);
    assert_in_range(limit, 16, 47);
    int fd = open_and_skip(program);
    struct client clients[48];
    make_clients(clients, limit + 2);
    for (uint32_t i = 0; i < limit + 1; i++)
        send_socket(fd, &clients[i]);
    send_request(fd, clients[limit].key, "refused");
    send_request(fd, clients[0].key, "kept");
    expect_result(fd, clients[limit].key, MESSAGE_SOCKET, KEEP_FULL);
    expect_result(fd, clients[limit].key, MESSAGE_REQUEST, KEEP_UNKNOWN);
    expect_result(fd, clients[0].key, MESSAGE_REQUEST, KEEP_OK);
    int second = conversation_open(program); /* one descriptor is left to refuse it */
    assert_int_equal(receive_type(second, MESSAGE_REFUSED).count, KEEP_BUSY);
    close(second);
    close(clients[0].theirs);
    close(fd);
    wait_until_held(program, limit - 1);
    fd = conversation_open(program); /* a full keeper accepts phonebookd too */
    assert_int_equal(receive_type(fd, MESSAGE_HELLO).count, limit - 1);
    close(fd);
    fd = connect_to(program->path);
    message_send(fd, message_header(MESSAGE_HELLO, 0, 0), NULL, -1);
    send_socket(fd, &clients[limit + 1]);
    close(fd);
    wait_until_held(program, limit);
    close_ours(clients, limit + 2);
    close_theirs(clients + 1, limit + 1);
    wait_until_held(program, 0);
}

/* phonebookd takes over slowly. All clients but the last hang up: those that were given, the one
 * that is being given, and later ones. */
static void sockets_may_hang_up_while_they_are_given(void **state)
{
    struct client *clients = calloc(MANY, sizeof *clients);
    int fd = open_and_skip(*state);
    make_clients(clients, MANY);
    char text[KEEP_TEXT_MAX + 1];
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "text %d", i);
        send_socket(fd, &clients[i]);
        send_request(fd, clients[i].key, text);
        expect_result(fd, clients[i].key, MESSAGE_REQUEST, KEEP_OK);
    }
    close(fd);
    fd = conversation_open(*state); /* it reads nothing, so the queue fills up */
    struct pollfd readable = {fd, POLLIN, 0};
    assert_int_equal(poll(&readable, 1, WAIT_LIMIT_MS), 1);
    close_ours(clients, MANY - LAST);
    close_theirs(clients, MANY - LAST);
    assert_int_equal(receive_type(fd, MESSAGE_HELLO).count, MANY);
    int descriptor, living = 0, place = -1;
    struct message_header header;
    while ((header = receive_one(fd, &descriptor, text)).type != MESSAGE_END) {
        if (header.type == MESSAGE_SOCKET) {
            living += !hung_up(descriptor);
            close(descriptor);
        } else {
            assert_int_equal(sscanf(text, "text %d", &place), 1);
            assert_int_equal(header.key, clients[place].key);
        }
    }
    close(fd);
    assert_int_equal(living, LAST);
    assert_int_equal(place, MANY - 1);
    wait_until_held(*state, LAST);
    close_ours(clients + MANY - LAST, LAST);
    close_theirs(clients + MANY - LAST, LAST);
    free(clients);
}

/* Meanwhile, sockets are dropped. */
static void unread_answers_stop_the_reading_alone(void **state)
{
    int fd = open_and_skip(*state);
    struct client clients[2];
    make_clients(clients, 2);
    send_socket(fd, &clients[0]);
    send_socket(fd, &clients[1]);
    int result, sent = 0;
    while ((result =
                message_send(fd, message_header(MESSAGE_REQUEST, clients[0].key, 1), "x", -1)) == 0)
        sent++;
    assert_int_equal(result, -EAGAIN);
    shutdown(clients[1].theirs, SHUT_RDWR);
    close(clients[1].ours); /* the keeper's is the last copy: its close ends the other end */
    struct pollfd gone = {clients[1].theirs, 0, 0};
    assert_int_equal(poll(&gone, 1, WAIT_LIMIT_MS), 1);
    int received = 0;
    for (; received < sent; received++)
        expect_result(fd, clients[0].key, MESSAGE_REQUEST, KEEP_OK);
    close(fd);
    wait_until_held(*state, 1);
    close(clients[1].theirs);
    close(clients[0].ours);
    close(clients[0].theirs);
}

static void a_path_in_use_is_refused_and_a_dead_one_replaced(void **state)
{
    struct program *program = *state;
    /* A running keeper, then the socket of a dead one, then a file that is not a socket. */
    assert_int_equal(keeper_run((const char *[]){program->path, NULL}), 111);
    keeper_kill(program, SIGKILL);
    struct stat status;
    assert_int_equal(stat(program->path, &status), 0);
    keeper_start(program, 0);
    keeper_kill(program, SIGTERM);
    unlink(program->path);
    int fd = open(program->path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(keeper_run((const char *[]){program->path, NULL}), 111);
    assert_int_equal(stat(program->path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
}

/* A closed terminal does not either. */
static void a_log_without_a_reader_ends_nothing(void **state)
{
    struct program *program = *state;
    keeper_kill(program, SIGTERM);
    unlink(program->log);
    assert_int_equal(mkfifo(program->log, 0600), 0);
    int reader = open(program->log, O_RDONLY | O_NONBLOCK);
    keeper_start(program, 0);
    close(reader);
    assert_int_equal(kill(program->pid, SIGHUP), 0);
    expect_all(program, NULL, 0, "HELLO 0");
    expect_all(program, NULL, 0, "HELLO 0"); /* it has logged that the first came and went */
    keeper_kill(program, SIGTERM);
}

/* The number of missing lines is logged as soon as somebody reads. */
static void a_full_log_stops_nothing(void **state)
{
    struct program *program = *state;
    keeper_kill(program, SIGTERM);
    unlink(program->log);
    assert_int_equal(mkfifo(program->log, 0600), 0);
    int reader = open(program->log, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    keeper_start(program, 0);
    char text[1 << 17];
    memset(text, 'x', sizeof text);
    for (size_t size = PIPE_BUF; size > 0; size /= PIPE_BUF)
        while (write(reader, text, size) > 0)
            ;
    expect_all(program, NULL, 0, "HELLO 0");
    expect_all(program, NULL, 0, "HELLO 0");
    ssize_t n = read(reader, text, sizeof text - 1);
    assert_true(n > 0);
    assert_int_equal(poll(&(struct pollfd){reader, POLLIN, 0}, 1, WAIT_LIMIT_MS), 1);
    n = read(reader, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    assert_non_null(strstr(text, " lines are missing here: nobody read the log\n"));
    close(reader);
    keeper_kill(program, SIGTERM);
}

static void bad_arguments_are_refused(void **state)
{
    struct program *program = *state;
    char too_long[200];
    memset(too_long, 'x', sizeof too_long);
    too_long[0] = '/';
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(keeper_run((const char *[]){"-V", NULL}), 0);
    assert_int_equal(keeper_run((const char *[]){"-x", NULL}), 100);
    assert_int_equal(keeper_run((const char *[]){"-d", "3", "-x", NULL}), 100);
    assert_int_equal(keeper_run((const char *[]){"-d", "three", NULL}), 100);
    assert_int_equal(keeper_run((const char *[]){"a", "b", NULL}), 100);
    assert_int_equal(keeper_run((const char *[]){too_long, NULL}), 111);
    assert_int_equal(keeper_run((const char *[]){"/nonexistent/keep", NULL}), 111);
    assert_int_equal(keeper_run((const char *[]){program->path, NULL}), 111);
}

/* How often the log has the text. */
static unsigned count_said(const struct program *program, const char *text)
{
    char said[4096] = "";
    int log = open(program->log, O_RDONLY | O_CLOEXEC);
    assert_true(read(log, said, sizeof said - 1) > 0);
    close(log);
    unsigned count = 0;
    for (const char *at = said; (at = strstr(at, text)); at++)
        count++;
    return count;
}

/* The supervisor shuts the socket down: the keeper looks at it once, and serves on. */
static void expect_shut_down(const struct program *program, int listener)
{
    int fd = conversation_open(program);
    time_t limit = time(NULL) + WAIT_LIMIT_MS / 1000;
    char told[64];
    receive_all(fd, NULL, 0, told, sizeof told);
    assert_int_equal(shutdown(listener, SHUT_RDWR), 0);
    while (count_said(program, "shut down") == 0 && time(NULL) < limit)
        poll(NULL, 0, 1);
    for (int i = 0; i < 100; i++) {
        send_request(fd, 1, "x");
        receive_type(fd, MESSAGE_RESULT);
    }
    assert_int_equal(count_said(program, "shut down"), 1);
    close(fd);
}

/* The listening socket from the supervisor, readiness as sd_notify(3). */
static void a_supervisor_gives_the_socket_and_hears_of_readiness(void **state)
{
    struct program *program = *state;
    int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), notified = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct pollfd readable = {notified, POLLIN, 0};
    keeper_kill(program, SIGTERM);
    unlink(program->path);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, program->path);
    struct sockaddr_un notify = {.sun_family = AF_UNIX};
    snprintf(notify.sun_path, sizeof notify.sun_path, "%s/notify", program->directory);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(bind(notified, (struct sockaddr *)&notify, sizeof notify), 0);
    program->pid = fork();
    if (program->pid == 0) {
        char pid[16];
        snprintf(pid, sizeof pid, "%d", (int)getpid());
        setenv("LISTEN_PID", pid, 1);
        setenv("LISTEN_FDS", "1", 1);
        setenv("NOTIFY_SOCKET", notify.sun_path, 1);
        dup2(listener, 3);
        keeper_become(program, NULL);
    }
    const char *const said[] = {"FDSTORE=1\nFDNAME=park-in", "FDSTORE=1\nFDNAME=park-out",
                                "READY=1"};
    char text[64] = "";
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        assert_int_equal(poll(&readable, 1, WAIT_LIMIT_MS), 1);
        assert_int_equal(read(notified, text, sizeof text - 1), strlen(said[i]));
        assert_memory_equal(text, said[i], strlen(said[i]));
    }
    expect_all(program, NULL, 0, "HELLO 0");
    expect_shut_down(program, listener);
    unlink(notify.sun_path);
    close(listener);
    close(notified);
}

/* The supervisor's queue is full; the keeper serves meanwhile. */
static void readiness_is_told_once_there_is_room(void **state)
{
    struct program *program = *state;
    int notified = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    keeper_kill(program, SIGTERM);
    struct sockaddr_un notify = {.sun_family = AF_UNIX};
    snprintf(notify.sun_path, sizeof notify.sun_path, "%s/notify", program->directory);
    assert_int_equal(bind(notified, (struct sockaddr *)&notify, sizeof notify), 0);
    int sent = 1;
    while (sent > 0) { /* from many sockets, because the messages of each are limited */
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        for (sent = 0; sendto(fd, "x", 1, MSG_DONTWAIT, (const struct sockaddr *)&notify,
                              sizeof notify) == 1;)
            sent++;
        close(fd);
    }
    setenv("NOTIFY_SOCKET", notify.sun_path, 1);
    keeper_start(program, 0);
    unsetenv("NOTIFY_SOCKET");
    expect_all(program, NULL, 0, "HELLO 0");
    char text[16];
    do {
        assert_int_equal(poll(&(struct pollfd){notified, POLLIN, 0}, 1, WAIT_LIMIT_MS), 1);
        memset(text, 0, sizeof text);
        assert_true(recv(notified, text, sizeof text - 1, MSG_DONTWAIT) > 0);
    } while (strcmp(text, "x") == 0);
    assert_string_equal(text, "READY=1");
    unlink(notify.sun_path);
    close(notified);
    keeper_kill(program, SIGTERM);
}

/* A line says what the descriptor is. */
static void a_wrong_descriptor_from_the_supervisor_ends_it(void **state)
{
    struct program *program = *state;
    int pair[2], ends[2];
    const struct {
        int fd;
        const char *what;
    } cases[] = {
        {socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0 ? pair[0] : -1,
         "a non-listening SOCK_SEQPACKET socket"},
        {pipe2(ends, O_CLOEXEC) == 0 ? ends[0] : -1, "a pipe"},
        {open("/dev/null", O_RDONLY | O_CLOEXEC), "a device"},
    };
    keeper_kill(program, SIGTERM);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unlink(program->log);
        pid_t child = fork();
        if (child == 0) {
            char pid[16];
            snprintf(pid, sizeof pid, "%d", (int)getpid());
            setenv("LISTEN_PID", pid, 1);
            setenv("LISTEN_FDS", "1", 1);
            if (dup2(cases[i].fd, 3) < 0 || fcntl(3, F_SETFD, 0) < 0)
                _exit(99);
            keeper_become(program, NULL);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 111);
        int log = open(program->log, O_RDONLY | O_CLOEXEC);
        char said[512] = "";
        assert_true(read(log, said, sizeof said - 1) > 0);
        close(log);
        assert_non_null(strstr(said, cases[i].what));
        assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1); /* one line */
    }
    for (int i = 0; i < 2; i++) {
        close(pair[i]);
        close(ends[i]);
    }
    close(cases[2].fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sockets_are_given_back_in_their_order),
        TEST(the_longest_text_is_kept),
        TEST(notes_are_kept_in_order_until_their_time_is_over),
        TEST(the_keeper_says_what_it_knows),
        TEST(a_socket_that_hangs_up_is_dropped),
        TEST(a_half_close_ends_nothing),
        TEST(events_of_old_descriptors_are_not_taken_for_new_ones),
        TEST(what_a_killed_sender_sent_is_stored),
        TEST(unread_answers_lose_nothing_of_a_killed_sender),
        TEST(one_phonebookd_at_a_time_is_served),
        TEST(another_version_is_refused),
        TEST(another_user_is_refused),
        TEST(only_its_owner_may_connect),
        TEST(nonsense_ends_the_conversation_and_nothing_held),
        TEST(a_stray_descriptor_is_closed),
        TEST(a_socket_has_so_many_texts),
        TEST(a_text_replaces_the_one_with_its_subject),
        TEST(a_full_keeper_refuses_and_has_room_after_a_hang_up),
        TEST(sockets_may_hang_up_while_they_are_given),
        TEST(unread_answers_stop_the_reading_alone),
        TEST(a_path_in_use_is_refused_and_a_dead_one_replaced),
        TEST(a_log_without_a_reader_ends_nothing),
        TEST(a_full_log_stops_nothing),
        TEST(bad_arguments_are_refused),
        TEST(a_supervisor_gives_the_socket_and_hears_of_readiness),
        TEST(readiness_is_told_once_there_is_room),
        TEST(a_wrong_descriptor_from_the_supervisor_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
