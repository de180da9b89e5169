/* Images when memory runs out: each allocation fails once, and then nothing has changed. */
#include "../../zones/image-file.h"
#include "failing-memory.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SERIAL = 1700000000, OWNERS = 100, ENOUGH = 100 /* allocations of one call */ };

/* Notes that owner number `i` has this address. */
static bool set(struct image_changes *changes, int i, uint8_t octet)
{
    struct address address = {.family = 2, .octets = {10, 0, 0, octet}};
    int saved = allowed;
    allowed = -1;
    char owner[32];
    snprintf(owner, sizeof owner, "n%d.a", i);
    struct records records;
    records_init(&records);
    records_add_addresses(&records, owner, &address, 1, 60);
    allowed = saved;
    bool done = image_changes_set(changes, owner, &records);
    allowed = -1;
    records_fini(&records);
    return done;
}

static void a_change_without_memory_changes_nothing(void **state)
{
    (void)state;
    if (!POSSIBLE)
        skip();
    struct image_changes changes;
    image_changes_init(&changes);
    int failures = 0;
    for (int i = 0; i < OWNERS; i++)
        for (int n = 0;; n++) {
            assert_true(n < ENOUGH);
            allowed = n;
            if (set(&changes, i, 1))
                break;
            failures++;
            assert_int_equal(image_changes_count(&changes), i);
        }
    assert_int_equal(image_changes_count(&changes), OWNERS);
    assert_true(failures > 4);
    image_changes_fini(&changes);
}

/* Tries until no allocation fails; returns the number of failures. qsort(3) tolerates one. */
static int try_to_make(struct image *next, const struct image *last,
                       const struct image_changes *changes, struct image_frame *frame)
{
    int failures = 0;
    for (int n = 0; n < ENOUGH; n++) {
        uint32_t before = last->serial;
        frame->serial++;
        allowed = n;
        int error = image_make(next, last, changes, frame);
        bool all = allowed >= 0;
        allowed = -1;
        if (all) {
            assert_int_equal(error, 0);
            return failures;
        }
        if (error == 0)
            continue;
        assert_int_equal(error, -ENOMEM);
        assert_int_equal(last->serial, before);
        failures++;
    }
    fail_msg("never worked");
    return 0;
}

/* Makes the same changes in place, with each allocation failing once, and in another image. */
static void an_image_without_memory_stays_as_it_was(void **state)
{
    (void)state;
    if (!POSSIBLE)
        skip();
    struct image image;
    image_init(&image);
    struct image other;
    image_init(&other);
    struct image_changes changes;
    image_changes_init(&changes);
    struct image_frame frame = {.serial = SERIAL};
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < OWNERS; i++)
            set(&changes, i + round * OWNERS, (uint8_t)round);
        assert_int_equal(image_make(&other, &image, &changes, &frame), 0);
        assert_true(try_to_make(&image, &image, &changes, &frame) > 2);
        assert_true(image_equal(&image, &other));
        assert_int_equal(image.n_ours, (round + 1) * OWNERS);
        image_changes_clear(&changes);
    }
    set(&changes, 7, 77);
    assert_true(try_to_make(&other, &image, &changes, &frame) > 2);
    image_fini(&image);
    image_fini(&other);
    image_changes_fini(&changes);
}

static void a_file_without_memory_is_an_error(void **state)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    (void)state;
    if (!POSSIBLE)
        skip();
    struct image image;
    image_init(&image);
    struct image_changes changes;
    image_changes_init(&changes);
    set(&changes, 1, 1);
    struct image_frame frame = {.serial = SERIAL, .end = SERIAL + 1};
    assert_int_equal(image_make(&image, NULL, &changes, &frame), 0);
    for (int n = 0; n < 2; n++) {
        allowed = n;
        assert_int_equal(image_write_cdb(fd, &image), -ENOMEM);
    }
    assert_int_equal(image_write_cdb(fd, &image), 0);
    allowed = 0;
    assert_int_equal(image_write_text(fd, &image, NULL, 0), -ENOMEM);
    image_fini(&image);
    image_changes_fini(&changes);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_without_memory_changes_nothing),
        cmocka_unit_test(an_image_without_memory_stays_as_it_was),
        cmocka_unit_test(a_file_without_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
