#include "fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int fifo_open(const char *path, bool *seen)
{
    int looked = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    *seen = looked >= 0 && fstat(looked, &status) == 0;
    int fd = -1;
    if (*seen && S_ISFIFO(status.st_mode)) {
        char again[32];
        snprintf(again, sizeof again, "/proc/self/fd/%d", looked);
        fd = open(again, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    }
    int error = *seen && !S_ISFIFO(status.st_mode) ? -ENOTSUP : -errno;
    if (looked >= 0)
        close(looked);
    return fd < 0 ? error : fd;
}
