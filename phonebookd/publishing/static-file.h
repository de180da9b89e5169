/* Reads a file of tinydns-data lines and compiles it. Blocks; may run on any thread. */
#ifndef PHONEBOOKD_STATIC_FILE_H
#define PHONEBOOKD_STATIC_FILE_H

#include "../../zones/config/complaints.h"
#include "../../zones/static-image.h"

#include <sys/types.h>
#include <time.h>

/* Identifies the version of a file: if two are equal, the file has the same octets, as far as
 * stat(2) can tell, and we may (or may not) read it as before. All zero if there is no file. */
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
    size_t n_told_most; /* refused lines that are reported one by one */

    struct static_version version;
    /* owned; NULL if the file cannot be used, for one of these reasons: */
    struct static_image *image;
    int error;                    /* -errno, or 0 */
    size_t refused;               /* number of refused lines */
    struct complaints complaints; /* owned; about the lines or the file */
};
/* Fills in the fields below the blank line. */
void static_file_read(struct static_reading *reading);

#endif
