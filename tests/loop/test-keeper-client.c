/* phonebookd's end of the conversation, with a real keeper and with one that the test plays. */
#include "../../phonebookd/clients/keeper-client.h"
#include "../unit/test.h"
#include "keeper-program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* An owner that notes what it is told. */
struct owner {
    struct program program;
    uv_loop_t loop;
    struct keeper *keeper;
    char heard[8192];
    struct client clients[8];
    size_t n_clients;
    bool storing_all;    /* from taken_all() on, as phonebookd does */
    bool has_no_room;    /* for sockets that are given back */
    unsigned n_writable; /* not in `heard`: the kernel decides how often */
    unsigned n_stored;
    bool late; /* run_until() reached its time limit */
};

static void hear(struct owner *owner, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void hear(struct owner *owner, const char *format, ...)
{
    size_t length = strlen(owner->heard);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(owner->heard + length, sizeof owner->heard - length, format, arguments);
    va_end(arguments);
}

static int place_of(const struct owner *owner, uint64_t key)
{
    for (size_t i = 0; i < owner->n_clients; i++)
        if (owner->clients[i].key == key)
            return (int)i;
    return -1;
}

static void on_connected(void *context, size_t held)
{
    hear(context, "connected %zu,", held);
}

static bool on_taken_socket(void *context, int fd, uint64_t key)
{
    const struct owner *owner = context;
    hear(context, "socket %d,", place_of(owner, key));
    close(fd);
    return !owner->has_no_room;
}

static void on_taken_request(void *context, uint64_t key, const char *text, size_t length)
{
    hear(context, "request %d %.*s,", place_of(context, key), (int)length, text);
}

static void on_taken_note(void *context, uint64_t key, const char *text, size_t length)
{
    hear(context, "note %d %.*s,", (int)key, (int)length, text);
}

static void on_taken_all(void *context, size_t count)
{
    struct owner *owner = context;
    hear(owner, "all %zu,", count);
    for (size_t i = 0; owner->storing_all && i < owner->n_clients; i++) {
        assert_int_equal(
            keeper_store_socket(owner->keeper, owner->clients[i].ours, owner->clients[i].key), 0);
        assert_int_equal(keeper_store_request(owner->keeper, owner->clients[i].key, "again", 5, 0),
                         0);
    }
}

static void on_stored(void *context, uint64_t key, enum keep_result result)
{
    struct owner *owner = context;
    owner->n_stored++;
    if (owner->n_stored <= 100)
        hear(owner, "stored %d %d,", place_of(owner, key), (int)result);
}

static void on_stored_note(void *context, uint64_t key, enum keep_result result)
{
    hear(context, "noted %d %d,", (int)key, (int)result);
}

static void on_refused(void *context, uint64_t key, enum keep_result result)
{
    hear(context, "refused %d %d,", place_of(context, key), (int)result);
}

static void on_writable(void *context)
{
    ((struct owner *)context)->n_writable++;
}

static void on_lost(void *context, const char *why)
{
    hear(context, "lost: %s,", why);
}

static void on_taken_listener(void *context, int fd, const char *text, size_t length)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    hear(context, "listener %.*s,", (int)length, text);
    close(fd);
}

static void on_left(void *context)
{
    hear(context, "left,");
}

static const struct keeper_ops ops = {
    .connected = on_connected,
    .taken_listener = on_taken_listener,
    .left = on_left,
    .taken_socket = on_taken_socket,
    .taken_request = on_taken_request,
    .taken_note = on_taken_note,
    .taken_all = on_taken_all,
    .stored = on_stored,
    .stored_note = on_stored_note,
    .socket_refused = on_refused,
    .writable = on_writable,
    .lost = on_lost,
};

static int setup(void **state)
{
    struct owner *owner = calloc(1, sizeof *owner);
    keeper_init(&owner->program);
    assert_int_equal(uv_loop_init(&owner->loop), 0);
    assert_int_equal(keeper_new(&owner->keeper, &owner->loop, owner->program.path, &ops, owner), 0);
    *state = owner;
    return 0;
}

static int teardown(void **state)
{
    struct owner *owner = *state;
    if (owner->keeper)
        keeper_close(owner->keeper);
    uv_run(&owner->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&owner->loop) != 0)
        return -1;
    for (size_t i = 0; i < owner->n_clients; i++) {
        close(owner->clients[i].ours);
        close(owner->clients[i].theirs);
    }
    keeper_fini(&owner->program);
    free(owner);
    return 0;
}

static void make_clients(struct owner *owner, size_t count)
{
    while (owner->n_clients < count)
        owner->clients[owner->n_clients++] = client_new();
}

static void on_late(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void run_until_heard(struct owner *owner, const char *text)
{
    uv_timer_t timer;
    uv_timer_init(&owner->loop, &timer);
    timer.data = &owner->late;
    uv_timer_start(&timer, on_late, WAIT_LIMIT_MS, 0);
    while (!strstr(owner->heard, text) && !owner->late)
        uv_run(&owner->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&owner->loop, UV_RUN_NOWAIT);
    if (owner->late)
        fail_msg("waited for \"%s\", heard \"%s\"", text, owner->heard);
}

static void store(struct owner *owner, size_t client, const char *text)
{
    struct client *c = &owner->clients[client];
    assert_int_equal(keeper_store_socket(owner->keeper, c->ours, c->key), 0);
    assert_int_equal(keeper_store_request(owner->keeper, c->key, text, strlen(text), 0), 0);
}

static void start_and_connect(struct owner *owner)
{
    keeper_start(&owner->program, 0);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
}

static void connect_again(struct owner *owner)
{
    keeper_close(owner->keeper);
    uv_run(&owner->loop, UV_RUN_DEFAULT);
    owner->heard[0] = '\0';
    assert_int_equal(keeper_new(&owner->keeper, &owner->loop, owner->program.path, &ops, owner), 0);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
}

static void what_the_keeper_has_is_taken_over(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 2);
    start_and_connect(owner);
    assert_string_equal(owner->heard, "connected 0,all 0,");
    store(owner, 0, "one");
    store(owner, 1, "two");
    assert_int_equal(keeper_store_request(owner->keeper, 12345, "x", 1, 0), 0);
    run_until_heard(owner, "stored 0 0,stored 1 0,stored -1 2,");

    connect_again(owner);
    assert_string_equal(owner->heard,
                        "connected 2,socket 0,request 0 one,socket 1,request 1 two,all 2,");
}

static void store_listener(struct owner *owner, int fd, const char *text, size_t subject)
{
    assert_int_equal(keeper_store_listener(owner->keeper, fd, text, strlen(text), subject), 0);
}

/* A socket with the subject of another replaces it; without a descriptor, it removes it. */
static void listening_sockets_come_first(void **state)
{
    struct owner *owner = *state;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    make_clients(owner, 1);
    start_and_connect(owner);
    store(owner, 0, "x");
    store_listener(owner, fd, "publish 1", 7);
    store_listener(owner, fd, "list 1", 4);
    store_listener(owner, fd, "publish 2", 7);
    run_until_heard(owner, "stored 0 0,");
    connect_again(owner);
    assert_string_equal(
        owner->heard, "connected 1,listener list 1,listener publish 2,socket 0,request 0 x,all 1,");
    store_listener(owner, -1, "list", 4);
    connect_again(owner);
    assert_string_equal(owner->heard, "connected 1,listener publish 2,socket 0,request 0 x,all 1,");
    assert_int_equal(keeper_store_listener(owner->keeper, fd, "x", 1, 2), -EINVAL);
    assert_int_equal(keeper_store_listener(owner->keeper, fd, "x", 0, 0), -EINVAL);
    assert_int_equal(keeper_store_listener(owner->keeper, fd, "x", KEEP_LISTENER_MAX + 1, 0),
                     -EINVAL);
    close(fd);
}

/* Although it was told to end before. A keeper that has answered nothing ends at once. */
static void a_keeper_that_is_left_ends_after_the_takeover(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    store(owner, 0, "x");
    assert_int_equal(keeper_leave(owner->keeper), 0);
    run_until_heard(owner, "stored 0 0,left,");
    assert_int_equal(kill(owner->program.pid, SIGTERM), 0);
    keeper_wait_said(&owner->program, "told to end"); /* although we are still connected */
    connect_again(owner);
    assert_string_equal(owner->heard, "connected 1,socket 0,request 0 x,all 1,");
    run_until_heard(owner, "lost: it ended,");
    int status;
    assert_int_equal(waitpid(owner->program.pid, &status, 0), owner->program.pid);
    assert_int_equal(status, 0);
    assert_true(keeper_is_expected(owner->keeper));
    assert_int_equal(keeper_leave(owner->keeper), -ENOTCONN);
    owner->storing_all = true;
    keeper_start(&owner->program, 0);
    run_until_heard(owner, "all 0,stored 0 0,");
    assert_true(keeper_is_expected(owner->keeper));
    keeper_kill(&owner->program, SIGTERM); /* it ends at once: we have everything */
    run_until_heard(owner, "all 0,stored 0 0,lost: it ended,");
}

static void without_a_keeper_none_is_expected(void **state)
{
    struct owner *owner = *state;
    assert_int_equal(keeper_connect_now(owner->keeper), -ENOENT);
    assert_false(keeper_is_expected(owner->keeper));
}

static void bad_arguments_are_refused(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    char text[KEEP_TEXT_MAX + 1] = "";
    assert_int_equal(keeper_store_request(owner->keeper, 1, text, 0, 0), -EINVAL);
    assert_int_equal(keeper_store_request(owner->keeper, 1, text, sizeof text, 0), -EINVAL);
    assert_int_equal(keeper_store_request(owner->keeper, 1, text, 1, 2), -EINVAL);
    assert_int_equal(keeper_store_socket(owner->keeper, 9999, 1), -EBADF);
    store(owner, 0, "still works");
    run_until_heard(owner, "stored 0 0,");
}

/* Without a keeper everything goes on; a new one is found. */
static void a_keeper_that_comes_later_is_found(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    assert_int_equal(keeper_connect_now(owner->keeper), -ENOENT);
    assert_int_equal(keeper_store_socket(owner->keeper, owner->clients[0].ours, 1), -ENOTCONN);
    assert_int_equal(keeper_store_request(owner->keeper, 1, "x", 1, 0), -ENOTCONN);
    owner->storing_all = true;
    keeper_start(&owner->program, 0);
    run_until_heard(owner, "connected 0,all 0,stored 0 0,");
}

static void a_killed_keeper_is_lost_and_found(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 2);
    start_and_connect(owner);
    store(owner, 0, "x");
    run_until_heard(owner, "stored 0 0,");
    keeper_kill(&owner->program, SIGKILL);
    run_until_heard(owner, "lost: it ended,");
    assert_int_equal(keeper_store_socket(owner->keeper, owner->clients[0].ours, 1), -ENOTCONN);
    owner->heard[0] = '\0';
    owner->storing_all = true;
    keeper_start(&owner->program, 0);
    run_until_heard(owner, "connected 0,all 0,stored 0 0,stored 1 0,");
}

/* The keeper dies with unread messages of ours. */
static void answers_come_before_the_loss(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    store(owner, 0, "x");
    int second = conversation_open(&owner->program); /* once it is refused, ours was answered */
    receive_type(second, MESSAGE_REFUSED);
    close(second);
    keeper_stop(&owner->program);
    store(owner, 0, "y");
    keeper_kill(&owner->program, SIGKILL);
    run_until_heard(owner, "lost: ");
    assert_string_equal(owner->heard, "connected 0,all 0,stored 0 0,lost: it ended,");
}

/* Before the loop notices it. */
static void a_store_finds_the_keeper_dead(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    keeper_kill(&owner->program, SIGKILL);
    assert_int_equal(
        keeper_store_socket(owner->keeper, owner->clients[0].ours, owner->clients[0].key),
        -ENOTCONN);
    assert_string_equal(owner->heard, "connected 0,all 0,");
    run_until_heard(owner, "lost: it ended,");
}

static void a_full_queue_is_told_and_so_is_room(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    keeper_stop(&owner->program);
    store(owner, 0, "x");
    unsigned sent = 0;
    int result;
    while ((result = keeper_store_request(owner->keeper, owner->clients[0].key, "x", 1, 0)) == 0)
        sent++;
    assert_int_equal(result, -EAGAIN);
    uv_run(&owner->loop, UV_RUN_NOWAIT);
    assert_int_equal(owner->n_writable, 0);
    keeper_continue(&owner->program);
    while (owner->n_writable == 0 || owner->n_stored < sent + 1)
        uv_run(&owner->loop, UV_RUN_ONCE);
    store(owner, 0, "y");
    while (owner->n_stored < sent + 2)
        uv_run(&owner->loop, UV_RUN_ONCE);
    assert_null(strstr(owner->heard, "lost"));
}

/* When it continues, it handles what it was sent. */
static void a_keeper_that_does_not_answer_is_given_up(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    keeper_stop(&owner->program);
    store(owner, 0, "x");
    run_until_heard(owner, "lost: it does not answer,");
    owner->heard[0] = '\0';
    keeper_continue(&owner->program);
    run_until_heard(owner, "connected 1,socket 0,request 0 x,all 1,");
}

static void a_keeper_stuck_at_the_start_is_not_waited_for(void **state)
{
    struct owner *owner = *state;
    keeper_start(&owner->program, 0);
    keeper_stop(&owner->program);
    assert_int_equal(keeper_connect_now(owner->keeper), -ETIMEDOUT);
    keeper_continue(&owner->program);
    run_until_heard(owner, "connected 0,all 0,");
}

static void another_phonebookd_keeps_us_out(void **state)
{
    struct owner *owner = *state;
    keeper_start(&owner->program, 0);
    int other = conversation_open(&owner->program);
    receive_type(other, MESSAGE_HELLO);
    assert_int_equal(keeper_connect_now(owner->keeper), -EBUSY);
    assert_string_equal(owner->heard, "");
    close(other);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
}

static void end_soon(void *context)
{
    poll(NULL, 0, 100); /* the new one is refused in this time */
    close(*(int *)context);
}

static void a_phonebookd_that_is_ending_keeps_nobody_out(void **state)
{
    struct owner *owner = *state;
    keeper_start(&owner->program, 0);
    int other = conversation_open(&owner->program);
    receive_type(other, MESSAGE_HELLO);
    uv_thread_t thread;
    uv_thread_create(&thread, end_soon, &other);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
    uv_thread_join(&thread);
}

static void without_descriptors_sockets_stay_with_the_keeper(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 3);
    keeper_start(&owner->program, 0);
    int fd = conversation_open(&owner->program);
    for (int i = 0; i < 3; i++)
        send_socket(fd, &owner->clients[i]);
    send_request(fd, owner->clients[2].key, "x");
    close(fd);
    int probe = dup(0);
    close(probe);
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    struct rlimit low = {(rlim_t)probe + 1, before.rlim_max}; /* only for the connection */
    setrlimit(RLIMIT_NOFILE, &low);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_string_equal(owner->heard, "connected 3,request 2 x,all 0,");
}

/* The sockets stay with the keeper until the next takeover. */
static void sockets_without_room_are_given_again(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 2);
    keeper_start(&owner->program, 0);
    int fd = conversation_open(&owner->program);
    for (int i = 0; i < 2; i++)
        send_socket(fd, &owner->clients[i]);
    send_request(fd, owner->clients[1].key, "x");
    close(fd);
    owner->has_no_room = true;
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
    assert_string_equal(owner->heard, "connected 2,socket 0,socket 1,request 1 x,all 0,");
    keeper_close(owner->keeper);
    owner->keeper = NULL;
    uv_run(&owner->loop, UV_RUN_DEFAULT);
    fd = conversation_open(&owner->program);
    char told[256];
    receive_all(fd, owner->clients, 2, told, sizeof told);
    assert_string_equal(told, "HELLO 2 0 1:x");
    close(fd);
}

/* After the sockets. */
static void notes_are_stored_removed_and_given_back(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    store(owner, 0, "one");
    assert_int_equal(keeper_store_note(owner->keeper, 7, "seven", 5, UINT32_MAX), 0);
    assert_int_equal(keeper_store_note(owner->keeper, 8, "eight", 5, UINT32_MAX), 0);
    assert_int_equal(keeper_store_note(owner->keeper, 7, NULL, 0, 0), 0);
    assert_int_equal(keeper_store_note(owner->keeper, 9, "", KEEP_NOTE_MAX + 1, 0), -EINVAL);
    run_until_heard(owner, "stored 0 0,noted 7 0,noted 8 0,noted 7 0,");
    keeper_close(owner->keeper);
    uv_run(&owner->loop, UV_RUN_DEFAULT);
    owner->heard[0] = '\0';
    assert_int_equal(keeper_new(&owner->keeper, &owner->loop, owner->program.path, &ops, owner), 0);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
    assert_string_equal(owner->heard, "connected 1,socket 0,request 0 one,note 8 eight,all 1,");
}

static void one_text_is_forgotten_without_an_answer(void **state)
{
    struct owner *owner = *state;
    make_clients(owner, 1);
    start_and_connect(owner);
    uint64_t key = owner->clients[0].key;
    store(owner, 0, "one eth0");
    store(owner, 0, "two eth0");
    assert_int_equal(keeper_forget_request(owner->keeper, key, "one", 3), 0);
    assert_int_equal(keeper_forget_request(owner->keeper, key, "one eth0", 8), 0);
    assert_int_equal(keeper_forget_request(owner->keeper, 12345, "two eth0", 8), 0);
    assert_int_equal(keeper_forget_request(owner->keeper, key, "", 0), -EINVAL);
    assert_int_equal(keeper_store_request(owner->keeper, key, "three eth0", 10, 0), 0);
    run_until_heard(owner, "stored 0 0,stored 0 0,stored 0 0,");
    keeper_close(owner->keeper);
    uv_run(&owner->loop, UV_RUN_DEFAULT);
    owner->heard[0] = '\0';
    assert_int_equal(keeper_new(&owner->keeper, &owner->loop, owner->program.path, &ops, owner), 0);
    assert_int_equal(keeper_connect_now(owner->keeper), 0);
    assert_string_equal(owner->heard,
                        "connected 1,socket 0,request 0 two eth0,request 0 three eth0,all 1,");
}

/* ---- a keeper that the test plays
 * ------------------------------------------------------------- */

static int listen_as_keeper(const struct owner *owner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, owner->program.path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

struct played {
    uv_thread_t thread;
    int listener;
    const char *path;
    struct message_header answers[4];
    size_t n_answers;
    int stray; /* a descriptor beside the last answer, or -1 */
};

static void play(void *context)
{
    struct played *played = context;
    int fd = accept(played->listener, NULL, NULL);
    for (size_t i = 0; i < played->n_answers; i++)
        message_send(fd, played->answers[i], "text",
                     i == played->n_answers - 1 ? played->stray : -1);
    close(played->listener);
    unlink(played->path); /* as a keeper that will not be started again */
    close(fd);
}

static int connect_to_played(struct owner *owner, struct played *played)
{
    played->listener = listen_as_keeper(owner);
    played->path = owner->program.path;
    uv_thread_create(&played->thread, play, played);
    int error = keeper_connect_now(owner->keeper);
    uv_thread_join(&played->thread);
    return error;
}

/* Ends the first connection after n_answers answers, and answers the second one in full. */
static void play_restart(void *context)
{
    struct played *played = context;
    int fd = accept(played->listener, NULL, NULL);
    for (size_t i = 0; i < played->n_answers; i++)
        message_send(fd, played->answers[i], NULL, -1);
    close(fd);
    fd = accept(played->listener, NULL, NULL);
    message_send(fd, message_header(MESSAGE_HELLO, 0, 0), NULL, -1);
    message_send(fd, message_header(MESSAGE_END, 0, 0), NULL, -1);
    played->stray = fd;
}

static void a_keeper_that_ends_during_the_takeover_is_expected_back(void **state)
{
    static const char *const heard[] = {"connected 0,all 0,",
                                        "connected 0,lost: it ended,connected 0,all 0,"};
    struct owner *owner = *state;
    for (size_t n = 0; n < 2; n++) {
        struct played played = {.listener = listen_as_keeper(owner),
                                .answers = {message_header(MESSAGE_HELLO, 0, 0)},
                                .n_answers = n};
        owner->heard[0] = '\0';
        uv_thread_create(&played.thread, play_restart, &played);
        assert_int_equal(keeper_connect_now(owner->keeper), 0);
        uv_thread_join(&played.thread);
        assert_string_equal(owner->heard, heard[n]);
        close(played.listener);
        unlink(owner->program.path);
        close(played.stray);
        run_until_heard(owner, "all 0,lost: it ended,");
    }
}

/* SO_PEERCRED gives the owner of the listening socket. That process gets nothing. */
static void a_keeper_of_another_user_is_not_believed(void **state)
{
    struct owner *owner = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(owner->program.directory, 0777), 0);
    assert_int_equal(seteuid(4001), 0);
    int fd = listen_as_keeper(owner);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(keeper_connect_now(owner->keeper), -EACCES);
    int taken = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(taken >= 0);
    assert_int_equal(read(taken, (char[1]){0}, 1), 0);
    close(taken);
    close(fd);
}

static void a_refusal_has_its_error(void **state)
{
    static const struct {
        enum keep_result why;
        int result;
    } cases[] = {{KEEP_DENIED, -EACCES}, {KEEP_VERSIONS, -EPROTONOSUPPORT}, {KEEP_OK, -EPROTO}};
    struct owner *owner = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct played played = {
            .answers = {message_header(MESSAGE_REFUSED, 0, 0)}, .n_answers = 1, .stray = -1};
        played.answers[0].count = cases[i].why;
        assert_int_equal(connect_to_played(owner, &played), cases[i].result);
    }
    assert_string_equal(owner->heard, "");
}

/* These are the octets of a keeper without notes. It would end the conversation at an unknown
 * message, and its HELLO has the key of ours. */
static void an_older_keeper_is_understood(void **state)
{
    static const uint8_t hello[24] = {1, 0, 1, 0, [16] = 0}, end[24] = {1, 0, 6, 0},
                         stored[24] = {1, 0, 5, 0, [8] = MESSAGE_REQUEST, [16] = 77};
    struct owner *owner = *state;
    int listener = listen_as_keeper(owner);
    assert_int_equal(keeper_connect_now(owner->keeper), -ETIMEDOUT); /* it does not answer yet */
    /* We do not know yet what it supports, so a note must be tried again. */
    assert_int_equal(keeper_store_note(owner->keeper, 7, "seven", 5, UINT32_MAX), -ENOTCONN);
    int fd = accept(listener, NULL, NULL);
    struct message_header header;
    assert_int_equal(recv(fd, &header, sizeof header, 0), sizeof hello);
    assert_int_equal(header.version, 1);
    assert_int_equal(header.type, 1);
    assert_int_equal(header.length, 0);
    assert_int_equal(header.result, 0);
    assert_int_equal(header.key, 0); /* it comes back */
    assert_int_equal(send(fd, hello, sizeof hello, 0), sizeof hello);
    assert_int_equal(send(fd, end, sizeof end, 0), sizeof end);
    run_until_heard(owner, "connected 0,all 0,");
    assert_int_equal(keeper_store_note(owner->keeper, 7, "seven", 5, UINT32_MAX), -EOPNOTSUPP);
    assert_int_equal(keeper_forget_request(owner->keeper, 77, "text", 4), -EOPNOTSUPP);
    assert_int_equal(keeper_store_request(owner->keeper, 77, "text", 4, 0), 0);
    uint8_t heard[4096];
    assert_int_equal(recv(fd, heard, sizeof heard, 0), sizeof hello + 4);
    assert_int_equal(heard[2], MESSAGE_REQUEST);
    assert_int_equal(recv(fd, heard, sizeof heard, MSG_DONTWAIT), -1);
    assert_int_equal(send(fd, stored, sizeof stored, 0), sizeof stored);
    run_until_heard(owner, "stored -1 0,");
    close(fd);
    close(listener);
    unlink(owner->program.path);
}

/* From a real keeper they never come, or only from another version. */
static void wrong_answers_end_the_conversation(void **state)
{
    struct message_header hello = message_header(MESSAGE_HELLO, 0, 0), other = hello,
                          result = message_header(MESSAGE_RESULT, 1, 0);
    struct owner *owner = *state;
    const struct {
        struct played played;
        int result;
    } cases[] = {
        {{.answers = {other}, .n_answers = 1, .stray = -1}, -EPROTONOSUPPORT},
        {{.answers = {message_header(MESSAGE_END, 0, 0)}, .n_answers = 1, .stray = -1}, -EPROTO},
        {{.answers = {hello, hello}, .n_answers = 2, .stray = -1}, -EPROTO},
        {{.answers = {hello, result}, .n_answers = 2, .stray = -1}, -EPROTO},
        {{.answers = {hello, message_header(MESSAGE_REQUEST, 1, 4)}, .n_answers = 2, .stray = 0},
         -EPROTO},
        {{.answers = {hello}, .n_answers = 1, .stray = 0}, -EPROTO},
        {{.answers = {hello, hello, message_header(MESSAGE_SOCKET, 1, 0)}, .n_answers = 3},
         -EPROTO},
        {{.answers = {hello}, .n_answers = 1, .stray = -1}, -ENOENT},
        {{.n_answers = 0}, -ENOENT},
    };
    int before = dup(0);
    close(before);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct played played = cases[i].played;
        if (i == 0)
            played.answers[0].version = KEEP_VERSION + 1;
        assert_int_equal(connect_to_played(owner, &played), cases[i].result);
        assert_int_equal(!!strstr(owner->heard, "lost"), !!strstr(owner->heard, "connected"));
        owner->heard[0] = '\0';
    }
    int after = dup(0);
    close(after);
    assert_int_equal(after, before); /* no descriptor is left open */
}

/* Then a new conversation begins. */
static void a_result_too_many_ends_the_conversation(void **state)
{
    struct owner *owner = *state;
    struct played played = {.answers = {message_header(MESSAGE_HELLO, 0, 0),
                                        message_header(MESSAGE_END, 0, 0),
                                        message_header(MESSAGE_RESULT, 1, 0)},
                            .n_answers = 3,
                            .stray = -1};
    played.answers[2].count = MESSAGE_REQUEST;
    connect_to_played(owner, &played); /* 0, or -EPROTO if it came early enough */
    run_until_heard(owner, "connected 0,all 0,lost: it does not speak our protocol,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_keeper_has_is_taken_over),
        TEST(listening_sockets_come_first),
        TEST(a_keeper_that_is_left_ends_after_the_takeover),
        TEST(without_a_keeper_none_is_expected),
        TEST(bad_arguments_are_refused),
        TEST(a_keeper_that_comes_later_is_found),
        TEST(a_killed_keeper_is_lost_and_found),
        TEST(answers_come_before_the_loss),
        TEST(a_store_finds_the_keeper_dead),
        TEST(a_full_queue_is_told_and_so_is_room),
        TEST(a_keeper_that_does_not_answer_is_given_up),
        TEST(a_keeper_stuck_at_the_start_is_not_waited_for),
        TEST(another_phonebookd_keeps_us_out),
        TEST(a_phonebookd_that_is_ending_keeps_nobody_out),
        TEST(without_descriptors_sockets_stay_with_the_keeper),
        TEST(sockets_without_room_are_given_again),
        TEST(a_keeper_of_another_user_is_not_believed),
        TEST(notes_are_stored_removed_and_given_back),
        TEST(one_text_is_forgotten_without_an_answer),
        TEST(an_older_keeper_is_understood),
        TEST(a_refusal_has_its_error),
        TEST(a_keeper_that_ends_during_the_takeover_is_expected_back),
        TEST(wrong_answers_end_the_conversation),
        TEST(a_result_too_many_ends_the_conversation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
