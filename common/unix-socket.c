#include "unix-socket.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A new socket and its address; or -errno. */
static int make(struct sockaddr_un *address, const char *path, int type)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd < 0 ? -errno : fd;
}

int unix_socket_connect(const char *path, int type)
{
    struct sockaddr_un address;
    int fd = make(&address, path, type);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = -errno;
    close(fd);
    return error;
}

/* Is the process gone that listened at the other end (SO_PEERCRED)? A process that only holds a
 * copy of its socket, such as a keeper, does not serve it. */
static bool is_orphaned(int fd)
{
    struct ucred who = {0};
    socklen_t size = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid > 0 &&
           kill(who.pid, 0) < 0 && errno == ESRCH;
}

/* Removes a socket that no process has any more. Such a socket refuses a connection; a socket with
 * a full queue or of another type belongs to somebody (unix(7), unix_find_bsd()). */
static int remove_leftover(const char *path, int type)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -EEXIST;
    int fd = unix_socket_connect(path, type);
    bool orphaned = fd >= 0 && is_orphaned(fd);
    if (fd >= 0)
        close(fd);
    if ((fd >= 0 && !orphaned) || fd == -EAGAIN || fd == -EPROTOTYPE)
        return -EADDRINUSE;
    if (fd != -ECONNREFUSED && !orphaned)
        return fd == -ENOENT ? 0 : fd;
    return unlink(path) < 0 ? -errno : 0;
}

int unix_socket_bind(const char *path, int type)
{
    struct sockaddr_un address;
    int fd = make(&address, path, type);
    if (fd < 0)
        return fd;
    int error = remove_leftover(path, type);
    mode_t before = umask(0177); /* nobody else may connect until the caller allows it */
    if (error == 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        error = -errno;
    umask(before);
    if (error == 0)
        return fd;
    close(fd);
    return error;
}
