#include "data-files.h"

#include "../common/own-file.h"
#include "image-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
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
    char *path;             /* owned */
    int directory;          /* -1 if the last attempt to open it failed */
    int lock;               /* the locked file in it; -1 in the same case */
    bool in_memory;         /* the directory is on a tmpfs */
    int cdb;                /* data.cdb, open for writing; -1: none that this process made */
    struct temporary spare; /* the data.cdb before that; not made: none */
    uint32_t last_serial;
};

/* ---- temporary names ---- */

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

/* Removes the file that has the temporary name now. */
static void temporary_drop(struct temporary *temporary, int directory)
{
    if (temporary->fd < 0)
        return;
    unlinkat(directory, temporary->name, 0);
    close(temporary->fd);
    temporary->fd = -1;
}

/* ---- the directory ---- */

/* Makes the directory whose path is `path` up to `end`. mkdir(2) applies the umask, so the mode is
 * set again, unless the directory existed. */
static int make_directory(char *path, char *end)
{
    char saved = *end;
    *end = '\0';
    int error = 0;
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
    if (!path)
        return -ENOMEM;
    int error = 0;
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
    int fd = own_file_open(directory, DATABASE_LOCK, 0);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int error = -errno;
    close(fd);
    return error;
}

/* We hold the lock, so nobody uses files with such names. */
static void remove_leftovers(int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct dirent *entry;
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
    uint32_t last = 0, inside = 0;
    int fd = openat(directory, "data.cdb", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
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
    temporary_drop(&files->spare, files->directory);
    if (files->cdb >= 0)
        close(files->cdb);
    if (files->directory >= 0)
        close(files->directory);
    if (files->lock >= 0)
        close(files->lock);
    files->directory = files->lock = files->cdb = -1;
}

static bool is_in_memory(int directory)
{
    struct statfs status;
    return fstatfs(directory, &status) == 0 && status.f_type == TMPFS_MAGIC;
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
    if (is_settled(files))
        return 0;
    close_directory(files);
    files->directory = open_directory(files->path);
    int error = 0;
    if (files->directory < 0)
        error = files->directory;
    else if ((files->lock = take_lock(files->directory)) < 0)
        error = files->lock;
    if (error < 0) {
        close_directory(files);
        return error;
    }
    files->in_memory = is_in_memory(files->directory);
    remove_leftovers(files->directory);
    uint32_t last = read_last_serial(files->directory);
    if (last > files->last_serial)
        files->last_serial = last;
    return 0;
}

int data_files_open(struct data_files **files, const char *directory)
{
    struct data_files *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->directory = opened->lock = opened->cdb = opened->spare.fd = -1;
    opened->path = strdup(directory);
    int error = opened->path ? settle(opened) : -ENOMEM;
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

/* Sets mode and time, and syncs to the disk if there is one. The time of `data` is the serial that
 * tinydns-data would use for a zone without one. */
static int finish_file(int fd, uint32_t serial)
{
    struct timespec times[2] = {{.tv_sec = serial}, {.tv_sec = serial}};
    if (fchmod(fd, FILE_MODE) < 0 || futimens(fd, times) < 0 || fsync(fd) < 0)
        return -errno;
    return 0;
}

/* ---- data.cdb and the spare file ---- */

/* Is this the file's only name? */
static bool is_named(int fd, int directory, const char *name)
{
    struct stat file, named;
    return fstat(fd, &file) == 0 && file.st_nlink == 1 &&
           fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_dev == file.st_dev && named.st_ino == file.st_ino;
}

/* The kernel grants a write lease only if nobody else has the file open or mapped (fcntl(2)). A
 * process that opens the file later waits until we return the lease, and we get a signal: SIGURG,
 * because by default it has no effect. */
static bool take_lease(int fd)
{
    return fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
}

/* Makes the spare file ready to be written: the one that is there, if nobody reads it any more, or
 * a new one. */
static int take_spare(struct data_files *files)
{
    struct temporary *spare = &files->spare;
    if (spare->fd >= 0 && files->in_memory && is_named(spare->fd, files->directory, spare->name) &&
        take_lease(spare->fd))
        return 0;
    temporary_drop(spare, files->directory);
    return temporary_open(spare, files->directory);
}

/* The replaced file becomes the spare one. If it is not exchanged, it has no name any more, and
 * lives until we drop it, so that the DNS server does not spend the time to free it. */
static int put_in_place(struct data_files *files)
{
    struct temporary *spare = &files->spare;
    int directory = files->directory, old = files->cdb;
    bool exchange = files->in_memory && old >= 0 && is_named(old, directory, "data.cdb");
    if (old < 0)
        old = openat(directory, "data.cdb", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    fcntl(spare->fd, F_SETLEASE, F_UNLCK); /* fails if there is no lease */
    if (renameat2(directory, spare->name, directory, "data.cdb", exchange ? RENAME_EXCHANGE : 0) <
        0) {
        int error = -errno;
        if (old != files->cdb)
            close(old);
        return error;
    }
    files->cdb = spare->fd;
    spare->fd = old;
    return 0;
}

int data_files_write_cdb(struct data_files *files, const struct image *image)
{
    int error = settle(files);
    if (error == 0)
        error = take_spare(files);
    if (error == 0)
        error = image_write_cdb(files->spare.fd, image);
    if (error == 0)
        error = finish_file(files->spare.fd, image->serial);
    if (error == 0)
        error = put_in_place(files);
    if (error < 0) /* on a full disk, the spare file may occupy the room that is missing */
        temporary_drop(&files->spare, files->directory);
    return error;
}

/* ---- data ---- */

/* Writes a temporary file, then renames it. */
static int replace_text(const struct data_files *files, const struct image *image,
                        const struct static_image *const *images, size_t n_images)
{
    struct temporary file = {.fd = -1};
    int error = temporary_open(&file, files->directory);
    if (error == 0)
        error = image_write_text(file.fd, image, images, n_images);
    if (error == 0)
        error = finish_file(file.fd, image->serial);
    if (error == 0 && renameat(files->directory, file.name, files->directory, "data") < 0)
        error = -errno;
    if (error < 0)
        temporary_drop(&file, files->directory);
    else
        close(file.fd);
    return error;
}

/* The spare file may occupy the room that is missing. If the last step fails, a power failure could
 * bring back the old files; the files are replaced all the same. */
int data_files_write_text(struct data_files *files, const struct image *image,
                          const struct static_image *const *images, size_t n_images)
{
    int error = is_settled(files) ? replace_text(files, image, images, n_images) : -ESTALE;
    if (error < 0 && files->spare.fd >= 0) {
        temporary_drop(&files->spare, files->directory);
        return data_files_write_text(files, image, images, n_images);
    }
    if (files->directory >= 0)
        (void)!fsync(files->directory);
    return error;
}

bool data_files_are_quick(const struct data_files *files, size_t octets)
{
    return octets < DATA_FILES_QUICK_MAX && files->in_memory;
}
