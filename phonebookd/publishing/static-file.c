#include "static-file.h"

#include "../../zones/config/complaints.h"
#include "../limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 3 }; /* attempts to read a file that changes meanwhile */

/* ---- versions ---- */

static struct static_version version_from(const struct stat *status, bool readable)
{
    return (struct static_version){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = status->st_size,
        .modified = status->st_mtim,
        .changed = status->st_ctim,
        .readable = readable,
    };
}

void static_version_of(struct static_version *version, const char *path)
{
    *version = (struct static_version){.inode = 0};
    struct stat status;
    if (stat(path, &status) == 0)
        *version = version_from(&status, eaccess(path, R_OK) == 0);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool static_version_equal(const struct static_version *a, const struct static_version *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->readable == b->readable && same_time(&a->modified, &b->modified) &&
           same_time(&a->changed, &b->changed);
}

/* ---- reading ---- */

static int read_octets(int fd, char *text, size_t size, size_t *length)
{
    *length = 0;
    while (*length < size) {
        ssize_t n = pread(fd, text + *length, size - *length, (off_t)*length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        *length += (size_t)n;
    }
    return 0;
}

/* The text is from malloc(3), with room for one octet more. 0 or -errno. */
static int read_text(int fd, struct static_version *version, char **text, size_t *length)
{
    *text = NULL;
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    *version = version_from(&status, true);
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    if (status.st_size > STATIC_FILE_MAX)
        return -EFBIG;
    *text = malloc((size_t)status.st_size + 1);
    int error = *text ? read_octets(fd, *text, (size_t)status.st_size, length) : -ENOMEM;
    if (error < 0) {
        free(*text);
        *text = NULL;
    }
    return error;
}

/* If the file changes while it is read, reads it again, up to TRIES times. */
static int read_settled(int fd, struct static_version *version, char **text, size_t *length)
{
    struct stat status;
    for (int try = 1;; try++) {
        int error = read_text(fd, version, text, length);
        if (error < 0 || fstat(fd, &status) < 0)
            return error;
        struct static_version now = version_from(&status, true);
        if (try == TRIES || static_version_equal(&now, version))
            return 0;
        free(*text);
        *text = NULL;
    }
}

/* O_NONBLOCK: opening a FIFO must not wait. */
static int read_file(struct static_reading *reading, char **text, size_t *length)
{
    int fd = open(reading->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        int error = -errno;
        static_version_of(&reading->version, reading->path);
        return error;
    }
    int error = read_settled(fd, &reading->version, text, length);
    close(fd);
    return error;
}

/* A tinydns_refused. */
static void on_refused(void *context, size_t line, const char *why)
{
    struct static_reading *reading = context;
    if (reading->complaints.count < reading->n_told_most)
        complain(&reading->complaints, reading->path, (unsigned)line, NULL, "%s", why);
}

static const char *error_text(int error)
{
    return error == -EINVAL ? "is not a regular file" : strerror(-error);
}

void static_file_read(struct static_reading *reading)
{
    reading->image = NULL;
    reading->refused = 0;
    reading->complaints = (struct complaints){.text = NULL};
    char *text = NULL;
    size_t length = 0;
    reading->error = read_file(reading, &text, &length);
    if (reading->error == 0) {
        reading->image = static_image_new(text, length, on_refused, reading, &reading->refused);
        if (!reading->image && reading->refused == 0)
            reading->error = -ENOMEM;
    }
    if (reading->error < 0)
        complain(&reading->complaints, reading->path, 0, NULL, "%s", error_text(reading->error));
    else if (reading->refused > reading->complaints.count)
        complain(&reading->complaints, reading->path, 0, NULL, "%zu more lines are refused",
                 reading->refused - reading->complaints.count);
}
