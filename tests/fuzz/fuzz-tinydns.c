/* Any octets as tinydns-data text: a refused line adds nothing, and an accepted line adds
 * well-formed entries. */
#include "../../zones/static-image.h"
#include "../../zones/tinydns-advice.h"
#include "../unit/require.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

/* Labels that end with the key; or the key of a location. */
static void check_key(const struct cdb_entry *entry)
{
    if (entry->key_length >= 2 && entry->key[0] == 0 && entry->key[1] == '%') {
        require(entry->value_length == 2);
        return;
    }
    require(entry->key_length <= NAME_WIRE_MAX && entry->value_length >= CDB_ENTRY_HEAD);
    size_t at = 0;
    while (at < entry->key_length && entry->key[at] != 0) {
        require(entry->key[at] <= NAME_LABEL_MAX);
        at += entry->key[at] + 1U;
    }
    require(at == entry->key_length - 1);
}

/* The entries from number `n` on, which begin at `at`. */
static void check_new(const struct cdb_entries *entries, size_t n, size_t at)
{
    for (; n < entries->n; n++) {
        struct cdb_entry entry = cdb_entry_at(entries, entries->places[n].at);
        require(entries->places[n].at == at);
        at += CDB_LENGTHS + entry.key_length + entry.value_length;
        require(at <= entries->length);
        require(entries->places[n].hash == cdb_hash_of(entry.key, entry.key_length));
        check_key(&entry);
    }
    require(at == entries->length);
}

static void on_refused(void *context, size_t line, const char *why)
{
    size_t *count = context;
    require(line > 0 && why[0]);
    ++*count;
}

static size_t check_lines(const char *text, size_t size)
{
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    size_t length, refused = 0, doubts = 0;
    const char *line;
    while (tinydns_next_line(&text, &size, &line, &length)) {
        size_t n = entries.n, at = entries.length;
        if (tinydns_parse_line(&entries, line, length)) {
            refused++;
            require(entries.n == n);
        } else {
            tinydns_doubt(on_refused, &doubts, 1, line, length);
        }
        check_new(&entries, n, at);
    }
    require(!entries.failed);
    cdb_entries_fini(&entries);
    return refused;
}

static void check_image(const uint8_t *octets, size_t size, size_t expected)
{
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size > 0)
        memcpy(text, octets, size);
    size_t told = 0, refused;
    struct static_image *image = static_image_new(text, size, on_refused, &told, &refused);
    require(refused == expected && told == expected && (image != NULL) == (refused == 0));
    static_image_unref(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    check_image(octets, size, check_lines((const char *)octets, size));
    return 0;
}
