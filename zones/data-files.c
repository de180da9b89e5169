#include "data-files.h"

#include "../common/own-file.h"
#include "image-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    DIRECTORY_MODE = 0755, /* servers run as other users: each needs access, */
    FILE_MODE = 0644,      /* and must be able to read, whatever our umask is */
    TEMPORARY_TRIES = 16,
};

static const char temporary_prefix[] = ".phonebook.";

struct temporary {
    int fd; /* -1: not made */
    char name[sizeof temporary_prefix + 6];
};

struct data_files {
    char *path;    /* owned */
    int directory; /* -1 if the last attempt to open it failed */
    int lock;      /* the locked file in it; -1 in the same case */
    int old;       /* the replaced data.cdb, -1: none */
    uint32_t last_serial;
};

/* Makes the directory whose path is `path` up to `end`. mkdir(2) applies the umask, so the mode is
 * set again, unless the directory existed. */
static int make_directory(char *path, char *end)
{
    char saved = *end;
    int error = 0;

    *end = '\0';
    if (mkdir(path, DIRECTORY_MODE) == 0) {
        if (chmod(path, DIRECTORY_MODE) < 0)
            error = -errno;
    } else if (errno != EEXIST) {
        error = -errno;
    }
    *end = saved;
    return error;
}

int data_files_make_directory(const char *directory)
{
    char *path = strdup(directory);
    int error = 0;

    if (!path)
        return -ENOMEM;
    for (char *end = path; error == 0 && *end;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        error = make_directory(path, end);
    }
    free(path);
    return error;
}

static int open_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        int error = data_files_make_directory(path);

        if (error < 0)
            return error;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return fd < 0 ? -errno : fd;
}

/* The locked file, or -errno. */
static int take_lock(int directory)
{
    int fd = own_file_open(directory, DATABASE_LOCK, 0), error;

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    error = -errno;
    close(fd);
    return error;
}

/* We hold the lock, so nobody uses files with such names. */
static void remove_leftovers(int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!stream) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(stream)))
        if (strncmp(entry->d_name, temporary_prefix, strlen(temporary_prefix)) == 0)
            unlinkat(directory, entry->d_name, 0);
    closedir(stream);
}

/* The mtime of a file, which is its serial; 0 if it cannot be one. */
static uint32_t serial_of(const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_mtime > 0 && status->st_mtime <= UINT32_MAX
               ? (uint32_t)status->st_mtime
               : 0;
}

/* The largest serial of: data.cdb's SOA, and the times of both files. */
static uint32_t read_last_serial(int directory)
{
    struct stat status;
    uint32_t last = 0, inside = 0;
    int fd = openat(directory, "data.cdb", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0) {
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
            last = serial_of(&status);
            inside = image_file_serial(fd);
        }
        close(fd);
    }
    if (fstatat(directory, "data", &status, AT_SYMLINK_NOFOLLOW) == 0 && serial_of(&status) > last)
        last = serial_of(&status);
    return inside > last ? inside : last;
}

static void close_directory(struct data_files *files)
{
    if (files->directory >= 0)
        close(files->directory);
    if (files->lock >= 0)
        close(files->lock);
    files->directory = files->lock = -1;
}

/* Is the directory still at its path, and our lock file still in it? */
static bool is_settled(const struct data_files *files)
{
    struct stat ours, now, lock;

    return files->directory >= 0 && fstat(files->directory, &ours) == 0 &&
           stat(files->path, &now) == 0 && ours.st_dev == now.st_dev && ours.st_ino == now.st_ino &&
           fstat(files->lock, &lock) == 0 && lock.st_nlink > 0;
}

/* Opens and locks the directory at the path. */
static int settle(struct data_files *files)
{
    uint32_t last;
    int error = 0;

    if (is_settled(files))
        return 0;
    close_directory(files);
    files->directory = open_directory(files->path);
    if (files->directory < 0)
        error = files->directory;
    else if ((files->lock = take_lock(files->directory)) < 0)
        error = files->lock;
    if (error < 0) {
        close_directory(files);
        return error;
    }
    remove_leftovers(files->directory);
    last = read_last_serial(files->directory);
    if (last > files->last_serial)
        files->last_serial = last;
    return 0;
}

int data_files_open(struct data_files **files, const char *directory)
{
    struct data_files *opened = calloc(1, sizeof *opened);
    int error;

    if (!opened)
        return -ENOMEM;
    opened->directory = opened->lock = opened->old = -1;
    opened->path = strdup(directory);
    error = opened->path ? settle(opened) : -ENOMEM;
    if (error < 0) {
        data_files_close(opened);
        return error;
    }
    *files = opened;
    return 0;
}

const char *data_files_error(int error)
{
    switch (error) {
    case -EWOULDBLOCK:
        return "another process writes there";
    case -EEXIST:
        return DATABASE_LOCK " in it is another user's, or no regular file; remove it";
    }
    return strerror(-error);
}

void data_files_close(struct data_files *files)
{
    if (!files)
        return;
    data_files_release_old(files);
    close_directory(files);
    free(files->path);
    free(files);
}

uint32_t data_files_next_serial(struct data_files *files, int64_t now)
{
    uint32_t next = files->last_serial + 1;

    if (now > files->last_serial && now <= UINT32_MAX)
        next = (uint32_t)now;
    if (next == 0) /* tinydns-data takes 0 for "none given"; serials wrap around (RFC 1982) */
        next = 1;
    files->last_serial = next;
    return next;
}

static int temporary_open(struct temporary *temporary, int directory)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32: no bias */
    uint8_t random[6];

    for (int try = 0; try < TEMPORARY_TRIES; try++) {
        char *to = stpcpy(temporary->name, temporary_prefix);

        if (getrandom(random, sizeof random, 0) != sizeof random)
            return -EIO;
        for (size_t i = 0; i < sizeof random; i++)
            *to++ = letters[random[i] % 32];
        *to = '\0';
        temporary->fd = openat(directory, temporary->name,
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
        if (temporary->fd >= 0)
            return 0;
        if (errno != EEXIST)
            return -errno;
    }
    return -EBUSY;
}

/* Removes whatever has the temporary name now. */
static void temporary_drop(struct temporary *temporary, int directory)
{
    if (temporary->fd < 0)
        return;
    unlinkat(directory, temporary->name, 0);
    close(temporary->fd);
    temporary->fd = -1;
}

/* Sets mode and time, and syncs to the disk if there is one. The time of `data` is the serial that
 * tinydns-data would use for a zone without one. */
static int finish_file(int fd, uint32_t serial)
{
    struct timespec times[2] = {{.tv_sec = serial}, {.tv_sec = serial}};

    if (fchmod(fd, FILE_MODE) < 0 || futimens(fd, times) < 0 || fsync(fd) < 0)
        return -errno;
    return 0;
}

/* O_PATH keeps the file alive like any descriptor, and has no effect on another kind of file. */
static void keep_old(struct data_files *files)
{
    data_files_release_old(files);
    files->old = openat(files->directory, "data.cdb", O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- one file ---- */

/* What is written into a file, and how. */
struct filling {
    int (*fill)(int fd, const struct filling *filling);
    const struct image *image;
    const struct static_image *const *images; /* of the text */
    size_t n_images;
};

static int fill_cdb(int fd, const struct filling *filling)
{
    int error = image_write_cdb(fd, filling->image);

    return error < 0 ? error : image_check_cdb(fd, filling->image);
}

static int fill_text(int fd, const struct filling *filling)
{
    return image_write_text(fd, filling->image, filling->images, filling->n_images);
}

/* Writes a temporary file, then renames it. */
static int replace(struct data_files *files, const char *name, const struct filling *filling)
{
    struct temporary file = {.fd = -1};
    int error = temporary_open(&file, files->directory);

    if (error == 0)
        error = filling->fill(file.fd, filling);
    if (error == 0)
        error = finish_file(file.fd, filling->image->serial);
    if (error == 0 && renameat(files->directory, file.name, files->directory, name) < 0)
        error = -errno;
    if (error < 0)
        temporary_drop(&file, files->directory);
    else
        close(file.fd);
    return error;
}

int data_files_write_cdb(struct data_files *files, const struct image *image)
{
    struct filling filling = {.fill = fill_cdb, .image = image};
    int error = settle(files);

    if (error == 0) {
        keep_old(files);
        error = replace(files, "data.cdb", &filling);
    }
    if (error < 0) /* on a full disk, the old file may occupy the room that is missing */
        data_files_release_old(files);
    return error;
}

/* If the last step fails, a power failure could bring back the old files; the files are replaced
 * all the same. */
int data_files_write_text(struct data_files *files, const struct image *image,
                          const struct static_image *const *images, size_t n_images)
{
    struct filling filling = {
        .fill = fill_text, .image = image, .images = images, .n_images = n_images};
    int error = is_settled(files) ? replace(files, "data", &filling) : -ESTALE;

    if (error < 0)
        data_files_release_old(files);
    if (files->directory >= 0)
        (void)!fsync(files->directory);
    return error;
}

bool data_files_are_quick(const struct data_files *files, size_t octets)
{
    struct statfs status;

    return octets < DATA_FILES_QUICK_MAX && files->directory >= 0 &&
           fstatfs(files->directory, &status) == 0 && status.f_type == TMPFS_MAGIC;
}

void data_files_release_old(struct data_files *files)
{
    if (files->old >= 0)
        close(files->old);
    files->old = -1;
}
