#include "findings-system.h"

#include "../../common/array.h"
#include "../../common/nss.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns the descriptor or -errno. O_NONBLOCK: opening a FIFO must not wait. A device is refused,
 * because its content may have no end. */
static int open_regular(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int error = 0;
    struct stat status;
    if (fstat(fd, &status) < 0)
        error = -errno;
    else if (!S_ISREG(status.st_mode))
        error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    if (error == 0)
        return fd;
    close(fd);
    return error;
}

/* Reads to the end of the file, which may move meanwhile. Adds a NUL, which is not counted. 0 or
 * -errno. */
static int read_all(struct finding *finding, int fd)
{
    size_t room = 0;
    ssize_t n;
    do {
        if (finding->length > FINDING_FILE_MAX)
            return -EFBIG;
        if (!array_grow(&finding->octets, &room, finding->length + BUFSIZ, 1))
            return -ENOMEM;
        n = read(fd, finding->octets + finding->length, room - finding->length - 1);
        if (n < 0)
            return -errno;
        finding->length += (size_t)n;
    } while (n > 0);
    finding->octets[finding->length] = '\0';
    return 0;
}

static int read_file(struct finding *finding, const char *path)
{
    int fd = open_regular(path);
    if (fd < 0)
        return fd;
    int error = read_all(finding, fd);
    close(fd);
    return error;
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);
    return name[0] != '.' && length > end && strcmp(name + length - end, suffix) == 0;
}

/* Not alphasort(3), which depends on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Frees the n entries. 0 or -errno. */
static int write_names(struct finding *finding, struct dirent **entries, int n, const char *suffix)
{
    size_t room = 0;
    int error = 0;
    for (int i = 0; i < n; i++) {
        size_t length = strlen(entries[i]->d_name) + 1;
        if (!error && ends_in(entries[i]->d_name, suffix)) {
            if (array_grow(&finding->octets, &room, finding->length + length, 1)) {
                memcpy(finding->octets + finding->length, entries[i]->d_name, length);
                finding->length += length;
            } else {
                error = -ENOMEM;
            }
        }
        free(entries[i]);
    }
    free(entries);
    return error;
}

static int read_names(struct finding *finding, const char *path, const char *suffix)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, by_name);
    return n < 0 ? -errno : write_names(finding, entries, n, suffix);
}

static int ask(void *context, enum nss_kind kind, const char *name, uint32_t *id)
{
    (void)context;
    return nss_find(kind, name, id);
}

const struct findings_source findings_system = {
    .file = read_file, .names = read_names, .find = ask, .hostname = gethostname, .user = geteuid};
