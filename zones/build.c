#include "build.h"

#include <cdb.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/octets.h"
#include "cdb-file.h"
#include "sink.h"
#include "tinydns.h"

_Static_assert((int)SINK_ROOM >= (int)TINYDNS_LINE_MAX, "a line does not fit the sink");

/* ---- writing ---- */

struct writing {
    struct sink *text; /* owned */
    struct cdb_file file;
    struct cdb_entries entries; /* on their way into the file */
    const struct build *build;
    struct build_sum *sum;
};

static int write_line(struct writing *w, const struct record *record)
{
    int error = sink_reserve(w->text, TINYDNS_LINE_MAX);

    if (error == 0)
        w->text->used += tinydns_write((char *)sink_end(w->text), record, w->build->serial);
    return error;
}

static int put_entries(struct writing *w)
{
    int error = w->entries.failed ? -ENOMEM : cdb_file_add(&w->file, &w->entries, w->build->serial);

    cdb_entries_clear(&w->entries);
    return error;
}

static int write_records(struct writing *w)
{
    const struct records *records = w->build->records;
    size_t step = (records->count + BUILD_LOOKUPS - 1) / BUILD_LOOKUPS, cursor = 0;
    const char *owner = ""; /* of the last entry; a set has the records of an owner together */
    struct record record;

    for (size_t at = 0, n = 0; records_next(records, &cursor, &record); at = cursor, n++) {
        int error = write_line(w, &record);

        cdb_add_record(&w->entries, &record, w->build->serial, strcmp(owner, record.owner) == 0);
        owner = record.owner;
        if (error == 0 && w->entries.length >= SINK_ROOM) {
            error = put_entries(w);
            owner = "";
        }
        if (error < 0)
            return error;
        if (n % step == 0)
            w->sum->cursors[w->sum->n_cursors++] = at;
    }
    return put_entries(w);
}

static int write_all(struct writing *w)
{
    const struct build *build = w->build;
    int error = write_records(w);

    for (size_t i = 0; error == 0 && i < build->n_images; i++) {
        error = sink_write(w->text, build->images[i]->text, build->images[i]->length);
        if (error == 0)
            error = cdb_file_add(&w->file, &build->images[i]->entries, build->serial);
    }
    if (error == 0)
        error = sink_flush(w->text);
    if (error == 0)
        error = cdb_file_finish(&w->file);
    w->sum->count = w->file.n;
    for (size_t i = 0; i < w->file.n; i++)
        w->sum->positions += w->file.places[i].at;
    return error;
}

static size_t count_entries(const struct build *build)
{
    size_t count = build->records->count;

    for (size_t i = 0; i < build->n_images; i++)
        count += build->images[i]->entries.n;
    return count;
}

int build_write(int data, int data_cdb, const struct build *build, struct build_sum *sum)
{
    struct writing w = {.text = malloc(sizeof *w.text), .build = build, .sum = sum};
    int error = -ENOMEM;

    memset(sum, 0, sizeof *sum);
    cdb_entries_init(&w.entries);
    if (w.text) {
        sink_init(w.text, data);
        error = cdb_file_start(&w.file, data_cdb, count_entries(build));
    }
    if (error == 0)
        error = write_all(&w);
    cdb_file_fini(&w.file);
    cdb_entries_fini(&w.entries);
    free(w.text);
    return error;
}

/* ---- reading back, by tinycdb ---- */

/* It returns -1 and leaves errno. */
static int tinycdb_error(void)
{
    return errno > 0 ? -errno : -EIO;
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
        uint32_t hash = get_le32(slot), position = get_le32(slot + 4);
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
    uint64_t at;

    if (!header)
        return false;
    at = get_le32(header);
    for (unsigned table = 0; table < CDB_TABLES; table++, header += CDB_SLOT) {
        unsigned slots = get_le32(header + 4);
        size_t before = found.count;

        /* By division: eight times a number of slots may not fit the 32 bits of cdb_get(). */
        if (get_le32(header) != at || at > file_size || slots > (file_size - at) / CDB_SLOT)
            return false;
        if (slots && !check_table(cdb, table, (unsigned)at, slots, &found))
            return false;
        if (slots != 2 * (found.count - before))
            return false;
        at += (uint64_t)slots * CDB_SLOT;
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

static bool look_up_records(struct cdb *cdb, const struct build *build, const struct build_sum *sum)
{
    struct cdb_entries entries;
    bool found = true;

    cdb_entries_init(&entries);
    for (size_t i = 0; found && i < sum->n_cursors; i++) {
        size_t cursor = sum->cursors[i];
        struct cdb_entry entry;
        struct record record;

        found = records_next(build->records, &cursor, &record);
        if (!found)
            break;
        cdb_entries_clear(&entries);
        cdb_add_record(&entries, &record, build->serial, false);
        entry = cdb_entry_at(&entries, 0);
        found = look_up(cdb, &entry);
    }
    cdb_entries_fini(&entries);
    return found;
}

/* Those that get their serial from the build are left out: they are few. */
static bool has_serial(const struct cdb_entries *entries, size_t from, size_t to)
{
    size_t low = 0, high = entries->n_serials;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (entries->serials[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < entries->n_serials && entries->serials[low] < to;
}

static bool look_up_image(struct cdb *cdb, const struct cdb_entries *entries)
{
    size_t step = entries->n / BUILD_LOOKUPS + 1;

    for (size_t i = 0; i < entries->n; i += step) {
        size_t at = entries->places[i].at;
        struct cdb_entry entry = cdb_entry_at(entries, at);

        if (!has_serial(entries, at, at + CDB_LENGTHS + entry.key_length + entry.value_length) &&
            !look_up(cdb, &entry))
            return false;
    }
    return true;
}

static bool look_up_some(struct cdb *cdb, const struct build *build, const struct build_sum *sum)
{
    for (size_t i = 0; i < build->n_images; i++)
        if (!look_up_image(cdb, &build->images[i]->entries))
            return false;
    return look_up_records(cdb, build, sum);
}

int build_verify(int data_cdb, const struct build *build, const struct build_sum *sum)
{
    struct stat status;
    struct cdb cdb;
    bool good;

    if (fstat(data_cdb, &status) < 0)
        return -errno;
    if (status.st_size > UINT32_MAX) /* no position is that far, and to map it takes its time */
        return -EBADMSG;
    errno = 0;
    if (cdb_init(&cdb, data_cdb) < 0)
        return tinycdb_error();
    /* Page after page would be asked for otherwise, and one that the disk cannot give would be a
     * SIGBUS. An old kernel does not know it: no matter. */
    if (madvise((void *)cdb.cdb_mem, cdb.cdb_fsize, MADV_POPULATE_READ) < 0 && errno == EFAULT) {
        cdb_free(&cdb);
        return -EIO;
    }
    good = check_tables(&cdb, (uint64_t)status.st_size, sum) && look_up_some(&cdb, build, sum);
    cdb_free(&cdb);
    return good ? 0 : -EBADMSG;
}

/* Not mapped: whoever else may write to a file of another's making can cut it off under a mapping,
 * which is a SIGBUS. */
uint32_t build_last_serial(int data_cdb)
{
    uint8_t octets[CDB_HEADER + CDB_LENGTHS + BUILD_FIRST_MAX];
    const uint8_t *entry = octets + CDB_HEADER;
    ssize_t length = pread(data_cdb, octets, sizeof octets, 0);
    uint32_t key_length, value_length, serial, room;

    if (length < CDB_HEADER + CDB_LENGTHS)
        return 0;
    room = (uint32_t)length;
    if (get_le32(octets) < room) /* the entries end where the first table begins */
        room = get_le32(octets);
    if (room < CDB_HEADER + CDB_LENGTHS)
        return 0;
    room -= CDB_HEADER + CDB_LENGTHS;
    key_length = get_le32(entry);
    value_length = get_le32(entry + 4);
    if (key_length > room || value_length > room - key_length ||
        !cdb_value_serial(entry + CDB_LENGTHS + key_length, value_length, &serial))
        return 0;
    return serial;
}
