/* A member of the group who asks without end, over many connections at once.
 *
 *     flood KIND SOCKET CONNECTIONS INTERFACE
 *
 * `pipeline` sends valid requests that each change something, as fast as the socket takes them, and
 * reads replies only to make room for more. `half` does so with lines that are cut in the middle.
 * `wildcard` and `clash` are pipelines of wildcards, and of names that other users ask for, too.
 * `renew` waits for each reply before the next request. `linger` registers a name that outlives its
 * connection, and closes that. `churn` connects and closes. Prints "ready" once all are connected,
 * and ends only by a signal. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 512, LINE_ROOM = 256, BATCH = 64, NAMES_EACH = 2, RETRY_US = 1000 };

static const struct kind {
    const char *name;
    const char *format; /* of a request, with a name's uid and two numbers, and a changing number */
    bool waits, closes; /* for each reply; after each request */
    bool shared;        /* users ask for the same names */
} kinds[] = {
    {.name = "pipeline", .format = "p%u-%u-%u %s ttl=%u linger=60\n"},
    {.name = "half", .format = "h%u-%u-%u %s tt", .closes = true},
    {.name = "wildcard", .format = "*.w%u-%u-%u %s ttl=%u\n"},
    {.name = "clash", .format = "c%u-%u-%u %s ttl=%u\n", .shared = true},
    {.name = "renew", .format = "r%u-%u-%u %s ttl=%u\n", .waits = true},
    {.name = "linger", .format = "l%u-%u-%u %s linger=300 ttl=%u\n", .waits = true, .closes = true},
    {.name = "churn", .closes = true},
};

struct connection {
    int fd;
    bool awaits_reply;
    size_t length, sent;
    char batch[BATCH * LINE_ROOM];
};

struct flood {
    const struct kind *kind;
    struct sockaddr_un address;
    const char *interface;
    unsigned count; /* of requests so far */
};

static bool connect_one(const struct flood *flood, struct connection *connection)
{
    const struct sockaddr *address = (const struct sockaddr *)&flood->address;
    connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd >= 0 && connect(connection->fd, address, sizeof flood->address) == 0)
        return fcntl(connection->fd, F_SETFL, O_NONBLOCK) == 0;
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    return false;
}

static void disconnect(struct connection *connection)
{
    close(connection->fd);
    *connection = (struct connection){.fd = -1};
}

static void fill(struct flood *flood, struct connection *connection, unsigned number)
{
    unsigned n_lines = flood->kind->waits || flood->kind->closes ? 1 : BATCH;
    unsigned uid = flood->kind->shared ? 0 : getuid();
    connection->length = connection->sent = 0;
    for (unsigned i = 0; i < n_lines; i++)
        connection->length +=
            (size_t)snprintf(connection->batch + connection->length, LINE_ROOM, flood->kind->format,
                             uid, number, i % NAMES_EACH, flood->interface, flood->count++ % 3600);
    connection->awaits_reply = flood->kind->waits;
}

/* Replies are read and forgotten. False where the other side has closed. */
static bool drain(struct connection *connection)
{
    char reply[65536];
    ssize_t length = recv(connection->fd, reply, sizeof reply, MSG_DONTWAIT);
    if (length > 0)
        connection->awaits_reply = false;
    return length > 0 || (length < 0 && errno == EAGAIN);
}

/* One request, or as many as the socket takes. Whole lines are sent whole, in the end. */
static bool push(struct flood *flood, struct connection *connection, unsigned number)
{
    if (connection->sent == connection->length)
        fill(flood, connection, number);
    ssize_t sent = send(connection->fd, connection->batch + connection->sent,
                        connection->length - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        connection->sent += (size_t)sent;
    return sent >= 0 || errno == EAGAIN;
}

static bool has_done(const struct flood *flood, const struct connection *connection)
{
    return flood->kind->closes && connection->length > 0 &&
           connection->sent == connection->length && !connection->awaits_reply;
}

static void step(struct flood *flood, struct connection *connection, unsigned number)
{
    if (connection->fd < 0 && !connect_one(flood, connection)) {
        usleep(RETRY_US);
        return;
    }
    if (!flood->kind->format || !drain(connection) || has_done(flood, connection) ||
        (!connection->awaits_reply && !push(flood, connection, number)))
        disconnect(connection);
}

/* Where each reply is awaited: until one is there. */
static void wait_for_any(const struct connection *connections, unsigned n)
{
    static struct pollfd ready[CONNECTIONS_MAX];
    for (unsigned i = 0; i < n; i++) {
        if (!connections[i].awaits_reply)
            return;
        ready[i] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
    }
    poll(ready, n, -1);
}

int main(int argc, char **argv)
{
    static struct connection connections[CONNECTIONS_MAX];
    struct flood flood = {.address = {.sun_family = AF_UNIX}};
    unsigned n = argc == 5 ? (unsigned)atoi(argv[3]) : 0;
    for (size_t i = 0; argc == 5 && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, argv[1]))
            flood.kind = &kinds[i];
    if (!flood.kind || n == 0 || n > CONNECTIONS_MAX) {
        fprintf(stderr, "usage: flood KIND SOCKET CONNECTIONS INTERFACE\n");
        return 100;
    }
    strncpy(flood.address.sun_path, argv[2], sizeof flood.address.sun_path - 1);
    flood.interface = argv[4];
    for (unsigned i = 0; i < n; i++)
        if (!connect_one(&flood, &connections[i]))
            usleep(RETRY_US);
    puts("ready");
    fflush(stdout);
    for (;;) {
        for (unsigned i = 0; i < n; i++)
            step(&flood, &connections[i], i);
        wait_for_any(connections, n);
    }
}
