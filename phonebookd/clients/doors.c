#include "doors.h"

#include "../../keeper/protocol.h"
#include "../limits.h"
#include "../log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(SOCKET_PATH_MAX == sizeof((struct sockaddr_un *)NULL)->sun_path, "unix(7)");

static void door_init(struct door *door, const char *name, const char *directory)
{
    *door = (struct door){.name = name, .handed = -1, .kept = -1};
    door->too_long =
        snprintf(door->path, sizeof door->path, "%s/%s", directory, name) >= (int)sizeof door->path;
}

void doors_init(struct doors *doors, const char *directory)
{
    door_init(&doors->all[DOOR_PUBLISH], "publish", directory);
    door_init(&doors->all[DOOR_LIST], "list", directory);
    door_init(&doors->all[DOOR_CONTROL], "control", directory);
    doors->kept = false;
}

/* ---- of the keeper ---- */

/* NAME DEVICE INODE; the last two are those of the path. */
static size_t write_text(char text[static KEEP_LISTENER_MAX], const char *name,
                         const struct listener_place *place)
{
    return (size_t)snprintf(text, KEEP_LISTENER_MAX, "%s %llu %llu", name,
                            (unsigned long long)place->device, (unsigned long long)place->inode);
}

/* Another holder of a copy may have shut it down. */
static bool is_listening(int fd)
{
    struct pollfd poll_fd = {.fd = fd};
    int on = 0;
    socklen_t size = sizeof on;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on &&
           (poll(&poll_fd, 1, 0) == 0 || !(poll_fd.revents & POLLHUP));
}

static bool wants(const struct door *door, int fd, const char *text, size_t length)
{
    struct listener_place place = listener_place_of(door->path);
    char expected[KEEP_LISTENER_MAX];
    return !door->open && door->handed < 0 && door->kept < 0 &&
           write_text(expected, door->name, &place) == length &&
           memcmp(expected, text, length) == 0 && is_listening(fd);
}

void doors_take(struct doors *doors, int fd, const char *text, size_t length)
{
    for (int i = 0; i < DOORS; i++)
        if (wants(&doors->all[i], fd, text, length)) {
            doors->all[i].kept = fd;
            return;
        }
    close(fd);
}

static int keep(struct door *door, struct keeper *keeper)
{
    char text[KEEP_LISTENER_MAX];
    size_t length = write_text(text, door->name, &door->listener.place);
    int fd = door->listener.path ? door->listener.fd : -1;
    return keeper_store_listener(keeper, fd, text, length, strlen(door->name));
}

void doors_keep(struct doors *doors, struct keeper *keeper)
{
    doors->kept = doors->all[DOOR_PUBLISH].open && doors->all[DOOR_LIST].open;
    for (int i = 0; i < DOORS && doors->kept; i++)
        doors->kept = keep(&doors->all[i], keeper) == 0;
}

/* ---- open and close ---- */

/* Calls listen(2) again, so that SO_PEERCRED names this process, and not the phonebookd that made
 * the socket. */
static int open_kept(const struct door *door, const struct listener_options *config)
{
    int error =
        listen(door->kept, LISTEN_BACKLOG) < 0 ? -errno : listener_open_up_path(door->path, config);
    return error ? error : door->kept;
}

/* The socket, or -errno. */
static int find_socket(const struct door *door, const struct listener_options *config)
{
    if (door->handed >= 0)
        return door->handed;
    if (door->too_long)
        return -ENAMETOOLONG;
    return door->kept >= 0 ? open_kept(door, config) : listener_bind(door->path, config);
}

static int open_in_group(const struct door *door, const struct listener_options *config)
{
    struct listener_options ours = {.mode = config->mode};
    int fd = find_socket(door, config);
    if (fd != -EPERM || !config->has_group)
        return fd;
    log_warning("%s: %s; it has the group that phonebookd runs as", door->name, listener_error(fd));
    return find_socket(door, &ours);
}

int door_open(struct door *door, uv_loop_t *loop, const struct listener_options *config,
              void (*accepted)(void *owner, int fd), void *owner)
{
    const char *path = door->handed >= 0 ? NULL : door->path;
    int fd = open_in_group(door, config),
        error = fd < 0 ? fd : listener_init(&door->listener, loop, fd, path, accepted, owner);
    door->open = error == 0;
    if (error)
        log_error("%s: %s", door->path,
                  error == -EADDRINUSE ? "another process has its socket there"
                                       : listener_error(error));
    return error;
}

void doors_hold(struct doors *doors, bool on)
{
    for (int i = 0; i < DOORS; i++)
        if (doors->all[i].open)
            listener_hold(&doors->all[i].listener, on);
}

void doors_close(struct doors *doors)
{
    for (int i = 0; i < DOORS; i++) {
        doors->all[i].listener.stays = doors->kept;
        if (doors->all[i].open)
            listener_close(&doors->all[i].listener);
    }
}
