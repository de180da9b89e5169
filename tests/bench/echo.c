/* echo SOCKET: the least that a server of this kind can do with libuv, to measure phonebookd by.
 *
 * Happy path: a connection is accepted into memory of its own; each line that comes is answered
 * with "ok\n"; the end of the connection frees it. Failure modes: whatever goes wrong with a
 * connection ends that connection; no reply is ever queued. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { BACKLOG = 4096, READ_ROOM = 64 * 1024 };

struct server {
    uv_loop_t loop;
    uv_pipe_t listener;
    char room[READ_ROOM]; /* one for all: what is read is used at once */
};

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct server *server = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(server->room, sizeof server->room);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    const char *from = buffer->base;
    if (length < 0) {
        uv_close((uv_handle_t *)stream, on_closed);
        return;
    }
    for (const char *end = from + length; (from = memchr(from, '\n', (size_t)(end - from)));
         from++) {
        uv_buf_t reply = uv_buf_init("ok\n", 3);
        if (uv_try_write(stream, &reply, 1) < 0) {
            uv_close((uv_handle_t *)stream, on_closed);
            return;
        }
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    uv_pipe_t *client = status < 0 ? NULL : malloc(sizeof *client);
    if (!client)
        return;
    uv_pipe_init(listener->loop, client, 0);
    client->data = listener->data;
    if (uv_accept(listener, (uv_stream_t *)client) < 0 ||
        uv_read_start((uv_stream_t *)client, on_room, on_read) < 0)
        uv_close((uv_handle_t *)client, on_closed);
}

int main(int argc, char **argv)
{
    static struct server server;
    if (argc != 2)
        return 100;
    uv_loop_init(&server.loop);
    uv_pipe_init(&server.loop, &server.listener, 0);
    server.listener.data = &server;
    int error = uv_pipe_bind(&server.listener, argv[1]);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&server.listener, BACKLOG, on_connection);
    if (error < 0) {
        fprintf(stderr, "echo: %s: %s\n", argv[1], uv_strerror(error));
        return 111;
    }
    return uv_run(&server.loop, UV_RUN_DEFAULT);
}
