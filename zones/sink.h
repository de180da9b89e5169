/* Buffers octets that are written to a file. */
#ifndef ZONES_SINK_H
#define ZONES_SINK_H

#include <stddef.h>
#include <stdint.h>

enum { SINK_ROOM = 64 * 1024 };

struct sink {
    int fd; /* not owned */
    size_t used;
    uint8_t octets[SINK_ROOM];
};

/* All return 0 or -errno; after an error the file is unusable. */
void sink_init(struct sink *sink, int fd);
int sink_flush(struct sink *sink);
int sink_write(struct sink *sink, const void *octets, size_t length);

/* Writes at once, without a buffer. */
int sink_write_all(int fd, const uint8_t *octets, size_t length);

/* For a writer that knows the length only afterwards: makes room for `size` octets (at most
 * SINK_ROOM) at sink_end(). The writer adds the octets that it wrote there to `used`. */
int sink_reserve(struct sink *sink, size_t size);
static inline uint8_t *sink_end(struct sink *sink)
{
    return sink->octets + sink->used;
}

#endif
