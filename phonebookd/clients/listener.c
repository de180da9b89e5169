#include "listener.h"

#include "../../common/unix-socket.h"
#include "../limits.h"
#include "../log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* Linux 6.16 */
#endif

/* Refuses descriptors that clients send, if the kernel can do so: they are useless, and a client's
 * own end among them would keep its name for ever. Accepted sockets inherit the setting. */
static void refuse_descriptors(int fd)
{
    int off = 0;
    setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off);
}

int listener_open_up_path(const char *path, const struct listener_options *config)
{
    gid_t group = config->has_group ? config->group : getegid();
    if (lchown(path, (uid_t)-1, group) < 0)
        return -errno;
    return chmod(path, config->mode) < 0 ? -errno : 0;
}

int listener_open_up(const struct listener *listener, const struct listener_options *config)
{
    return listener->path ? listener_open_up_path(listener->path, config) : 0;
}

struct listener_place listener_place_of(const char *path)
{
    struct stat status = {.st_ino = 0};
    lstat(path, &status);
    return (struct listener_place){status.st_dev, status.st_ino};
}

static bool is_in_place(const struct listener *listener)
{
    struct listener_place place = listener_place_of(listener->path);
    return place.device == listener->place.device && place.inode == listener->place.inode;
}

int listener_bind(const char *path, const struct listener_options *config)
{
    int fd = unix_socket_bind(path, SOCK_STREAM);
    if (fd < 0)
        return fd;
    refuse_descriptors(fd);
    int error = 0;
    if (listen(fd, LISTEN_BACKLOG) < 0)
        error = -errno;
    if (!error)
        error = listener_open_up_path(path, config);
    if (!error)
        return fd;
    unlink(path);
    close(fd);
    return error;
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_rested(uv_timer_t *timer)
{
    struct listener *listener = timer->data;
    uv_poll_start(&listener->poll, UV_READABLE | UV_DISCONNECT, on_readable);
}

static void take_a_rest(struct listener *listener, int error)
{
    if (!listener->complained)
        log_caused(LOG_LIMIT, LOG_NOBODY, "no connection can be accepted just now: %s",
                   strerror(error));
    listener->complained = true;
    uv_poll_stop(&listener->poll);
    uv_timer_start(&listener->rest, on_rested, ACCEPT_REST_MS, 0);
}

/* A client that has hung up already is dropped here. So a client that connects and closes without
 * end costs two system calls each time, and no place, no answer and no copy with the keeper. */
static bool is_gone(int fd)
{
    struct pollfd peer = {.fd = fd};
    return poll(&peer, 1, 0) > 0 && peer.revents & POLLHUP;
}

/* Takes over `fd`. True if the client has not hung up. */
static bool hand_on(struct listener *listener, int fd)
{
    if (listener->complained)
        log_caused_over(LOG_LIMIT, LOG_NOBODY, "connections can be accepted again");
    listener->complained = false;
    if (is_gone(fd)) {
        close(fd);
        return false;
    }
    listener->accepted(listener->owner, fd);
    return true;
}

/* False if nothing is left to accept in this turn. *n counts the clients that have not hung up. */
static bool accept_one(struct listener *listener, unsigned *n)
{
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        *n += hand_on(listener, fd);
    if (fd >= 0 || errno == ECONNABORTED || errno == EINTR)
        return true;
    if (errno != EAGAIN)
        take_a_rest(listener, errno);
    return false;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;
    if (status == 0 && events & UV_DISCONNECT)
        status = -ESHUTDOWN;
    unsigned n = 0;
    for (int i = 0; i < ACCEPTS_PER_TURN && n < NEWCOMERS_PER_TURN && accept_one(listener, &n); i++)
        ;
    if (status < 0 && !uv_is_active((uv_handle_t *)&listener->rest))
        take_a_rest(listener, -status);
}

int listener_init(struct listener *listener, uv_loop_t *loop, int fd, const char *path,
                  void (*accepted)(void *owner, int fd), void *owner)
{
    refuse_descriptors(fd); /* a supervisor's too */
    *listener = (struct listener){.fd = fd, .accepted = accepted, .owner = owner};
    if (path && !(listener->path = strdup(path)))
        return -ENOMEM;
    if (path)
        listener->place = listener_place_of(path);
    int error = uv_poll_init(loop, &listener->poll, fd);
    if (error) {
        free(listener->path);
        return error;
    }
    uv_timer_init(loop, &listener->rest);
    listener->poll.data = listener->rest.data = listener;
    return uv_poll_start(&listener->poll, UV_READABLE | UV_DISCONNECT, on_readable);
}

void listener_hold(struct listener *listener, bool on)
{
    uv_timer_stop(&listener->rest);
    if (on)
        uv_poll_stop(&listener->poll);
    else
        on_rested(&listener->rest);
}

const char *listener_error(int error)
{
    return error == -EPERM ? "phonebookd is not in the group that it should have"
                           : strerror(-error);
}

void listener_close(struct listener *listener)
{
    if (listener->path && !listener->stays && is_in_place(listener))
        unlink(listener->path);
    free(listener->path);
    uv_close((uv_handle_t *)&listener->poll, NULL);
    uv_close((uv_handle_t *)&listener->rest, NULL);
    close(listener->fd);
}
