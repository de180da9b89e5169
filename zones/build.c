#include "build.h"

#include <cdb.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../zones/cdb.h" /* <cdb.h> is tinycdb's */
#include "tinydns.h"

enum {
    TEXT_ROOM = 64 * 1024,

    CDB_TABLES = 256,
    CDB_SLOT = 8, /* a hash and a position; in the header a position and a number of slots */
    CDB_HEADER = CDB_TABLES * CDB_SLOT,
    CDB_LENGTHS = 8, /* in front of each record */
};
_Static_assert((int)TEXT_ROOM >= (int)TINYDNS_LINE_MAX, "a line does not fit the buffer");

/* The text file's buffer. */
struct text {
    int fd;
    size_t used;
    char octets[TEXT_ROOM];
};

static int text_flush(struct text *text)
{
    size_t done = 0;

    while (done < text->used) {
        ssize_t written = write(text->fd, text->octets + done, text->used - done);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        if (written == 0) /* a disk that takes nothing must not keep us here */
            return -EIO;
        done += (size_t)written;
    }
    text->used = 0;
    return 0;
}

static int text_add(struct text *text, const struct record *record, uint32_t serial)
{
    int error;

    if (TEXT_ROOM - text->used < TINYDNS_LINE_MAX && (error = text_flush(text)) < 0)
        return error;
    text->used += tinydns_write(text->octets + text->used, record, serial);
    return 0;
}

/* tinycdb returns -1 and leaves errno. */
static int tinycdb_error(void)
{
    return errno > 0 ? -errno : -EIO;
}

/* A set has the records of an owner together, mostly. */
static void entry_make(struct cdb_entry *entry, const char **owner, const struct record *record,
                       uint32_t serial)
{
    if (!*owner || strcmp(*owner, record->owner) != 0)
        cdb_entry_key(entry, record->owner);
    *owner = record->owner;
    cdb_entry_value(entry, record, serial);
}

static int write_records(struct text *text, struct cdb_make *make, const struct records *records,
                         uint32_t serial, struct build_sum *sum)
{
    struct cdb_entry entry;
    struct record record;
    const char *owner = NULL;
    size_t cursor = 0;
    uint64_t position = CDB_HEADER;
    size_t step = (records->count + BUILD_LOOKUPS - 1) / BUILD_LOOKUPS;

    for (size_t at = 0; records_next(records, &cursor, &record); at = cursor) {
        int error = text_add(text, &record, serial);

        if (error < 0)
            return error;
        entry_make(&entry, &owner, &record, serial);
        errno = 0;
        if (cdb_make_add(make, entry.key, (unsigned)entry.key_length, entry.value,
                         (unsigned)entry.value_length) < 0)
            return tinycdb_error();
        if (sum->count++ % step == 0)
            sum->cursors[sum->n_cursors++] = at;
        sum->positions += position;
        position += CDB_LENGTHS + entry.key_length + entry.value_length;
    }
    return text_flush(text);
}

int build_write(int data, int data_cdb, const struct records *records, uint32_t serial,
                struct build_sum *sum)
{
    struct cdb_make make;
    struct text *text = malloc(sizeof *text);
    int error;

    if (!text)
        return -ENOMEM;
    text->fd = data;
    text->used = 0;
    memset(sum, 0, sizeof *sum);
    errno = 0;
    if (cdb_make_start(&make, data_cdb) < 0) {
        error = tinycdb_error();
        goto out;
    }
    error = write_records(text, &make, records, serial, sum);
    /* Called after an error too, since it frees the memory. It succeeds even where an add before it
     * failed at 4 GiB: each of the two must be asked. */
    errno = 0;
    if (cdb_make_finish(&make) < 0 && error == 0)
        error = tinycdb_error();
out:
    free(text);
    return error;
}

/* Little-endian, as all numbers of the file are; cdb_unpack() is a call into another library. */
static uint32_t get_u32(const unsigned char *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* One of the 256 hash tables (https://cr.yp.to/cdb/cdb.txt). Without a branch in the loop, since
 * half the slots are free and no processor guesses which. */
static bool check_table(struct cdb *cdb, unsigned table, unsigned at, unsigned slots,
                        struct build_sum *found)
{
    const unsigned char *slot = cdb_get(cdb, slots * CDB_SLOT, at);
    uint32_t strays = 0; /* bits of hashes that belong to other tables */

    if (!slot)
        return false;
    for (unsigned i = 0; i < slots; i++, slot += CDB_SLOT) {
        uint32_t hash = get_u32(slot), position = get_u32(slot + 4);
        uint32_t taken = position != 0;

        found->count += taken;
        found->positions += position;
        strays |= (hash % CDB_TABLES ^ table) & -taken;
    }
    return strays == 0;
}

/* The tables follow each other to the end of the file, each with twice as many slots as records. */
static bool check_tables(struct cdb *cdb, uint64_t file_size, const struct build_sum *sum)
{
    const unsigned char *header = cdb_get(cdb, CDB_HEADER, 0);
    struct build_sum found = {.count = 0};
    unsigned at;

    if (!header)
        return false;
    at = get_u32(header);
    for (unsigned table = 0; table < CDB_TABLES; table++, header += CDB_SLOT) {
        unsigned slots = get_u32(header + 4);
        size_t before = found.count;

        if (get_u32(header) != at)
            return false;
        if (slots && !check_table(cdb, table, at, slots, &found))
            return false;
        if (slots != 2 * (found.count - before))
            return false;
        at += slots * CDB_SLOT;
    }
    return at == file_size && found.count == sum->count && found.positions == sum->positions;
}

static bool look_up(struct cdb *cdb, const struct cdb_entry *entry)
{
    struct cdb_find find;

    if (cdb_findinit(&find, cdb, entry->key, (unsigned)entry->key_length) <= 0)
        return false;
    while (cdb_findnext(&find) > 0) {
        const void *value = cdb_getdata(cdb);

        if (value && cdb_datalen(cdb) == entry->value_length &&
            memcmp(value, entry->value, entry->value_length) == 0)
            return true;
    }
    return false;
}

static bool look_up_some(struct cdb *cdb, const struct records *records, uint32_t serial,
                         const struct build_sum *sum)
{
    for (size_t i = 0; i < sum->n_cursors; i++) {
        size_t cursor = sum->cursors[i];
        struct record record;
        struct cdb_entry entry;

        if (!records_next(records, &cursor, &record))
            return false;
        cdb_entry_key(&entry, record.owner);
        cdb_entry_value(&entry, &record, serial);
        if (!look_up(cdb, &entry))
            return false;
    }
    return true;
}

int build_verify(int data_cdb, const struct records *records, uint32_t serial,
                 const struct build_sum *sum)
{
    struct stat status;
    struct cdb cdb;
    bool good;

    if (fstat(data_cdb, &status) < 0)
        return -errno;
    errno = 0;
    if (cdb_init(&cdb, data_cdb) < 0)
        return tinycdb_error();
    good = check_tables(&cdb, (uint64_t)status.st_size, sum) &&
           look_up_some(&cdb, records, serial, sum);
    cdb_free(&cdb);
    return good ? 0 : -EBADMSG;
}

uint32_t build_last_serial(int data_cdb)
{
    uint32_t last = 0;
    struct cdb cdb;
    unsigned position;

    if (cdb_init(&cdb, data_cdb) < 0)
        return 0;
    cdb_seqinit(&position, &cdb);
    while (cdb_seqnext(&position, &cdb) > 0) {
        const void *value = cdb_getdata(&cdb);
        uint32_t serial;

        if (value && cdb_value_serial(value, cdb_datalen(&cdb), &serial) && serial > last)
            last = serial;
    }
    cdb_free(&cdb);
    return last;
}
