#include "sink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void sink_init(struct sink *sink, int fd)
{
    sink->fd = fd;
    sink->used = 0;
}

int sink_write_all(int fd, const uint8_t *octets, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, octets, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        if (written == 0) /* a disk that takes nothing must not cause an endless loop */
            return -EIO;
        octets += written;
        length -= (size_t)written;
    }
    return 0;
}

int sink_flush(struct sink *sink)
{
    int error = sink_write_all(sink->fd, sink->octets, sink->used);
    sink->used = 0;
    return error;
}

int sink_reserve(struct sink *sink, size_t size)
{
    return SINK_ROOM - sink->used < size ? sink_flush(sink) : 0;
}

int sink_write(struct sink *sink, const void *octets, size_t length)
{
    int error = sink_reserve(sink, length < SINK_ROOM ? length : SINK_ROOM);
    if (error < 0)
        return error;
    if (length >= SINK_ROOM)
        return sink_write_all(sink->fd, octets, length);
    memcpy(sink_end(sink), octets, length);
    sink->used += length;
    return 0;
}
