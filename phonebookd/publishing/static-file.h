/* One file of tinydns-data lines, read from disk and compiled. Blocks, and may run on any
 * thread. */
#ifndef PHONEBOOKD_STATIC_FILE_H
#define PHONEBOOKD_STATIC_FILE_H

#include "../../zones/config/inifile.h"
#include "../../zones/static-image.h"

#include <sys/types.h>
#include <time.h>

/* Which version of a file it is. Equal ones are the same octets, as far as stat(2) can tell, to the
 * same reader; all zero where there is none. */
struct static_version {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
    bool readable;
};
void static_version_of(struct static_version *version, const char *path);
bool static_version_equal(const struct static_version *a, const struct static_version *b);

struct static_reading {
    const char *path;   /* not owned */
    size_t n_told_most; /* refused lines that are complained of one by one */

    struct static_version version;
    struct static_image *image;   /* owned; NULL: not to be used, for one of these: */
    int error;                    /* -errno, or 0 */
    size_t refused;               /* lines */
    struct complaints complaints; /* what is wrong with the lines, or with the file; owned */
};
/* Fills in what comes below the blank line. */
void static_file_read(struct static_reading *reading);

#endif
