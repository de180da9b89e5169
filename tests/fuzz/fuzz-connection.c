/* Conversations: clients send anything in any pieces, a keeper answers or does not, and at the end
 * nothing of them is left. Octets from 0xf0 on are acts (enum act); the others are sent by the
 * client whose turn it is. */
#include "../../phonebookd/clients/connection-keep.h"
#include "../../phonebookd/clients/connection-takeover.h"
#include "../../publish-client/request.h"
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { CLIENTS = 3, SAID_MAX = 4096, HEARD_MAX = 65536, TURNS_MAX = 10000 };

enum act {
    ACT_SEND = 0xf0, /* sends the octets so far */
    ACT_TURN,        /* a turn of the loop */
    ACT_NEXT,        /* the next client has its turn */
    ACT_READ,
    ACT_HALF_CLOSE,
    ACT_SHUT_DOWN,
    ACT_CLOSE,  /* closes, and connects again */
    ACT_KEEPER, /* changes its answers: 0, -EAGAIN, -ENOTCONN in turn */
    ACT_STORED,
    ACT_FULL,
    ACT_REFUSED,
    ACT_MORE,
    ACT_LOST,
    ACT_CONNECTED,
    ACT_LIVE,
    ACT_NO_NAMESPACE,
};

struct client {
    int fd;
    char said[SAID_MAX];
    size_t n_said;
    char heard[HEARD_MAX]; /* the beginning of a line */
    size_t n_heard;
};

struct world {
    struct host host;
    struct client clients[CLIENTS];
    size_t turn;
    int keeper;
    uint64_t key;
};

static int on_keep_socket(void *owner, int fd, uint64_t key)
{
    const struct world *world = owner;
    (void)fd, (void)key;
    return world->keeper;
}

static int on_keep_request(void *owner, uint64_t key, const char *text, size_t length,
                           size_t subject)
{
    struct world *world = owner;
    require(length > 0 && length <= KEEP_TEXT_MAX && !memchr(text, '\n', length));
    require(subject > 0 && subject <= length);
    world->key = key;
    return world->keeper;
}

static int on_forget_request(void *owner, uint64_t key, const char *subject, size_t length)
{
    struct world *world = owner;
    require(length > 0 && length <= KEEP_TEXT_MAX && !memchr(subject, '\n', length));
    (void)key;
    return world->keeper;
}

static int on_keep_note(void *owner, uint64_t key, const char *text, size_t length,
                        uint32_t deadline)
{
    const struct world *world = owner;
    (void)deadline;
    require(key > 0 && length <= KEEP_NOTE_MAX && !memchr(text, '\n', length));
    return world->keeper;
}

static const struct connections_ops ops = {
    HOST_OPS, .keep_socket = on_keep_socket, .keep_request = on_keep_request,
    .forget_request = on_forget_request, .keep_note = on_keep_note};

static void client_connect(struct world *world, struct client *client)
{
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    connections_add(&world->host.set, ends[0]);
    client->fd = ends[1];
    client->n_said = client->n_heard = 0;
}

static void client_send(struct client *client)
{
    (void)!send(client->fd, client->said, client->n_said, MSG_NOSIGNAL);
    client->n_said = 0;
}

/* Every answer is a reply line. */
static void client_read(struct client *client)
{
    ssize_t n = recv(client->fd, client->heard + client->n_heard, HEARD_MAX - client->n_heard, 0);
    char *line = client->heard;
    if (n <= 0)
        return;
    client->n_heard += (size_t)n;
    char *end;
    while ((end = memchr(line, '\n', client->n_heard))) {
        struct reply reply;
        require(reply_parse(&reply, line, (size_t)(end - line)));
        client->n_heard -= (size_t)(end + 1 - line);
        line = end + 1;
    }
    memmove(client->heard, line, client->n_heard);
}

static void act(struct world *world, enum act what)
{
    static const int keeper[] = {0, -EAGAIN, -ENOTCONN};
    struct client *client = &world->clients[world->turn];
    switch (what) {
    case ACT_SEND:
        client_send(client);
        break;
    case ACT_TURN:
        uv_run(&world->host.loop, UV_RUN_NOWAIT);
        break;
    case ACT_NEXT:
        world->turn = (world->turn + 1) % CLIENTS;
        break;
    case ACT_READ:
        client_read(client);
        break;
    case ACT_HALF_CLOSE:
        shutdown(client->fd, SHUT_WR);
        break;
    case ACT_SHUT_DOWN:
        shutdown(client->fd, SHUT_RDWR);
        break;
    case ACT_CLOSE:
        close(client->fd);
        client_connect(world, client);
        break;
    case ACT_KEEPER:
        for (size_t i = 0; i < 3; i++)
            if (keeper[i] == world->keeper) {
                world->keeper = keeper[(i + 1) % 3];
                break;
            }
        break;
    case ACT_STORED:
        connections_stored(&world->host.set, world->key, KEEP_OK);
        break;
    case ACT_FULL:
        connections_stored(&world->host.set, world->key, KEEP_FULL);
        break;
    case ACT_REFUSED:
        connections_refused_by_keeper(&world->host.set, world->key);
        break;
    case ACT_MORE:
        connections_keep_more(&world->host.set);
        break;
    case ACT_LOST:
        connections_keeper_changed(&world->host.set, 0);
        break;
    case ACT_CONNECTED:
        connections_keeper_changed(&world->host.set, 0);
        connections_keep_all(&world->host.set);
        break;
    case ACT_LIVE:
        world->host.live = !world->host.live;
        connections_check_waiting(&world->host.set);
        break;
    case ACT_NO_NAMESPACE:
        world->host.no_namespace = !world->host.no_namespace;
        break;
    }
}

static void say(struct client *client, uint8_t octet)
{
    if (client->n_said == SAID_MAX)
        client_send(client);
    client->said[client->n_said++] = (char)octet;
}

static void world_open(struct world *world)
{
    host_open(&world->host, "box.example=public internal=internal", 100, &ops);
    world->keeper = -ENOTCONN;
    for (int i = 0; i < CLIENTS; i++)
        client_connect(world, &world->clients[i]);
}

static void world_close(struct world *world)
{
    for (int i = 0; i < CLIENTS; i++)
        close(world->clients[i].fd);
    world->keeper = -ENOTCONN;
    connections_keeper_changed(&world->host.set, 0); /* clients in its queue are not watched */
    for (int i = 0; i < TURNS_MAX && world->host.set.n > 0; i++)
        uv_run(&world->host.loop, UV_RUN_NOWAIT);
    require(world->host.set.n == 0 && world->host.entered == 0);
    host_close(&world->host);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct world *world = calloc(1, sizeof *world);
    require(world != NULL);
    world_open(world);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] >= ACT_SEND)
            act(world, bytes[i]);
        else
            say(&world->clients[world->turn], bytes[i]);
    world_close(world);
    free(world);
    return 0;
}
