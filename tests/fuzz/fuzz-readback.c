/* A data.cdb with any content, as a start reads it. */
#include "../../zones/image-file.h"
#include "../unit/require.h"

#include <cdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The same by tinycdb, which maps the whole file; also 0 if the entry is longer than any of ours.
 * */
static uint32_t tinycdb_serial(int fd)
{
    struct cdb cdb;
    if (cdb_init(&cdb, fd) < 0)
        return 0;
    unsigned position;
    cdb_seqinit(&position, &cdb);
    uint32_t serial = 0;
    const void *value;
    if (cdb_seqnext(&position, &cdb) > 0 && (value = cdb_getdata(&cdb)) &&
        (size_t)cdb_keylen(&cdb) + cdb_datalen(&cdb) <= IMAGE_FIRST_MAX)
        cdb_value_serial(value, cdb_datalen(&cdb), &serial);
    cdb_free(&cdb);
    return serial;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    int fd = memfd_create("data.cdb", MFD_CLOEXEC);
    require(fd >= 0 && pwrite(fd, bytes, length, 0) == (ssize_t)length);
    require(image_file_serial(fd) == tinycdb_serial(fd));
    close(fd);
    return 0;
}
