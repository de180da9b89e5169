/* The two files of an image: data.cdb, and `data`, its text. */
#ifndef ZONES_IMAGE_FILE_H
#define ZONES_IMAGE_FILE_H

#include "cdb.h"
#include "image.h"
#include "name.h"
#include "static-image.h"

/* Both write to an empty file that is open for writing. 0 or -errno; then what is in the file is
 * worth nothing. The text has that of the static images behind ours. */
int image_write_cdb(int fd, const struct image *image);
int image_write_text(int fd, const struct image *image, const struct static_image *const *images,
                     size_t n_images);

/* Reads a data.cdb back, all octets of it. 0, -EBADMSG where it is not what it should be, or
 * -errno. */
int image_check_cdb(int fd, const struct image *image);

/* The serial of the SOA that a data.cdb begins with, 0 where it does not begin with one or is no
 * such file: whatever may be there is read, nothing is believed, and no more than the first
 * IMAGE_FIRST_MAX octets of entries are looked at. A file of ours begins with a SOA of ours; a
 * static one, which stands further down, may have a serial made of a date, which as a time is far
 * in the future. */
enum {
    /* Key and value of the longest SOA. */
    IMAGE_FIRST_MAX = NAME_WIRE_MAX + CDB_ENTRY_HEAD_MAX + 2 * NAME_WIRE_MAX + CDB_SOA_NUMBERS,
};
uint32_t image_file_serial(int fd);

#endif
