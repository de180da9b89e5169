#include "own-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWN_MODE = 0600 };

static int claim(int fd, int directory)
{
    struct stat file, above;
    if (fstat(fd, &file) < 0 || fstat(directory, &above) < 0)
        return -errno;
    if (!S_ISREG(file.st_mode) || (file.st_uid != geteuid() && file.st_uid != above.st_uid))
        return -EEXIST;
    if (geteuid() == 0 && file.st_uid != above.st_uid)
        (void)!fchown(fd, above.st_uid, (gid_t)-1);
    return (file.st_mode & 07777) != OWN_MODE && fchmod(fd, OWN_MODE) < 0 ? -errno : 0;
}

/* O_NONBLOCK: opening a FIFO of that name must not wait. */
int own_file_open(int directory, const char *name, int flags)
{
    int fd =
        openat(directory, name,
               O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, OWN_MODE);
    int error = -errno;
    struct stat status;
    if (fd < 0) /* the file exists, and is not ours, because we cannot open it */
        return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? -EEXIST : error;
    error = claim(fd, directory);
    if (error == 0)
        return fd;
    close(fd);
    return error;
}
