/* A data.cdb as somebody may have left it: what a start reads of it, and the check of what was
 * written. */
#include "../../zones/image-file.h"
#include "require.h"

#include <cdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { SERIAL = 1700000000 };

/* What is compared with, made once. */
struct expected {
    int fd; /* the file that is read */
    struct image image;
};

static void set(struct image_changes *changes, const char *owner, const char *address)
{
    struct address parsed;
    struct records records;

    records_init(&records);
    if (address) {
        require(address_parse(&parsed, address));
        records_add_address(&records, owner, &parsed, 60);
    } else {
        records_add_soa(&records, owner, "ns.internal", "hostmaster.internal", 5, 5);
        records_add_ns(&records, owner, "ns.internal", 60);
    }
    require(image_changes_set(changes, owner, &records));
    records_fini(&records);
}

static struct static_image *static_file(void)
{
    static const char text[] = "+static.internal:192.0.2.1:60\n:static.internal:16:\\004text:60\n";
    char *copy = malloc(sizeof text);
    struct static_image *image;
    size_t refused;

    require(copy);
    memcpy(copy, text, sizeof text);
    image = static_image_new(copy, sizeof text - 1, require_no_line, NULL, &refused);
    require(image);
    return image;
}

static void make(struct image *image)
{
    struct static_image *file = static_file();
    const struct static_image *files[] = {file};
    struct image_frame frame = {.images = files, .n_images = 1, .serial = SERIAL};
    struct image_changes changes;

    image_init(image);
    image_changes_init(&changes);
    set(&changes, "internal", NULL);
    set(&changes, "www.internal", "192.0.2.2");
    set(&changes, "*.internal", "192.0.2.2");
    require(image_make(image, NULL, &changes, &frame) == 0);
    image_changes_fini(&changes);
    static_image_unref(file);
}

static struct expected *made(void)
{
    static struct expected expected;

    if (expected.image.n_ours > 0)
        return &expected;
    make(&expected.image);
    expected.fd = memfd_create("data.cdb", MFD_CLOEXEC);
    require(expected.fd >= 0);
    require(image_write_cdb(expected.fd, &expected.image) == 0);
    require(image_check_cdb(expected.fd, &expected.image) == 0);
    require(image_file_serial(expected.fd) == SERIAL);
    return &expected;
}

/* The same by tinycdb, which maps the whole file; 0 too where the entry is longer than any of
 * ours. */
static uint32_t tinycdb_serial(int fd)
{
    uint32_t serial = 0;
    const void *value;
    struct cdb cdb;
    unsigned position;

    if (cdb_init(&cdb, fd) < 0)
        return 0;
    cdb_seqinit(&position, &cdb);
    if (cdb_seqnext(&position, &cdb) > 0 && (value = cdb_getdata(&cdb)) &&
        (size_t)cdb_keylen(&cdb) + cdb_datalen(&cdb) <= IMAGE_FIRST_MAX)
        cdb_value_serial(value, cdb_datalen(&cdb), &serial);
    cdb_free(&cdb);
    return serial;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct expected *expected = made();

    require(ftruncate(expected->fd, 0) == 0);
    require(pwrite(expected->fd, bytes, length, 0) == (ssize_t)length);
    require(image_file_serial(expected->fd) == tinycdb_serial(expected->fd));
    image_check_cdb(expected->fd, &expected->image);
    return 0;
}
