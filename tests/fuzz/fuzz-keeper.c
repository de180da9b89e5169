/* A keeper that sends anything: phonebookd's end of that conversation (keeper.c) with the
 * connections, joined as in daemon.c. An input is a list of acts (enum act), each with its
 * arguments. Octets choose the parts of a message, so that the fuzzer finds whole conversations; a
 * message can also be any octets. */
#include "../../keeper/transport.h"
#include "../../phonebookd/clients/connection-keep.h"
#include "../../phonebookd/clients/connection-takeover.h"
#include "../../phonebookd/clients/keeper-client.h"
#include "../../phonebookd/log.h"
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    CLIENTS = 4,
    KEYS_BEFORE = 1000,
    SECOND_NS = 1000000000,
    ANSWERS_MAX = 300,
    DESCRIPTORS = 128
};

enum act {
    ACT_TURN,    /* a turn of the loop; all names become live, or no longer */
    ACT_TIME,    /* this many seconds pass; and a turn */
    ACT_ACCEPT,  /* the keeper accepts phonebookd's next connection, and closes the last */
    ACT_HANG_UP, /* the keeper */
    ACT_MESSAGE, /* the keeper: type, result, count, key, descriptor, length of its text, text */
    ACT_OCTETS,  /* the keeper: descriptor, length, octets */
    ACT_SOCKET,  /* the keeper gives back a client, under its own key */
    ACT_READ,    /* the keeper reads this many messages, and answers requests as configured */
    ACT_CONNECT, /* a new client replaces this one */
    ACT_SAY,     /* a client: length, octets */
    ACT_CLOSE,   /* a client */
    ACT_LEAVE,   /* phonebookd */
    ACT_LISTEN,  /* phonebookd gives the keeper its listening socket */
    ACTS,
};

enum descriptor { FD_NONE, FD_CLIENT, FD_NULL, FD_CHANNEL, FD_LISTENER, FD_PIPE, FDS };

struct client {
    int fd, ours; /* `ours`: a copy of phonebookd's end, which it may get; or -1 */
    uint64_t key;
};

struct input {
    const uint8_t *at, *end;
};

struct world {
    struct host host;
    struct keeper *keeper;
    struct client clients[CLIENTS];
    int listener, channel; /* the keeper's */
    unsigned leaving;      /* unanswered calls of keeper_leave() */
};

static uint64_t passed_ns;

/* The loop's clock is the kernel's plus the time passed in ACT_TIME. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME)) {
        uint64_t ns = (uint64_t)now->tv_nsec + passed_ns;
        now->tv_sec += (time_t)(ns / SECOND_NS);
        now->tv_nsec = (long)(ns % SECOND_NS);
    }
    return (int)result;
}

/* phonebookd's queues are short, so that an input can fill them. */
int socket(int domain, int type, int protocol)
{
    int fd = (int)syscall(SYS_socket, domain, type, protocol), least = 0;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    return fd;
}

/* ---- the log, which nobody reads (these are found before those of log.c) ---- */

static void format_only(const char *format, va_list arguments)
{
    char line[4096];
    require(vsnprintf(line, sizeof line, format, arguments) >= 0);
}

void log_caused_over(enum log_cause cause, uint32_t uid, const char *format, ...)
{
    (void)cause, (void)uid;
    va_list arguments;
    va_start(arguments, format);
    format_only(format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_only(format, arguments);
    va_end(arguments);
}

void log_caused(enum log_cause cause, uint32_t uid, const char *format, ...)
{
    (void)cause, (void)uid;
    va_list arguments;
    va_start(arguments, format);
    format_only(format, arguments);
    va_end(arguments);
}

/* ---- phonebookd's side, as in daemon.c ---- */

static int on_keep_socket(void *owner, int fd, uint64_t key)
{
    const struct world *world = owner;
    return keeper_store_socket(world->keeper, fd, key);
}

static int on_keep_request(void *owner, uint64_t key, const char *text, size_t length,
                           size_t subject)
{
    const struct world *world = owner;
    return keeper_store_request(world->keeper, key, text, length, subject);
}

static int on_forget_request(void *owner, uint64_t key, const char *subject, size_t length)
{
    const struct world *world = owner;
    return keeper_forget_request(world->keeper, key, subject, length);
}

static int on_keep_note(void *owner, uint64_t key, const char *text, size_t length,
                        uint32_t deadline)
{
    const struct world *world = owner;
    return keeper_store_note(world->keeper, key, text, length, deadline);
}

static const struct connections_ops connections_ops = {
    HOST_OPS, .keep_socket = on_keep_socket, .keep_request = on_keep_request,
    .forget_request = on_forget_request, .keep_note = on_keep_note};

static void on_connected(void *owner, size_t held)
{
    struct world *world = owner;
    connections_keeper_changed(&world->host.set, held);
}

static bool on_taken_socket(void *owner, int fd, uint64_t key)
{
    struct world *world = owner;
    world->host.set.n_aside = key % 8 == 7;
    return connections_taken_socket(&world->host.set, fd, key);
}

static void on_taken_request(void *owner, uint64_t key, const char *text, size_t length)
{
    struct world *world = owner;
    char why[REGISTRY_WHY_MAX] = "";
    struct connection *c = connections_find_kept(&world->host.set, key);
    if (c)
        require(connection_take_text(c, text, length, why) || why[0]);
    else
        connections_taken_request(&world->host.set, key, text, length);
}

static void on_taken_note(void *owner, uint64_t key, const char *text, size_t length)
{
    struct world *world = owner;
    connections_taken_note(&world->host.set, key, text, length);
}

static void on_taken_all(void *owner, size_t count)
{
    struct world *world = owner;
    (void)count;
    connections_keep_all(&world->host.set);
}

static void on_stored(void *owner, uint64_t key, enum keep_result result)
{
    struct world *world = owner;
    connections_stored(&world->host.set, key, result);
}

static void on_stored_note(void *owner, uint64_t key, enum keep_result result)
{
    struct world *world = owner;
    (void)key;
    connections_stored_note(&world->host.set, result);
}

static void on_socket_refused(void *owner, uint64_t key, enum keep_result result)
{
    struct world *world = owner;
    (void)result;
    connections_refused_by_keeper(&world->host.set, key);
}

static void on_writable(void *owner)
{
    struct world *world = owner;
    connections_keep_more(&world->host.set);
}

static void on_lost(void *owner, const char *why)
{
    struct world *world = owner;
    (void)why;
    world->leaving = 0;
    connections_keeper_changed(&world->host.set, 0);
}

static void on_taken_listener(void *owner, int fd, const char *text, size_t length)
{
    (void)owner;
    require(length == 0 || memchr(text, text[0], length) == text); /* must be readable */
    close(fd);
}

static void on_left(void *owner)
{
    struct world *world = owner;
    require(world->leaving > 0);
    world->leaving--;
}

static const struct keeper_ops keeper_ops = {.connected = on_connected,
                                             .taken_listener = on_taken_listener,
                                             .left = on_left,
                                             .taken_socket = on_taken_socket,
                                             .taken_request = on_taken_request,
                                             .taken_note = on_taken_note,
                                             .taken_all = on_taken_all,
                                             .stored = on_stored,
                                             .stored_note = on_stored_note,
                                             .socket_refused = on_socket_refused,
                                             .writable = on_writable,
                                             .lost = on_lost};

/* ---- the others' side ---- */

static uint8_t next(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

/* This many octets of the input, or the rest of it. */
static const uint8_t *next_text(struct input *input, size_t *length)
{
    const uint8_t *text = input->at;
    size_t left = (size_t)(input->end - input->at);
    *length = *length < left ? *length : left;
    input->at += *length;
    return text;
}

static void close_client(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    if (client->ours >= 0)
        close(client->ours);
    *client = (struct client){-1, -1, 0};
}

/* If phonebookd shall not accept it, the keeper has it from a former phonebookd. */
static void connect_client(struct world *world, struct client *client, bool accepted)
{
    socklen_t length = sizeof client->key;
    close_client(client);
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    client->fd = ends[1];
    client->ours = fcntl(ends[0], F_DUPFD_CLOEXEC, 0);
    require(getsockopt(ends[0], SOL_SOCKET, SO_COOKIE, &client->key, &length) == 0);
    if (accepted)
        connections_add(&world->host.set, ends[0]);
    else
        close(ends[0]);
}

static void client_reads(const struct client *client)
{
    char text[4096];
    while (recv(client->fd, text, sizeof text, 0) > 0)
        ;
}

/* A descriptor to send, which the caller closes; or -1. */
static int descriptor(const struct world *world, uint8_t choice)
{
    int ends[2];
    switch (choice % FDS) {
    case FD_CLIENT:
        return fcntl(world->clients[choice / FDS % CLIENTS].ours, F_DUPFD_CLOEXEC, 0);
    case FD_NULL:
        return open("/dev/null", O_RDWR | O_CLOEXEC);
    case FD_CHANNEL:
        return fcntl(world->channel, F_DUPFD_CLOEXEC, 0);
    case FD_LISTENER:
        return fcntl(world->listener, F_DUPFD_CLOEXEC, 0);
    case FD_PIPE:
        require(pipe2(ends, O_CLOEXEC) == 0);
        close(ends[1]);
        return ends[0];
    }
    return -1;
}

static void keeper_sends(const struct world *world, const void *bytes, size_t length, int fd)
{
    struct iovec vector = {(void *)bytes, length};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } rights = {.header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd >= 0) {
        memcpy(CMSG_DATA(&rights.header), &fd, sizeof fd);
        message.msg_control = &rights;
        message.msg_controllen = sizeof rights;
    }
    (void)!sendmsg(world->channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (fd >= 0)
        close(fd);
}

static void keeper_says(struct world *world, struct input *input)
{
    struct message_header header = message_header(next(input), 0, 0);
    header.result = next(input);
    header.count = next(input);
    uint8_t key = next(input);
    header.key = key < CLIENTS ? world->clients[key].key : key;
    uint8_t fd = next(input);
    size_t length = next(input);
    const uint8_t *text = next_text(input, &length);
    header.length = (uint16_t)length;
    uint8_t bytes[sizeof header + 255];
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, text, length);
    keeper_sends(world, bytes, sizeof header + length, descriptor(world, fd));
}

static void keeper_gives_back(struct world *world, struct input *input)
{
    struct client *client = &world->clients[next(input) % CLIENTS];
    if (client->fd < 0)
        connect_client(world, client, false);
    struct message_header header = message_header(MESSAGE_SOCKET, client->key, 0);
    keeper_sends(world, &header, sizeof header, fcntl(client->ours, F_DUPFD_CLOEXEC, 0));
}

static void keeper_reads(struct world *world, unsigned n, uint8_t how)
{
    struct message message;
    struct message_header header;
    while (n-- > 0 && message_receive(world->channel, &message, 1) == 1 && message.length > 0) {
        const uint8_t *text;
        bool other;
        require(message_parse(message.bytes, message.length, &header, &text, &other));
        if (message.fd >= 0)
            close(message.fd);
        struct message_header answer = message_header(MESSAGE_RESULT, header.key, 0);
        answer.count = header.type;
        answer.result = how % (KEEP_UNKNOWN + 1);
        if (header.type == MESSAGE_HELLO)
            answer = message_header(MESSAGE_HELLO, how % (KEEP_KNOWS_ALL + 1), 0);
        if (header.type == MESSAGE_LISTENER)
            continue;
        if (header.type != MESSAGE_SOCKET || answer.result == KEEP_FULL)
            message_send(world->channel, answer, NULL, -1);
    }
}

static void keeper_accepts(struct world *world)
{
    int fd = accept4(world->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (world->channel >= 0)
        close(world->channel);
    world->channel = fd;
}

static void hang_up(struct world *world)
{
    if (world->channel >= 0)
        close(world->channel);
    world->channel = -1;
}

static void pass(struct world *world, uint8_t seconds)
{
    passed_ns += (uint64_t)seconds * SECOND_NS;
    connections_check_waiting(&world->host.set);
    uv_run(&world->host.loop, UV_RUN_NOWAIT);
}

static void leave(struct world *world)
{
    world->leaving += keeper_leave(world->keeper) == 0;
}

static void act(struct world *world, enum act what, struct input *input)
{
    struct client *client;
    const uint8_t *text;
    size_t length;
    uint8_t how;
    switch (what) {
    case ACT_TURN:
        world->host.live = !world->host.live;
        pass(world, 0);
        break;
    case ACT_TIME:
        pass(world, next(input));
        break;
    case ACT_ACCEPT:
        keeper_accepts(world);
        break;
    case ACT_HANG_UP:
        hang_up(world);
        break;
    case ACT_MESSAGE:
        keeper_says(world, input);
        break;
    case ACT_OCTETS:
        how = next(input);
        length = next(input);
        text = next_text(input, &length);
        keeper_sends(world, text, length, descriptor(world, how));
        break;
    case ACT_SOCKET:
        keeper_gives_back(world, input);
        break;
    case ACT_READ:
        how = next(input);
        keeper_reads(world, how % ANSWERS_MAX, next(input));
        break;
    case ACT_CONNECT:
        connect_client(world, &world->clients[next(input) % CLIENTS], true);
        break;
    case ACT_SAY:
        client = &world->clients[next(input) % CLIENTS];
        length = next(input);
        text = next_text(input, &length);
        (void)!send(client->fd, text, length, MSG_NOSIGNAL);
        client_reads(client);
        break;
    case ACT_CLOSE:
        close_client(&world->clients[next(input) % CLIENTS]);
        break;
    case ACT_LEAVE:
        leave(world);
        break;
    case ACT_LISTEN:
        keeper_store_listener(world->keeper, world->listener, "publish 1 2", 11, 7);
        break;
    case ACTS:
        break;
    }
}

/* ---- one input ---- */

static char directory[] = "/tmp/fuzz-keeper.XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void remove_directory(void)
{
    unlink(address.sun_path);
    rmdir(directory);
}

/* Once in this process. libuv's first loop opens a pipe that stays (uv__signal_global_init()). */
static void set_up(void)
{
    uv_loop_t loop;
    require(uv_loop_init(&loop) == 0 && uv_loop_close(&loop) == 0);
    require(mkdtemp(directory) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/keep", directory);
    atexit(remove_directory);
}

/* At the first attempt there is no keeper's socket, so all else happens on the loop, without
 * blocking. */
static void open_keeper(struct world *world)
{
    unlink(address.sun_path);
    world->channel = -1;
    world->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    require(keeper_new(&world->keeper, &world->host.loop, address.sun_path, &keeper_ops, world) ==
            0);
    require(keeper_connect_now(world->keeper) == -ENOENT);
    require(bind(world->listener, (struct sockaddr *)&address, sizeof address) == 0);
    require(listen(world->listener, 1) == 0);
}

static void world_open(struct world *world)
{
    host_open(&world->host, "internal=internal", 5, &connections_ops);
    world->host.room.registry.first_key = world->host.room.registry.last_key = KEYS_BEFORE;
    for (int i = 0; i < CLIENTS; i++)
        world->clients[i] = (struct client){-1, -1, 0};
    open_keeper(world);
    pass(world, 1 + KEEPER_RETRY_MS / 1000);
    keeper_accepts(world);
}

static void world_close(struct world *world)
{
    for (int i = 0; i < CLIENTS; i++)
        close_client(&world->clients[i]);
    hang_up(world);
    close(world->listener);
    for (int i = 0; i < 3; i++)
        uv_run(&world->host.loop, UV_RUN_NOWAIT);
    keeper_close(world->keeper);
    host_close(&world->host);
}

static int count_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct world *world = calloc(1, sizeof *world);
    struct input input = {bytes, bytes + length};
    require(world != NULL);
    if (!address.sun_path[0])
        set_up();
    int n_descriptors = count_descriptors();
    world_open(world);
    while (input.at < input.end)
        act(world, next(&input) % ACTS, &input);
    world_close(world);
    require(count_descriptors() == n_descriptors);
    free(world);
    return 0;
}
