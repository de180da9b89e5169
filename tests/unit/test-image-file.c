#include "../../zones/compile.h"
#include "../../zones/image-file.h"
#include "../../zones/sink.h"
#include "compiled.h"
#include "files.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SERIAL = 1700000000, FEW = 50, MANY = 3 * SINK_ROOM / 64 };

static const char static_text[] = ".static:192.0.2.2:ns\n+h1.a:192.0.2.1:60\n:t:16:\\004text\n";

static void add_owner(struct image_changes *changes, size_t i)
{
    struct address address = {.family = 2, .octets = {10, (uint8_t)(i >> 8), (uint8_t)i, 1}};
    struct records records;
    records_init(&records);
    char owner[64];
    snprintf(owner, sizeof owner, i % 7 ? "h%zu.a" : "*.h%zu.a", i);
    if (i == 0) {
        strcpy(owner, "a");
        records_add_soa(&records, owner, "ns.a", "h.a", 5, 5);
        records_add_ns(&records, owner, "ns.a", 60);
    } else if (i % 3 == 0) {
        records_add_ptr(&records, owner, "x.a", 60);
        records_add_placeholder(&records, owner, 5);
    } else {
        records_add_addresses(&records, owner, &address, 1, 60);
    }
    assert_true(image_changes_set(changes, owner, &records));
    records_fini(&records);
}

/* Records of that many owners. */
static struct image made(size_t n, int64_t end, const struct static_image *const *images,
                         size_t n_images)
{
    struct image_frame frame = {
        .images = images, .n_images = n_images, .serial = SERIAL, .end = end};
    struct image image;
    image_init(&image);
    struct image_changes changes;
    image_changes_init(&changes);
    for (size_t i = 0; i < n; i++)
        add_owner(&changes, i);
    assert_int_equal(image_make(&image, NULL, &changes, &frame), 0);
    image_changes_fini(&changes);
    return image;
}

static int opened(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    return fd;
}

/* Compares with our own compiler; test-data-files compares with Debian's. */
static void both_files_say_the_same(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, FEW, MANY};
    const struct static_image *images[] = {compiled(static_text), compiled("")};
    struct compile_ears ears = {.refused = compiled_refuse};
    for (size_t i = 0; i < 4 * sizeof counts / sizeof *counts; i++) {
        int data = opened(files_path(*state, "data")), cdb = opened(files_path(*state, "data.cdb"));
        int again = opened(files_path(*state, "again"));
        size_t count = counts[i / 4], n_images = i % 2 * 2;
        struct image image = made(count, i / 2 % 2 ? SERIAL + 60 : 0, images, n_images);
        assert_int_equal(image_write_cdb(cdb, &image), 0);
        assert_int_equal(image_file_serial(cdb), count || n_images ? SERIAL : 0);
        assert_int_equal(image_write_text(data, &image, images, n_images), 0);
        assert_int_equal(lseek(data, 0, SEEK_SET), 0);
        size_t refused;
        assert_int_equal(compile(data, again, SERIAL, &ears, &refused), 0);
        size_t length;
        char *octets = files_read(files_path(*state, "data.cdb"), &length);
        size_t again_length;
        char *again_octets = files_read(files_path(*state, "again"), &again_length);
        assert_int_equal(length, again_length);
        assert_int_equal(length, image_length(&image));
        assert_memory_equal(octets, again_octets, length);
        free(octets);
        free(again_octets);
        image_fini(&image);
        close(data);
        close(cdb);
        close(again);
    }
    static_image_unref((struct static_image *)images[0]);
    static_image_unref((struct static_image *)images[1]);
}

/* Nothing of the file's earlier content is left. */
static void nothing_of_an_earlier_file_is_left(void **state)
{
    for (int64_t end = 0; end < 2; end++) {
        int fd = opened(files_path(*state, "data.cdb"));
        struct image few = made(FEW, end, NULL, 0), many = made(MANY, end, NULL, 0);
        const struct image *images[] = {&few, &many, &few, &few};
        char *first = NULL;
        for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
            assert_int_equal(image_write_cdb(fd, images[i]), 0);
            size_t length;
            char *octets = files_read(files_path(*state, "data.cdb"), &length);
            assert_int_equal(length, image_length(images[i]));
            if (first && images[i] == &few)
                assert_memory_equal(octets, first, length);
            if (first)
                free(octets);
            else
                first = octets;
        }
        free(first);
        image_fini(&few);
        image_fini(&many);
        close(fd);
    }
}

/* ---- a disk that lies ---- */

static off_t lie = -1; /* the position of the octet that the disk stores wrongly */

/* Replaces libc's function: the linker finds this one first. */
ssize_t pwrite(int fd, const void *octets, size_t length, off_t at)
{
    bool lies = lie >= at && lie < at + (off_t)length;
    uint8_t *copy = malloc(length);
    assert_non_null(copy);
    memcpy(copy, octets, length);
    if (lies)
        copy[lie - at] ^= 0x10;
    ssize_t written = syscall(SYS_pwrite64, fd, copy, length, at);
    free(copy);
    return written;
}

/* Also missing and additional octets. */
static void any_wrong_octet_is_noticed(void **state)
{
    for (int64_t end = 0; end < 2; end++) {
        int fd = opened(files_path(*state, "data.cdb"));
        struct image image = made(FEW, end, NULL, 0);
        for (lie = 0; lie < (off_t)image_length(&image); lie++)
            assert_int_equal(image_write_cdb(fd, &image), -EBADMSG);
        assert_int_equal(image_write_cdb(fd, &image), 0);
        lie = -1;
        image_fini(&image);
        close(fd);
    }
}

static void errors_of_files_are_returned(void **state)
{
    int full = open("/dev/full", O_RDWR),
        unreadable = open(files_path(*state, "new"), O_WRONLY | O_CREAT, 0600);
    struct image image = made(FEW, 0, NULL, 0);
    if (full < 0)
        skip();
    assert_int_equal(image_write_cdb(full, &image), -ENOSPC);
    assert_int_equal(image_write_text(full, &image, NULL, 0), -ENOSPC);
    assert_int_equal(image_write_cdb(-1, &image), -EBADF);
    assert_int_equal(image_write_text(-1, &image, NULL, 0), -EBADF);
    assert_int_equal(image_write_cdb(unreadable, &image), -EBADF);
    assert_int_equal(image_file_serial(-1), 0);
    image_fini(&image);
    close(unreadable);
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(both_files_say_the_same, files_setup),
        WITH_FILES(nothing_of_an_earlier_file_is_left, files_setup),
        WITH_FILES(any_wrong_octet_is_noticed, files_setup),
        WITH_FILES(errors_of_files_are_returned, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
