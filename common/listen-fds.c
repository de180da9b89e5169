#include "listen-fds.h"

#include "number.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- finding a descriptor ---- */

/* -1 if the variable is missing, or not a number. */
static int number_in(const char *variable)
{
    const char *text = getenv(variable);
    return text ? (int)number_of(text, strlen(text), INT_MAX) : -1;
}

int listen_fds_count(void)
{
    int count = number_in("LISTEN_FDS");
    if (count <= 0 || number_in("LISTEN_PID") != getpid())
        return 0;
    return count > LISTEN_FDS_MAX ? LISTEN_FDS_MAX : count;
}

static bool is_bound_to(int fd, const char *path)
{
    struct sockaddr_un address = {0};
    socklen_t length = sizeof address;
    return getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
           address.sun_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path) &&
           strncmp(address.sun_path, path, sizeof address.sun_path) == 0;
}

/* LISTEN_FDNAMES has one field per descriptor, separated by colons. */
bool listen_fds_is_named(int fd, const char *name)
{
    int index = fd - LISTEN_FDS_FIRST;
    const char *names = getenv("LISTEN_FDNAMES");
    size_t length = strlen(name);
    for (; names && index > 0; index--) {
        names = strchr(names, ':');
        names = names ? names + 1 : NULL;
    }
    return names && strncmp(names, name, length) == 0 &&
           (names[length] == ':' || names[length] == '\0');
}

int listen_fds_find(const char *name, const char *path)
{
    int n = listen_fds_count();
    for (int i = 0; i < n; i++)
        if (is_bound_to(LISTEN_FDS_FIRST + i, path))
            return LISTEN_FDS_FIRST + i;
    for (int i = 0; i < n; i++)
        if (listen_fds_is_named(LISTEN_FDS_FIRST + i, name))
            return LISTEN_FDS_FIRST + i;
    return -1;
}

/* ---- checking a descriptor ---- */

static int option_of(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    getsockopt(fd, SOL_SOCKET, option, &value, &size);
    return value;
}

/* The last of each table stands for all other values. */
static const struct name {
    int value;
    const char *text;
} types[] = {{SOCK_STREAM, "SOCK_STREAM"},
             {SOCK_DGRAM, "SOCK_DGRAM"},
             {SOCK_SEQPACKET, "SOCK_SEQPACKET"},
             {0, "other"}},
  families[] = {{AF_UNIX, "AF_UNIX"},
                {AF_INET, "AF_INET"},
                {AF_INET6, "AF_INET6"},
                {0, "another family"}},
  files[] = {{S_IFIFO, "a pipe"},   {S_IFREG, "a regular file"}, {S_IFDIR, "a directory"},
             {S_IFCHR, "a device"}, {S_IFBLK, "a device"},       {0, "no socket"}};

static const char *name_of(const struct name *name, int value)
{
    while (name->value && name->value != value)
        name++;
    return name->text;
}

static void describe(int fd, char text[static LISTEN_FDS_TEXT_MAX])
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        strcpy(text, "not open");
    else if (!S_ISSOCK(status.st_mode))
        strcpy(text, name_of(files, (int)(status.st_mode & S_IFMT)));
    else
        snprintf(text, LISTEN_FDS_TEXT_MAX, "a%s %s socket of %s",
                 option_of(fd, SO_ACCEPTCONN) ? " listening" : " non-listening",
                 name_of(types, option_of(fd, SO_TYPE)),
                 name_of(families, option_of(fd, SO_DOMAIN)));
}

bool listen_fds_take(int fd, int type, char why[static LISTEN_FDS_TEXT_MAX])
{
    char needed[LISTEN_FDS_TEXT_MAX];
    snprintf(needed, sizeof needed, "a listening %s socket of AF_UNIX", name_of(types, type));
    char found[LISTEN_FDS_TEXT_MAX];
    describe(fd, found);
    if (strcmp(found, needed) != 0) {
        snprintf(why, LISTEN_FDS_TEXT_MAX, "descriptor %d is %.60s, and must be %.60s", fd, found,
                 needed);
        return false;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return true;
}
