#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../zones/build.h"
#include "files.h"

enum { SERIAL = 1700000000, FEW = 50, MANY = 3 * BUILD_LOOKUPS + 1 };

static void fill(struct records *records, size_t n)
{
    char owner[64];

    records_init(records);
    records_add_soa(records, "a", "ns.a", "h.a", 5, 5);
    for (size_t i = 1; i < n; i++) {
        snprintf(owner, sizeof owner, "h%zu.a", i / 2);
        records_add_ptr(records, owner, i % 2 ? "x" : "y", 60);
    }
}

static int opened(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    return fd;
}

static int write_files(int data, int data_cdb, const struct records *records, uint32_t serial,
                       struct build_sum *sum)
{
    struct build build = {.records = records, .serial = serial};

    return build_write(data, data_cdb, &build, sum);
}

static int verify(int data_cdb, const struct records *records, uint32_t serial,
                  const struct build_sum *sum)
{
    struct build build = {.records = records, .serial = serial};

    return build_verify(data_cdb, &build, sum);
}

/* Positions have 32 bits: a file that is larger is none, though the part that they reach were good.
 */
static void test_too_large(void **state)
{
    int data = opened(files_path(state, "data")), cdb = opened(files_path(state, "data.cdb"));
    struct build_sum sum;
    struct records records;
    struct stat status;

    fill(&records, FEW);
    assert_int_equal(write_files(data, cdb, &records, SERIAL, &sum), 0);
    assert_int_equal(fstat(cdb, &status), 0);
    assert_int_equal(ftruncate(cdb, status.st_size + ((off_t)1 << 32)), 0); /* takes no room */
    assert_int_equal(verify(cdb, &records, SERIAL, &sum), -EBADMSG);
    assert_int_equal(build_last_serial(cdb), SERIAL);
    assert_int_equal(ftruncate(cdb, status.st_size), 0);
    assert_int_equal(verify(cdb, &records, SERIAL, &sum), 0);
    records_fini(&records);
    close(data);
    close(cdb);
}

static void test_good(void **state)
{
    static const size_t counts[] = {1, 2, FEW, BUILD_LOOKUPS, BUILD_LOOKUPS + 1, MANY};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int data = opened(files_path(state, "data")), cdb = opened(files_path(state, "data.cdb"));
        struct records records;
        struct build_sum sum;

        fill(&records, counts[i]);
        assert_int_equal(write_files(data, cdb, &records, SERIAL, &sum), 0);
        assert_int_equal(sum.count, counts[i]);
        assert_true(sum.n_cursors > 0 && sum.n_cursors <= BUILD_LOOKUPS);
        assert_int_equal(verify(cdb, &records, SERIAL, &sum), 0);
        assert_int_equal(verify(cdb, &records, SERIAL + 1, &sum), -EBADMSG);
        assert_int_equal(build_last_serial(cdb), SERIAL);
        records_fini(&records);
        close(data);
        close(cdb);
    }
}

/* Whichever octet of a file that is looked up whole is another one: it is noticed, but for the hash
 * of a free slot, which no reader minds. */
static void test_every_octet(void **state)
{
    int data = opened(files_path(state, "data")), cdb = opened(files_path(state, "data.cdb"));
    struct records records;
    struct build_sum sum;
    size_t length, missed = 0;
    char *octets;

    fill(&records, FEW);
    assert_int_equal(write_files(data, cdb, &records, SERIAL, &sum), 0);
    octets = files_read(files_path(state, "data.cdb"), &length);
    for (size_t at = 0; at < length; at++) {
        char broken = (char)(octets[at] ^ 0x10);

        assert_int_equal(pwrite(cdb, &broken, 1, (off_t)at), 1);
        if (verify(cdb, &records, SERIAL, &sum) == 0)
            missed++;
        assert_int_equal(pwrite(cdb, octets + at, 1, (off_t)at), 1);
    }
    assert_int_equal(missed,
                     FEW * 4); /* as many free slots as taken ones, four octets of hash each */
    for (size_t cut = 0; cut < length; cut += 7) {
        assert_int_equal(ftruncate(cdb, (off_t)cut), 0);
        assert_int_not_equal(verify(cdb, &records, SERIAL, &sum), 0);
        assert_int_equal(build_last_serial(cdb) % SERIAL, 0);
        assert_int_equal(pwrite(cdb, octets, length, 0), length);
    }
    assert_int_equal(verify(cdb, &records, SERIAL, &sum), 0);
    free(octets);
    records_fini(&records);
    close(data);
    close(cdb);
}

/* Of a large file the tables are read whole. */
static void test_every_slot(void **state)
{
    int data = opened(files_path(state, "data")), cdb = opened(files_path(state, "data.cdb"));
    struct records records;
    struct build_sum sum;
    size_t length, slots;
    char *octets;

    fill(&records, MANY);
    assert_int_equal(write_files(data, cdb, &records, SERIAL, &sum), 0);
    octets = files_read(files_path(state, "data.cdb"), &length);
    slots = length - (size_t)MANY * 2 * 8;
    for (size_t at = slots; at < length; at += 8) {
        static const char free_slot[8];

        if (memcmp(octets + at + 4, free_slot, 4) == 0)
            continue;
        assert_int_equal(pwrite(cdb, free_slot, 8, (off_t)at), 8);
        assert_int_equal(verify(cdb, &records, SERIAL, &sum), -EBADMSG);
        assert_int_equal(pwrite(cdb, octets + at, 8, (off_t)at), 8);
        octets[at] ^= 1; /* the hash, of another table now */
        assert_int_equal(pwrite(cdb, octets + at, 1, (off_t)at), 1);
        assert_int_equal(verify(cdb, &records, SERIAL, &sum), -EBADMSG);
        octets[at] ^= 1;
        assert_int_equal(pwrite(cdb, octets + at, 1, (off_t)at), 1);
    }
    free(octets);
    records_fini(&records);
    close(data);
    close(cdb);
}

static void test_errors(void **state)
{
    int good = opened(files_path(state, "data")), full = open("/dev/full", O_RDWR);
    struct records records;
    struct build_sum sum;

    if (full < 0)
        skip();
    fill(&records, FEW);
    assert_int_equal(write_files(full, good, &records, SERIAL, &sum), -ENOSPC);
    assert_int_equal(write_files(good, full, &records, SERIAL, &sum), -ENOSPC);
    assert_int_equal(write_files(-1, good, &records, SERIAL, &sum), -EBADF);
    assert_int_equal(write_files(good, -1, &records, SERIAL, &sum), -EBADF);
    assert_int_equal(verify(-1, &records, SERIAL, &sum), -EBADF);
    assert_int_equal(build_last_serial(-1), 0);
    records_fini(&records);
    close(good);
    close(full);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, files_setup, files_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(test_good),      WITH_FILES(test_every_octet), WITH_FILES(test_every_slot),
        WITH_FILES(test_too_large), WITH_FILES(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
