#include "short-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t short_file_read(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return n;
}
