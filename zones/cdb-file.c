#include "cdb-file.h"

#include "../common/array.h"
#include "../common/octets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cdb_file_start(struct cdb_file *file, int fd, size_t expected)
{
    static const uint8_t header[CDB_HEADER]; /* to be written when all is known */

    *file = (struct cdb_file){.sink = malloc(sizeof *file->sink), .size = CDB_HEADER};
    if (!file->sink || !array_grow(&file->places, &file->room, expected, sizeof *file->places))
        return -ENOMEM;
    sink_init(file->sink, fd);
    return sink_write(file->sink, header, sizeof header);
}

void cdb_file_fini(struct cdb_file *file)
{
    free(file->sink);
    free(file->places);
    *file = (struct cdb_file){.sink = NULL};
}

/* ---- entries ---- */

static int write_octets(struct cdb_file *file, const struct cdb_entries *entries, uint32_t serial)
{
    uint8_t octets[4];
    size_t at = 0;

    put_be32(octets, serial);
    for (size_t i = 0; i < entries->n_serials; i++) {
        int error = sink_write(file->sink, entries->octets + at, entries->serials[i] - at);

        if (error == 0)
            error = sink_write(file->sink, octets, sizeof octets);
        if (error < 0)
            return error;
        at = entries->serials[i] + sizeof octets;
    }
    return entries->length > at ? sink_write(file->sink, entries->octets + at, entries->length - at)
                                : 0;
}

int cdb_file_add(struct cdb_file *file, const struct cdb_entries *entries, uint32_t serial)
{
    if (file->size + entries->length > UINT32_MAX)
        return -EFBIG;
    if (!array_grow(&file->places, &file->room, file->n + entries->n, sizeof *file->places))
        return -ENOMEM;
    for (size_t i = 0; i < entries->n; i++) {
        struct cdb_place place = entries->places[i];

        place.at += (uint32_t)file->size;
        file->places[file->n++] = place;
    }
    file->size += entries->length;
    return write_octets(file, entries, serial);
}

/* ---- tables ---- */

static int write_header(int fd, const uint8_t header[static CDB_HEADER])
{
    ssize_t written;

    do
        written = pwrite(fd, header, CDB_HEADER, 0);
    while (written < 0 && errno == EINTR);
    if (written < 0)
        return -errno;
    return written == CDB_HEADER ? 0 : -EIO;
}

int cdb_file_finish(struct cdb_file *file)
{
    uint64_t size = (uint64_t)file->n * 2 * CDB_SLOT;
    struct cdb_place *scratch;
    struct cdb_slot *slots;
    uint8_t header[CDB_HEADER];
    int error = -ENOMEM;

    if (file->size + size > UINT32_MAX)
        return -EFBIG;
    scratch = malloc((2 * file->n + 1) * sizeof *scratch);
    slots = malloc(size + 1);
    if (scratch && slots) {
        cdb_tables_fill(header, slots, (uint32_t)file->size, file->places, file->n, scratch);
        error = sink_write(file->sink, slots, size);
    }
    if (error == 0)
        error = sink_flush(file->sink);
    if (error == 0)
        error = write_header(file->sink->fd, header);
    free(scratch);
    free(slots);
    return error;
}
