/* A data.cdb as somebody may have left it: what a start reads of it, and the check of what was
 * written. */
#include "../../zones/build.h"
#include "../../zones/cdb-file.h"
#include "../../zones/zone.h"

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
    struct records records;
    const struct static_image *image;
    struct build build;
    struct build_sum sum;
};

static void must(bool good)
{
    if (!good)
        abort();
}

static void refuse(void *context, size_t line, const char *why)
{
    (void)context, (void)line, (void)why;
    abort();
}

static void fill(struct expected *expected)
{
    static const char text[] = "+static.internal:192.0.2.1:60\n:static.internal:16:\\004text:60\n";
    struct address address;
    struct zone zone;
    char *copy = malloc(sizeof text);
    size_t refused;

    must(copy);
    memcpy(copy, text, sizeof text);
    zone_init(&zone);
    strcpy(zone.name, "internal");
    zone_complete(&zone);
    records_init(&expected->records);
    zone_add_soa(&zone, &expected->records);
    zone_add_nameservers(&zone, &expected->records);
    must(address_parse(&address, "192.0.2.2"));
    records_add_address(&expected->records, "www.internal", &address, 60);
    records_add_address(&expected->records, "*.internal", &address, 60);
    expected->image = static_image_new(copy, sizeof text - 1, refuse, NULL, &refused);
    must(expected->image);
    zone_fini(&zone);
}

static struct expected *made(void)
{
    static struct expected expected;
    int data;

    if (expected.image)
        return &expected;
    fill(&expected);
    expected.build = (struct build){
        .records = &expected.records, .images = &expected.image, .n_images = 1, .serial = SERIAL};
    data = memfd_create("data", MFD_CLOEXEC);
    expected.fd = memfd_create("data.cdb", MFD_CLOEXEC);
    must(data >= 0 && expected.fd >= 0);
    must(build_write(data, expected.fd, &expected.build, &expected.sum) == 0);
    must(build_verify(expected.fd, &expected.build, &expected.sum) == 0);
    must(build_last_serial(expected.fd) == SERIAL);
    close(data);
    return &expected;
}

/* The same by tinycdb, which maps the whole file; 0 too where the entry is longer than any of ours.
 */
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
        (size_t)cdb_keylen(&cdb) + cdb_datalen(&cdb) <= BUILD_FIRST_MAX)
        cdb_value_serial(value, cdb_datalen(&cdb), &serial);
    cdb_free(&cdb);
    return serial;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct expected *expected = made();

    must(ftruncate(expected->fd, 0) == 0);
    must(pwrite(expected->fd, bytes, length, 0) == (ssize_t)length);
    must(build_last_serial(expected->fd) == tinycdb_serial(expected->fd));
    build_verify(expected->fd, &expected->build, &expected->sum);
    return 0;
}
