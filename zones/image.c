#include "image.h"

#include <stdlib.h>
#include <string.h>

void image_init(struct image *image)
{
    memset(image, 0, sizeof *image);
    cdb_entries_init(&image->entries);
}

void image_fini(struct image *image)
{
    cdb_entries_fini(&image->entries);
    free(image->slots);
    free(image->scratch);
    image_init(image);
}

size_t image_length(const struct image *image)
{
    return image->entries.length + image->entries.n * 2 * CDB_SLOT;
}

size_t image_length_max(const struct image *image, const struct image_changes *changes,
                        const struct image_frame *frame)
{
    size_t length = CDB_HEADER + image_length(image);
    for (size_t i = 0; i < changes->n; i++)
        length += changes->changes[i].length + changes->changes[i].n * 2 * CDB_SLOT;
    for (size_t i = 0; i < frame->n_images; i++)
        length += frame->images[i]->entries.length + frame->images[i]->entries.n * 2 * CDB_SLOT;
    return length;
}

/* ---- records ---- */

bool image_same(const struct image *image, const char *owner, const struct records *records)
{
    size_t end, i = image_of(image, owner, &end);
    if (records->failed || end - i != records->count)
        return false;
    struct record record;
    for (size_t cursor = 0; records_next(records, &cursor, &record); i++) {
        struct cdb_entry entry = image_entry(image, i);
        uint8_t value[CDB_ENTRY_VALUE_MAX];
        size_t length = cdb_record_value(value, &record, image->serial);
        if (entry.value_length != length || memcmp(entry.value, value, length) != 0)
            return false;
    }
    return true;
}

void image_find(const struct image *image, const char *owner, struct records *records)
{
    size_t end, i = image_of(image, owner, &end);
    for (; i < end; i++) {
        struct cdb_names names;
        struct record record;
        image_record(image, i, &names, &record);
        records_add(records, &record);
    }
}

void image_record(const struct image *image, size_t i, struct cdb_names *names,
                  struct record *record)
{
    struct cdb_entry entry = image_entry(image, i);
    cdb_entry_record(&entry, names, record);
}

/* ---- comparing ---- */

/* Compares the octets of both from `at` to `end`. */
static bool same_octets(const struct image *a, const struct image *b, size_t at, size_t end)
{
    return end <= at || memcmp(a->entries.octets + at, b->entries.octets + at, end - at) == 0;
}

bool image_equal(const struct image *a, const struct image *b)
{
    size_t end = image_end_of_ours(a);
    if (a->n_ours != b->n_ours || end != image_end_of_ours(b))
        return false;
    size_t at = CDB_HEADER;
    for (size_t i = 0; i < a->entries.n_serials && a->entries.serials[i] < end; i++) {
        if (!same_octets(a, b, at, a->entries.serials[i]))
            return false;
        at = a->entries.serials[i] + sizeof a->serial;
    }
    return same_octets(a, b, at, end);
}
