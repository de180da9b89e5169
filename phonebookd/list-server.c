#include "list-server.h"

#include "limits.h"
#include "list.h"
#include "log.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGER_BUFFER = 1 << 20 };

struct list_client {
    struct list_server *server;
    uv_pipe_t pipe;
    uv_timer_t limit;
    uv_write_t write;
    char *text; /* owned */
    unsigned handles;
    TAILQ_ENTRY(list_client) others; /* list_server::clients */
};

void list_server_init(struct list_server *server, uv_loop_t *loop, const struct registry *registry,
                      const struct publisher *publisher)
{
    *server = (struct list_server){.loop = loop, .registry = registry, .publisher = publisher};
    TAILQ_INIT(&server->clients);
}

/* What is not a line, as no LF ends it: so that nobody takes what came before it for the whole
 * list, also where that was nothing or has ended with a line. A reader that does not read has left
 * no room for it in the socket; what makes the socket larger does (sock_setsockopt()). */
static void say_cut(int fd)
{
    static const char busy[] = {'b', 'u', 's', 'y'};
    static const int larger = LARGER_BUFFER;

    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &larger, sizeof larger);
    (void)!send(fd, busy, sizeof busy, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void refuse(int fd)
{
    say_cut(fd);
    close(fd);
}

static void on_closed(uv_handle_t *handle)
{
    struct list_client *client = handle->data;

    if (--client->handles > 0)
        return;
    client->server->n_clients--;
    TAILQ_REMOVE(&client->server->clients, client, others);
    free(client->text);
    free(client);
}

static void end(struct list_client *client)
{
    if (uv_is_closing((uv_handle_t *)&client->limit))
        return;
    uv_close((uv_handle_t *)&client->pipe, on_closed);
    uv_close((uv_handle_t *)&client->limit, on_closed);
}

/* Ends a list that is not whole. */
static void cut(struct list_client *client)
{
    uv_os_fd_t fd;

    if (!uv_is_closing((uv_handle_t *)&client->limit) &&
        uv_fileno((uv_handle_t *)&client->pipe, &fd) == 0)
        say_cut(fd);
    end(client);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    end(write->data);
}

static void on_late(uv_timer_t *timer)
{
    cut(timer->data);
}

static void send_list(struct list_client *client)
{
    size_t length = 0;
    uv_buf_t buffer;

    client->text = list_text(client->server->registry, client->server->publisher, &length);
    if (!client->text) {
        log_error("the list could not be written: out of memory");
        cut(client);
        return;
    }
    buffer = uv_buf_init(client->text, (unsigned)length);
    if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &buffer, 1, on_written) != 0)
        cut(client);
}

void list_server_add(struct list_server *server, int fd)
{
    struct list_client *client =
        server->n_clients < LIST_CLIENTS_MAX ? calloc(1, sizeof *client) : NULL;

    if (!client) {
        refuse(fd);
        return;
    }
    client->server = server;
    server->n_clients++;
    TAILQ_INSERT_TAIL(&server->clients, client, others);
    uv_pipe_init(server->loop, &client->pipe, 0);
    uv_timer_init(server->loop, &client->limit);
    client->handles = 2;
    client->pipe.data = client->limit.data = client->write.data = client;
    if (uv_pipe_open(&client->pipe, fd) != 0) {
        refuse(fd);
        end(client);
        return;
    }
    uv_timer_start(&client->limit, on_late, LIST_TIMEOUT_S * 1000, 0);
    uv_unref((uv_handle_t *)&client->limit);
    send_list(client);
}

void list_server_close(struct list_server *server)
{
    struct list_client *client;

    TAILQ_FOREACH (client, &server->clients, others)
        cut(client);
}
