#include "image-file.h"

#include "../common/octets.h"
#include "cdb-tables.h"
#include "cdb.h"
#include "record.h"
#include "sink.h"
#include "tinydns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert((int)SINK_ROOM >= (int)TINYDNS_LINE_MAX, "a line does not fit the sink");

/* ---- data.cdb ---- */

/* Iterates over the parts of the file. The parts are those of the image, except that entries that
 * get an end are copied, some at a time. */
struct parts {
    const struct image *image;
    size_t at, length;     /* of the part, in the file */
    const uint8_t *octets; /* of the part; not owned */
    size_t i;              /* our next entry to copy */
    uint8_t copy[SINK_ROOM];
};

static void copy_entries(struct parts *parts)
{
    const struct image *image = parts->image;
    uint64_t label = record_end_label(image->end);
    parts->octets = parts->copy;
    parts->length = 0;
    for (; parts->i < image->n_ours; parts->i++) {
        struct cdb_entry entry = image_entry(image, parts->i);
        size_t size = cdb_entry_size(&entry);
        if (size > sizeof parts->copy - parts->length)
            return;
        memcpy(parts->copy + parts->length, entry.key - CDB_LENGTHS, size);
        cdb_entry_set_end(parts->copy + parts->length, label);
        parts->length += size;
    }
}

/* False at the end. */
static bool next_part(struct parts *parts)
{
    const struct image *image = parts->image;
    size_t ours_end = image_end_of_ours(image), entries_end = image->entries.length;
    size_t at = parts->at += parts->length;
    if (image->end && at >= CDB_HEADER && at < ours_end) {
        copy_entries(parts);
    } else if (at < entries_end) {
        parts->octets = image->entries.octets + at;
        parts->length = (image->end && at < CDB_HEADER ? (size_t)CDB_HEADER : entries_end) - at;
    } else {
        parts->octets = (const uint8_t *)image->slots;
        parts->length = image_length(image) - at;
    }
    return parts->length > 0;
}

static struct parts *parts_of(const struct image *image)
{
    struct parts *parts = malloc(sizeof *parts);
    if (parts) {
        parts->image = image;
        parts->at = parts->length = parts->i = 0;
    }
    return parts;
}

/* Does the file have these octets at `at`? read(2) instead of mmap(2): a page that the disk cannot
 * read would cause a SIGBUS. */
static int compare(int fd, size_t at, const uint8_t *octets, size_t length, uint8_t *read)
{
    while (length > 0) {
        ssize_t n = pread(fd, read, length, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0 || memcmp(read, octets, (size_t)n) != 0)
            return -EBADMSG;
        at += (size_t)n;
        octets += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Each piece is read back while the processor's caches still have it. */
static int write_part(int fd, const struct parts *parts, uint8_t *read)
{
    int error = 0;
    for (size_t done = 0; error == 0 && done < parts->length;) {
        size_t left = parts->length - done;
        ssize_t n = pwrite(fd, parts->octets + done, left < SINK_ROOM ? left : SINK_ROOM,
                           (off_t)(parts->at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* a disk that takes nothing must not cause an endless loop */
            return n < 0 ? -errno : -EIO;
        error = compare(fd, parts->at + done, parts->octets + done, (size_t)n, read);
        done += (size_t)n;
    }
    return error;
}

int image_write_cdb(int fd, const struct image *image)
{
    struct parts *parts = parts_of(image);
    uint8_t *read = malloc(SINK_ROOM);
    int error = parts && read ? 0 : -ENOMEM;
    while (error == 0 && next_part(parts))
        error = write_part(fd, parts, read);
    if (error == 0 && ftruncate(fd, (off_t)image_length(image)) < 0)
        error = -errno;
    free(parts);
    free(read);
    return error;
}

/* ---- an old file ---- */

/* read(2) instead of mmap(2): if somebody else truncates the file, a mapping would cause a
 * SIGBUS. */
uint32_t image_file_serial(int fd)
{
    uint8_t octets[CDB_HEADER + CDB_LENGTHS + IMAGE_FIRST_MAX];
    const uint8_t *entry = octets + CDB_HEADER;
    ssize_t length = pread(fd, octets, sizeof octets, 0);
    if (length < CDB_HEADER + CDB_LENGTHS)
        return 0;
    uint32_t room = (uint32_t)length;
    if (get_le32(octets) < room) /* the entries end where the first table begins */
        room = get_le32(octets);
    if (room < CDB_HEADER + CDB_LENGTHS)
        return 0;
    room -= CDB_HEADER + CDB_LENGTHS;
    uint32_t key_length = get_le32(entry);
    uint32_t value_length = get_le32(entry + 4);
    uint32_t serial;
    if (key_length > room || value_length > room - key_length ||
        !cdb_value_serial(entry + CDB_LENGTHS + key_length, value_length, &serial))
        return 0;
    return serial;
}

/* ---- data ---- */

static int write_lines(struct sink *sink, const struct image *image)
{
    uint64_t label = record_end_label(image->end);
    int error = 0;
    for (size_t i = 0; error == 0 && i < image->n_ours; i++) {
        struct cdb_names names;
        struct record record;
        image_record(image, i, &names, &record);
        if (image->end)
            record_set_end(&record, label);
        error = sink_reserve(sink, TINYDNS_LINE_MAX);
        if (error == 0)
            sink->used += tinydns_write((char *)sink_end(sink), &record, image->serial);
    }
    return error;
}

int image_write_text(int fd, const struct image *image, const struct static_image *const *images,
                     size_t n_images)
{
    struct sink *sink = malloc(sizeof *sink);
    if (!sink)
        return -ENOMEM;
    sink_init(sink, fd);
    int error = write_lines(sink, image);
    for (size_t i = 0; error == 0 && i < n_images; i++)
        error = sink_write(sink, images[i]->text, images[i]->length);
    if (error == 0)
        error = sink_flush(sink);
    free(sink);
    return error;
}
