#include "control-server.h"

#include "../../publish-client/eviction.h"
#include "../../publish-client/request.h"
#include "../limits.h"
#include "../log.h"
#include "../state/registry.h"
#include "connection-life.h"
#include "places.h"
#include "reply-text.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT_HANDLES = 2, WHO_MAX = 128 };

struct control_client {
    struct control_server *server;
    struct holder peer;
    int fd;
    char line[EVICTION_LINE_MAX];
    size_t length;
    uv_poll_t poll;
    uv_timer_t limit;
    unsigned n_handles;
    struct place place;
};

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle)
{
    struct control_client *client = handle->data;
    if (--client->n_handles == 0)
        free(client);
}

static void end(struct control_client *client)
{
    TAILQ_REMOVE(&client->server->places, &client->place, others);
    uv_close((uv_handle_t *)&client->poll, on_closed);
    uv_close((uv_handle_t *)&client->limit, on_closed);
    connection_hang_up(client->fd);
    close(client->fd);
}

/* A new socket has room for any reply. */
static void say(int fd, const char *reply)
{
    (void)!send(fd, reply, strlen(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void say_error(int fd, enum request_error code, const char *why)
{
    char text[REPLY_ERROR_MAX];
    reply_error(text, code, -1, why);
    say(fd, text);
}

static void refuse(int fd, enum request_error code, const char *why)
{
    say_error(fd, code, why);
    connection_hang_up(fd);
    close(fd);
}

/* ---- an eviction ---- */

static void log_eviction(const struct holder *asker, const struct holder *holder)
{
    const struct registration *r = holder->registrations;
    log_caused(LOG_LOST, asker->uid,
               "uid %u, pid %d has evicted %s on %s, and with it %zu other registrations of the "
               "connection of uid %u, pid %d",
               asker->uid, asker->pid, r->name, r->interface, holder->n_registrations - 1,
               holder->uid, holder->pid);
}

/* The keeper sees the hang-up, and drops its copy. */
static void evict(struct connections *set, const struct holder *asker, struct holder *holder)
{
    struct connection *c =
        (struct connection *)((char *)holder - offsetof(struct connection, holder));
    log_eviction(asker, holder);
    char who[WHO_MAX];
    snprintf(who, sizeof who, "uid %u, pid %d has ended this connection", asker->uid, asker->pid);
    char text[REPLY_ERROR_MAX];
    reply_error(text, REQUEST_EVICTED, -1, who);
    registry_drop_holder(set->registry, holder); /* before the end, at which it would linger */
    connection_kick(c, text);
    set->ops->changed(set->owner);
}

/* ---- its line ---- */

/* *names is set if the outcome is REQUEST_OK. */
static enum request_error evict_chosen(struct control_client *client, size_t length, char **names,
                                       char why[static REGISTRY_WHY_MAX])
{
    struct connections *set = client->server->connections;
    struct eviction eviction;
    const char *wrong = eviction_parse(&eviction, client->line, length);
    if (wrong) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", wrong);
        return REQUEST_SYNTAX;
    }
    struct holder *chosen;
    enum choice_outcome outcome = registry_choose(
        set->registry, &client->peer,
        &(struct holder_choice){eviction.name, eviction.number, eviction.socket}, &chosen, why);
    if (outcome != CHOICE_MADE)
        return reply_choice_code(outcome);
    *names = reply_all_names(chosen);
    if (!*names) {
        snprintf(why, REGISTRY_WHY_MAX, "out of memory");
        return REQUEST_LIMIT;
    }
    evict(set, &client->peer, chosen);
    return REQUEST_OK;
}

static void obey(struct control_client *client, size_t length)
{
    char why[REGISTRY_WHY_MAX], *names = NULL;
    enum request_error error = evict_chosen(client, length, &names, why);
    if (names)
        say(client->fd, names);
    else
        say_error(client->fd, error, why);
    free(names);
}

static void give_up(struct control_client *client, enum request_error code, const char *why)
{
    say_error(client->fd, code, why);
    end(client);
}

static void on_limit(uv_timer_t *timer)
{
    give_up(timer->data, REQUEST_TIMEOUT, "no line came");
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct control_client *client = poll->data;
    size_t room = sizeof client->line - client->length;
    ssize_t n = recv(client->fd, client->line + client->length, room, MSG_DONTWAIT);
    (void)status, (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->length += n > 0 ? (size_t)n : 0;
    const char *lf = memchr(client->line, '\n', client->length);
    if (lf) {
        obey(client, (size_t)(lf - client->line));
        end(client);
    } else if (n <= 0 || client->length == sizeof client->line) {
        give_up(client, REQUEST_SYNTAX, n > 0 ? "line longer than 320 octets" : "no end of line");
    }
}

/* ---- admission ---- */

static const struct place_limits limits = {CONTROL_CLIENTS_ROOT, CONTROL_CLIENTS_PER_USER,
                                           CONTROL_CLIENTS_MAX, UINT64_MAX};

/* NULL if memory, or room in the loop, ran out. */
static struct control_client *new_client(struct control_server *server, int fd,
                                         const struct holder *peer)
{
    uv_loop_t *loop = server->connections->loop;
    struct control_client *client = calloc(1, sizeof *client);
    if (!client || uv_poll_init(loop, &client->poll, fd) != 0) {
        free(client);
        return NULL;
    }
    client->server = server;
    client->peer = *peer;
    client->fd = fd;
    client->n_handles = CLIENT_HANDLES;
    client->poll.data = client->limit.data = client;
    uv_timer_init(loop, &client->limit);
    uv_timer_start(&client->limit, on_limit, CONTROL_TIMEOUT_S * 1000, 0);
    uv_poll_start(&client->poll, UV_READABLE, on_readable);
    client->place.owner = peer->owner;
    TAILQ_INSERT_TAIL(&server->places, &client->place, others);
    return client;
}

void control_server_add(struct control_server *server, int fd)
{
    struct holder peer = {0};
    if (!connection_learn_peer(server->connections, &peer, fd)) {
        refuse(fd, REQUEST_LIMIT, "it is not known whose connection this is");
    } else if (!places_have_room(&server->places, &limits, peer.owner)) {
        log_caused(LOG_LIMIT, peer.uid, "uid %u is refused at control: all places are taken",
                   peer.uid);
        refuse(fd, REQUEST_LIMIT, "too many are connected; try again");
    } else if (!new_client(server, fd, &peer)) {
        refuse(fd, REQUEST_LIMIT, "out of memory");
    }
}

void control_server_init(struct control_server *server, struct connections *connections)
{
    *server = (struct control_server){.connections = connections};
    TAILQ_INIT(&server->places);
}

void control_server_close(struct control_server *server)
{
    struct place *place;
    while ((place = TAILQ_FIRST(&server->places)))
        end((struct control_client *)((char *)place - offsetof(struct control_client, place)));
}
