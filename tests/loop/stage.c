#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static enum request_error on_enter(void *owner, int fd, const struct holder *peer, bool taken,
                                   struct namespace **namespace, char why[static REGISTRY_WHY_MAX])
{
    struct stage *stage = owner;
    (void)fd, (void)peer, (void)taken;
    if (stage->no_namespace) {
        strcpy(why, stage->no_namespace);
        return REQUEST_NAMESPACE;
    }
    stage->n_entered++;
    *namespace = stage->room.holders[0].namespace;
    return REQUEST_OK;
}

static void on_leave(void *owner, struct namespace *namespace)
{
    struct stage *stage = owner;
    assert_ptr_equal(namespace, stage->room.holders[0].namespace);
    stage->n_left++;
}

static void on_changed(void *owner)
{
    struct stage *stage = owner;
    stage->n_changed++;
    connections_go_on(&stage->set);
}

static void on_why_not_live(void *owner, const struct registration *registration,
                            const char *wait_for, char why[static REGISTRY_WHY_MAX])
{
    (void)owner, (void)registration, (void)wait_for;
    strcpy(why, "registered, but no address of it is served yet");
}

static bool on_is_live(void *owner, const struct registration *registration, const char *wait_for)
{
    const struct stage *stage = owner;
    assert_non_null(registration->name);
    return stage->live && (!wait_for || (stage->live_in && strcmp(stage->live_in, wait_for) == 0));
}

/* The result of a possible store: the queue takes a limited number. */
static int send_to_keeper(struct stage *stage, struct stage_sent message)
{
    if (stage->queue_room > 0 && stage->n_sent - stage->n_read >= stage->queue_room)
        return -EAGAIN;
    assert_in_range(stage->n_sent, 0, STAGE_SENT_MAX - 1);
    stage->sent[stage->n_sent++] = message;
    return 0;
}

static int on_keep_socket(void *owner, int fd, uint64_t key)
{
    struct stage *stage = owner;
    int error = stage->socket_result;
    assert_true(fcntl(fd, F_GETFD) >= 0);
    stage->key = key;
    if (error == 0)
        error = send_to_keeper(stage, (struct stage_sent){.key = key, .socket = true});
    if (error == 0)
        stage->n_sockets++;
    return error;
}

static int on_keep_request(void *owner, uint64_t key, const char *text, size_t length,
                           size_t subject)
{
    struct stage *stage = owner;
    int error = stage->request_result;
    assert_true(length <= KEEP_TEXT_MAX);
    stage->key = key;
    memcpy(stage->text, text, length);
    stage->text[length] = '\0';
    stage->subject = subject;
    if (error == 0)
        error = send_to_keeper(stage, (struct stage_sent){.key = key});
    if (error == 0)
        stage->n_requests++;
    return error;
}

/* It has no answer, so it does not count in the keeper's queue here. */
static int on_forget_request(void *owner, uint64_t key, const char *subject, size_t length)
{
    struct stage *stage = owner;
    if (stage->request_result != 0)
        return stage->request_result;
    stage->key = key;
    memcpy(stage->forgotten, subject, length);
    stage->forgotten[length] = '\0';
    stage->n_forgotten++;
    return 0;
}

static int on_keep_note(void *owner, uint64_t key, const char *text, size_t length,
                        uint32_t deadline)
{
    struct stage *stage = owner;
    int error = stage->note_result;
    assert_true(length <= KEEP_NOTE_MAX);
    if (error == 0)
        error = send_to_keeper(stage, (struct stage_sent){.key = key, .note = true});
    if (error != 0)
        return error;
    stage->note_key = key;
    memcpy(stage->note, text, length);
    stage->note[length] = '\0';
    stage->note_deadline = deadline;
    stage->n_notes++;
    return 0;
}

static bool on_builds_at_once(void *owner)
{
    const struct stage *stage = owner;
    return stage->builds_at_once;
}

static const struct connections_ops ops = {.enter_namespace = on_enter,
                                           .leave_namespace = on_leave,
                                           .changed = on_changed,
                                           .builds_at_once = on_builds_at_once,
                                           .is_live = on_is_live,
                                           .why_not_live = on_why_not_live,
                                           .keep_socket = on_keep_socket,
                                           .keep_request = on_keep_request,
                                           .forget_request = on_forget_request,
                                           .keep_note = on_keep_note};

int stage_setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    signal(SIGPIPE, SIG_DFL); /* writes to closed sockets must not need it to be ignored */
    loop_setup(&stage->t);
    room_init(&stage->room, "box.example=public internal=internal", 1);
    stage->socket_result = stage->request_result = stage->note_result = -ENOTCONN;
    *state = stage;
    return connections_init(&stage->set, &stage->t.loop, &stage->room.registry,
                            &stage->room.accounts, STAGE_CONNECTIONS_MAX, &ops, stage);
}

int stage_teardown(void **state)
{
    struct stage *stage = *state;
    if (!stage->closed)
        connections_close(&stage->set);
    int result = loop_teardown(&stage->t);
    if (stage->n_entered != stage->n_left) {
        print_error("a namespace was entered %u times, left %u times\n", stage->n_entered,
                    stage->n_left);
        result = -1;
    }
    room_empty(&stage->room);
    if (room_has_left(&stage->room) || stage->set.n) {
        print_error("somebody is left in the registry, the accounts or the set\n");
        result = -1;
    }
    room_fini(&stage->room);
    free(stage);
    return result;
}

bool stage_has_uids(void)
{
    return geteuid() == 0;
}

/* SO_PEERCRED of a socketpair is the effective uid at that moment. */
void stage_pair(uid_t uid, int *ours, int *theirs)
{
    uid_t before = geteuid();
    if (uid != before)
        assert_int_equal(seteuid(uid), 0);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    if (uid != before)
        assert_int_equal(seteuid(before), 0);
    *ours = ends[0];
    *theirs = ends[1];
}

int stage_client(struct stage *stage, uid_t uid)
{
    int ours, theirs;
    stage_pair(uid, &ours, &theirs);
    connections_add(&stage->set, ours);
    return theirs;
}

void stage_say(int client, const char *text)
{
    size_t length = strlen(text);
    assert_int_equal(send(client, text, length, MSG_NOSIGNAL), length);
}

static size_t receive_some(int client, char *buffer, size_t n, size_t room)
{
    ssize_t got = recv(client, buffer + n, room - n, 0);
    return got > 0 ? n + (size_t)got : n;
}

void stage_expect(struct stage *stage, int client, const char *reply)
{
    size_t length = strlen(reply), n = 0;
    char *buffer = calloc(1, length + 1);
    LOOP_RUN_UNTIL(&stage->t, (n = receive_some(client, buffer, n, length)) == length);
    assert_string_equal(buffer, reply);
    free(buffer);
}

/* Reads the next line and no octet more; false if its end has not arrived yet. */
static bool receive_line(int client, char *line, size_t *n)
{
    while (recv(client, line + *n, 1, 0) == 1)
        if (line[(*n)++] == '\n')
            return true;
    return false;
}

void stage_expect_line(struct stage *stage, int client, const char *beginning)
{
    char line[2048] = "";
    size_t n = 0;
    LOOP_RUN_UNTIL(&stage->t, receive_line(client, line, &n));
    if (strncmp(line, beginning, strlen(beginning)) != 0)
        fail_msg("%s\nis not: %s", line, beginning);
}

void stage_expect_silence(struct stage *stage, int client)
{
    loop_settle(&stage->t);
    char buffer[256] = "";
    ssize_t n = recv(client, buffer, sizeof buffer - 1, 0);
    if (n != -1 || errno != EAGAIN)
        fail_msg("%zd octets: %s", n, buffer);
}

void stage_expect_end(struct stage *stage, int client)
{
    char octet;
    ssize_t n;
    LOOP_RUN_UNTIL(&stage->t, (n = recv(client, &octet, 1, 0)) >= 0 || errno != EAGAIN);
    assert_int_equal(n, 0);
}

void stage_ask(struct stage *stage, int client, const char *request, const char *reply)
{
    stage_say(client, request);
    stage_expect(stage, client, reply);
}

void stage_leave(struct stage *stage, int client)
{
    loop_settle(&stage->t); /* other ends are not counted */
    size_t before = stage->set.n;
    close(client);
    LOOP_RUN_UNTIL(&stage->t, stage->set.n == before - 1);
}

static void append(void *entry, void *context)
{
    struct listing *listing = entry;
    char *text = context;
    strcat(text, *text ? " " : "");
    strcat(text, listing->name);
}

void stage_expect_names(struct stage *stage, const char *expected)
{
    char *names = calloc(stage->room.registry.listings.n + 1, NAME_TEXT_MAX + 2);
    listings_each(&stage->room.registry.listings, append, names);
    assert_string_equal(names, expected);
    free(names);
}

void stage_keeper_reads(struct stage *stage, size_t n)
{
    for (; n > 0 && stage->n_read < stage->n_sent; n--) {
        const struct stage_sent *message = &stage->sent[stage->n_read++];
        if (message->note)
            connections_stored_note(&stage->set, KEEP_OK);
        else if (!message->socket)
            connections_stored(&stage->set, message->key, KEEP_OK);
    }
    connections_keep_more(&stage->set);
}

struct connection *stage_newest(const struct stage *stage)
{
    return TAILQ_LAST(&stage->set.all, connection_list);
}
