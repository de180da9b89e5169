#include "listener.h"

#include "limits.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* Linux 6.16 */
#endif

/* Descriptors that a client would send us are of no use, and those of its own end would keep its
 * name for ever: refused where the kernel can. Accepted sockets inherit it. */
static void refuse_descriptors(int fd)
{
    int off = 0;

    setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off);
}

/* Is somebody listening at the path? A socket file that nobody listens on is a leftover. */
static bool is_answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool answered =
        fd >= 0 &&
        (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);

    if (fd >= 0)
        close(fd);
    return answered;
}

/* Makes way for a socket; what is none is somebody's file. */
static int remove_leftover(const char *path)
{
    struct stat status;

    if (lstat(path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -EEXIST;
    return unlink(path) < 0 ? -errno : 0;
}

static int bind_private(int fd, const struct sockaddr_un *address)
{
    mode_t before = umask(0177); /* nobody else may connect until mode and group are right */
    int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int error = errno;

    umask(before);
    return result < 0 ? -error : 0;
}

static int open_up(const char *path, const struct socket_config *config)
{
    gid_t group = config->has_group ? config->group : getegid();

    if (lchown(path, (uid_t)-1, group) < 0)
        return -errno;
    return chmod(path, config->mode) < 0 ? -errno : 0;
}

int listener_open_up(const struct listener *listener, const struct socket_config *config)
{
    return listener->path ? open_up(listener->path, config) : 0;
}

int listener_bind(const char *path, const struct socket_config *config)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd, error;

    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    if (is_answered(&address))
        return -EADDRINUSE;
    error = remove_leftover(path);
    if (error)
        return error;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    refuse_descriptors(fd);
    error = bind_private(fd, &address);
    if (error)
        goto err_fd;
    if (listen(fd, LISTEN_BACKLOG) < 0)
        error = -errno;
    if (!error)
        error = open_up(path, config);
    if (!error)
        return fd;
    unlink(path);
err_fd:
    close(fd);
    return error;
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_rested(uv_timer_t *timer)
{
    struct listener *listener = timer->data;

    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

static void take_a_rest(struct listener *listener, int error)
{
    if (!listener->complained)
        log_warning("no connection can be accepted just now: %s", strerror(error));
    listener->complained = true;
    uv_poll_stop(&listener->poll);
    uv_timer_start(&listener->rest, on_rested, ACCEPT_REST_MS, 0);
}

/* False where there is no more to accept in this turn. */
static bool accept_one(struct listener *listener)
{
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0) {
        listener->complained = false;
        listener->accepted(listener->owner, fd);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        take_a_rest(listener, errno);
    return errno == ECONNABORTED || errno == EINTR;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;

    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN && accept_one(listener); i++)
        ;
    if (status < 0 && !uv_is_active((uv_handle_t *)&listener->rest))
        take_a_rest(listener, -status);
}

int listener_init(struct listener *listener, uv_loop_t *loop, int fd, const char *path,
                  void (*accepted)(void *owner, int fd), void *owner)
{
    int error;

    refuse_descriptors(fd); /* a supervisor's too */
    *listener = (struct listener){.fd = fd, .accepted = accepted, .owner = owner};
    if (path && !(listener->path = strdup(path)))
        return -ENOMEM;
    error = uv_poll_init(loop, &listener->poll, fd);
    if (error) {
        free(listener->path);
        return error;
    }
    uv_timer_init(loop, &listener->rest);
    listener->poll.data = listener->rest.data = listener;
    return uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

void listener_close(struct listener *listener)
{
    if (listener->path)
        unlink(listener->path);
    free(listener->path);
    uv_close((uv_handle_t *)&listener->poll, NULL);
    uv_close((uv_handle_t *)&listener->rest, NULL);
    close(listener->fd);
}
