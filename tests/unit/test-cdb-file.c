/* Our files, compared with those of tinycdb. */
#include "../../common/octets.h"
#include "../../zones/cdb-file.h"
#include "files.h"
#include "test.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SERIAL = 0x01020304, VALUE_MAX = 40, LONG_VALUE = 3 * SINK_ROOM };

static int opened(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void add(struct cdb_entries *entries, const void *key, size_t key_length, const void *value,
                size_t value_length)
{
    uint8_t *to = cdb_reserve(entries, key_length + value_length);
    assert_non_null(to);
    memcpy(to, key, key_length);
    memcpy(to + key_length, value, value_length);
    cdb_commit(entries, key_length, value_length);
}

/* Every eighth entry contains a serial. Some keys have several entries. */
static void fill(struct cdb_entries *entries, size_t n, unsigned *seed)
{
    uint8_t value[VALUE_MAX];
    for (size_t i = 0; i < n; i++) {
        size_t length = 4 + (size_t)rand_r(seed) % (VALUE_MAX - 4);
        char key[24];
        snprintf(key, sizeof key, "%zu", (size_t)rand_r(seed) % (n + 1));
        for (size_t at = 0; at < length; at++)
            value[at] = (uint8_t)rand_r(seed);
        add(entries, key, strlen(key), value, length);
        if (i % 8 == 0)
            cdb_note_serial(entries, length - 4);
    }
}

static void by_tinycdb(const char *path, const struct cdb_entries *entries)
{
    int fd = opened(path);
    struct cdb_make make;
    assert_int_equal(cdb_make_start(&make, fd), 0);
    for (size_t i = 0, serial = 0; i < entries->n; i++) {
        struct cdb_entry entry = cdb_entry_at(entries, entries->places[i].at);
        uint8_t *value = malloc(entry.value_length + 1);
        memcpy(value, entry.value, entry.value_length);
        if (serial < entries->n_serials &&
            entries->octets + entries->serials[serial] < entry.value + entry.value_length)
            put_be32(value + (entries->octets + entries->serials[serial++] - entry.value), SERIAL);
        assert_int_equal(cdb_make_add(&make, entry.key, (unsigned)entry.key_length, value,
                                      (unsigned)entry.value_length),
                         0);
        free(value);
    }
    assert_int_equal(cdb_make_finish(&make), 0);
    close(fd);
}

/* Adds the entries `times` times. */
static void by_us(const char *path, const struct cdb_entries *entries, size_t times)
{
    int fd = opened(path);
    struct cdb_file file;
    assert_int_equal(cdb_file_start(&file, fd, 0), 0);
    for (size_t i = 0; i < times; i++)
        assert_int_equal(cdb_file_add(&file, entries, SERIAL), 0);
    assert_int_equal(cdb_file_finish(&file), 0);
    cdb_file_fini(&file);
    close(fd);
}

static void are_equal(void **state)
{
    size_t ours_length;
    char *ours = files_read(files_path(*state, "ours"), &ours_length);
    size_t theirs_length;
    char *theirs = files_read(files_path(*state, "theirs"), &theirs_length);
    assert_int_equal(ours_length, theirs_length);
    assert_memory_equal(ours, theirs, ours_length);
    free(ours);
    free(theirs);
}

static void files_are_those_of_tinycdb(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 7, 255, 256, 257, 1000, 5000, 20000};
    unsigned seed = 4;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct cdb_entries entries;
        cdb_entries_init(&entries);
        fill(&entries, counts[i], &seed);
        by_tinycdb(files_path(*state, "theirs"), &entries);
        by_us(files_path(*state, "ours"), &entries, 1);
        are_equal(state);
        cdb_entries_fini(&entries);
    }
}

/* Long runs of taken slots, some of them around the end of their table. */
static void thousands_of_entries_of_one_key_are_those_of_tinycdb(void **state)
{
    unsigned seed = 6;
    char key[2] = "";
    for (key[0] = 'a'; key[0] < 'm'; key[0]++) {
        struct cdb_entries entries;
        cdb_entries_init(&entries);
        fill(&entries, 5000, &seed);
        for (int i = 0; i < 3000; i++)
            add(&entries, key, 1, &i, sizeof i);
        fill(&entries, 5000, &seed);
        by_tinycdb(files_path(*state, "theirs"), &entries);
        by_us(files_path(*state, "ours"), &entries, 1);
        are_equal(state);
        cdb_entries_fini(&entries);
    }
}

static void entries_added_in_parts_make_the_same_file(void **state)
{
    struct cdb_entries once;
    cdb_entries_init(&once);
    struct cdb_entries twice;
    cdb_entries_init(&twice);
    unsigned seed = 9;
    fill(&once, 300, &seed);
    unsigned again = 9;
    fill(&twice, 300, &again);
    again = 9;
    fill(&twice, 300, &again);
    by_tinycdb(files_path(*state, "theirs"), &twice);
    by_us(files_path(*state, "ours"), &once, 2);
    are_equal(state);
    cdb_entries_fini(&once);
    cdb_entries_fini(&twice);
}

static void a_value_longer_than_the_buffer_is_written(void **state)
{
    uint8_t *value = malloc(LONG_VALUE);
    assert_non_null(value);
    memset(value, 'v', LONG_VALUE);
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    add(&entries, "a", 1, "b", 1);
    add(&entries, "c", 1, value, LONG_VALUE);
    cdb_note_serial(&entries, SINK_ROOM);
    add(&entries, "", 0, "", 0);
    by_tinycdb(files_path(*state, "theirs"), &entries);
    by_us(files_path(*state, "ours"), &entries, 1);
    are_equal(state);
    cdb_entries_fini(&entries);
    free(value);
}

static void errors_of_the_disk_are_returned(void **state)
{
    int full = open("/dev/full", O_RDWR), fd = opened(files_path(*state, "ours"));
    if (full < 0)
        skip();
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    unsigned seed = 1;
    fill(&entries, 20000, &seed);
    struct cdb_file file;
    assert_int_equal(cdb_file_start(&file, full, entries.n), 0);
    assert_int_equal(cdb_file_add(&file, &entries, SERIAL), -ENOSPC);
    cdb_file_fini(&file);
    assert_int_equal(cdb_file_start(&file, full, 0), 0);
    assert_int_equal(cdb_file_finish(&file), -ENOSPC);
    cdb_file_fini(&file);
    assert_int_equal(cdb_file_start(&file, fd, 0), 0);
    file.size = UINT32_MAX - 100; /* as if so much was written: positions have 32 bits */
    assert_int_equal(cdb_file_add(&file, &entries, SERIAL), -EFBIG);
    cdb_file_fini(&file);
    cdb_entries_fini(&entries);
    close(full);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(files_are_those_of_tinycdb, files_setup),
        WITH_FILES(thousands_of_entries_of_one_key_are_those_of_tinycdb, files_setup),
        WITH_FILES(entries_added_in_parts_make_the_same_file, files_setup),
        WITH_FILES(a_value_longer_than_the_buffer_is_written, files_setup),
        WITH_FILES(errors_of_the_disk_are_returned, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
