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

/* A slot as it lies in the file, little-endian; `at` 0 is a free one. */
struct slot {
    uint8_t hash[4], at[4];
};

/* Everything that the tables are made of. */
struct tables {
    size_t counts[CDB_TABLES];
    struct cdb_place *places; /* owned; table by table, each in the order of the entries */
    struct slot *slots;       /* owned; of the largest table */
};

static bool sort_places(struct tables *tables, const struct cdb_file *file)
{
    size_t next[CDB_TABLES], largest = 0, at = 0;

    for (size_t i = 0; i < file->n; i++)
        tables->counts[file->places[i].hash % CDB_TABLES]++;
    for (size_t i = 0; i < CDB_TABLES; i++) {
        next[i] = at;
        at += tables->counts[i];
        if (tables->counts[i] > largest)
            largest = tables->counts[i];
    }
    tables->places = malloc((file->n + 1) * sizeof *tables->places);
    tables->slots = malloc((largest + 1) * 2 * CDB_SLOT);
    if (!tables->places || !tables->slots)
        return false;
    for (size_t i = 0; i < file->n; i++)
        tables->places[next[file->places[i].hash % CDB_TABLES]++] = file->places[i];
    return true;
}

static bool is_free(const struct slot *slot)
{
    uint32_t at;

    memcpy(&at, slot->at, sizeof at);
    return at == 0;
}

/* Twice as many slots as entries; each entry in the first free one from where its hash points. */
static void fill_slots(struct slot *slots, uint32_t n_slots, const struct cdb_place *places,
                       size_t n)
{
    memset(slots, 0, n_slots * sizeof *slots);
    for (size_t i = 0; i < n; i++) {
        uint32_t slot = (places[i].hash >> 8) % n_slots;

        while (!is_free(&slots[slot]))
            slot = slot + 1 == n_slots ? 0 : slot + 1;
        put_le32(slots[slot].hash, places[i].hash);
        put_le32(slots[slot].at, places[i].at);
    }
}

static int write_tables(struct cdb_file *file, const struct tables *tables,
                        uint8_t header[static CDB_HEADER])
{
    const struct cdb_place *places = tables->places;

    for (size_t i = 0; i < CDB_TABLES; i++) {
        size_t n = tables->counts[i], size = n * 2 * CDB_SLOT;
        int error;

        if (file->size + size > UINT32_MAX)
            return -EFBIG;
        header = put_le32(put_le32(header, (uint32_t)file->size), (uint32_t)n * 2);
        fill_slots(tables->slots, (uint32_t)n * 2, places, n);
        error = sink_write(file->sink, tables->slots, size);
        if (error < 0)
            return error;
        file->size += size;
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
    struct tables tables = {.places = NULL};
    uint8_t header[CDB_HEADER];
    int error = -ENOMEM;

    if (sort_places(&tables, file))
        error = write_tables(file, &tables, header);
    if (error == 0)
        error = write_header(file->sink->fd, header);
    free(tables.places);
    free(tables.slots);
    return error;
}
