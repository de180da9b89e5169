#include "cdb-file.h"

#include "../common/array.h"
#include "../common/octets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cdb_file_start(struct cdb_file *file, int fd, size_t expected)
{
    static const uint8_t header[CDB_HEADER]; /* written when everything is known */
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
    put_be32(octets, serial);
    size_t at = 0;
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

/* Everything that the tables are made of. */
struct tables {
    uint32_t counts[CDB_TABLES];
    struct cdb_place *sorted; /* owned */
    struct cdb_slot *slots;   /* owned; of the largest table, */
    uint32_t *next;           /* as is this */
};

static bool tables_init(struct tables *tables, const struct cdb_file *file)
{
    tables->sorted = malloc((file->n + 1) * sizeof *tables->sorted);
    if (!tables->sorted)
        return false;
    cdb_tables_sort(tables->sorted, tables->counts, file->places, file->n);
    uint32_t largest = 0;
    for (size_t i = 0; i < CDB_TABLES; i++)
        if (tables->counts[i] > largest)
            largest = tables->counts[i];
    tables->slots = malloc((2 * (size_t)largest + 1) * sizeof *tables->slots);
    tables->next = malloc((2 * (size_t)largest + 1) * sizeof *tables->next);
    return tables->slots && tables->next;
}

static int write_tables(struct cdb_file *file, const struct tables *tables)
{
    const struct cdb_place *places = tables->sorted;
    for (size_t i = 0; i < CDB_TABLES; i++) {
        uint32_t n = tables->counts[i];
        cdb_table_fill(tables->slots, places, n, tables->next);
        int error = sink_write(file->sink, tables->slots, 2 * (size_t)n * CDB_SLOT);
        if (error < 0)
            return error;
        places += n;
    }
    return sink_flush(file->sink);
}

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
    if (file->size + (uint64_t)file->n * 2 * CDB_SLOT > UINT32_MAX)
        return -EFBIG;
    struct tables tables = {.sorted = NULL};
    int error = -ENOMEM;
    if (tables_init(&tables, file))
        error = write_tables(file, &tables);
    if (error == 0) {
        uint8_t header[CDB_HEADER];
        cdb_tables_header(header, (uint32_t)file->size, tables.counts);
        error = write_header(file->sink->fd, header);
    }
    free(tables.sorted);
    free(tables.slots);
    free(tables.next);
    return error;
}
