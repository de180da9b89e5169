/* Writes the two files of an image: data.cdb and its text, `data`. */
#ifndef ZONES_IMAGE_FILE_H
#define ZONES_IMAGE_FILE_H

#include "cdb.h"
#include "image.h"
#include "name.h"
#include "static-image.h"

/* Replaces the file's content by the data.cdb, then reads back every octet and compares it with the
 * image. The file is open for reading and writing. 0; -EBADMSG: it differs; or another -errno.
 * After an error the file is unusable. */
int image_write_cdb(int fd, const struct image *image);
/* Writes our text, followed by that of the static images, to an empty file that is open for
 * writing. 0 or -errno; after an error the file is unusable. */
int image_write_text(int fd, const struct image *image, const struct static_image *const *images,
                     size_t n_images);

/* The serial of the SOA that a data.cdb begins with; 0 if it does not begin with a SOA or is not
 * such a file. The file may contain anything, and at most the first IMAGE_FIRST_MAX octets of its
 * entries are read. Our files begin with a SOA of ours. Later, static SOAs do not count: a serial
 * made of a date (2026112801) would be a time far in the future. */
enum {
    /* key and value of the longest SOA */
    IMAGE_FIRST_MAX = NAME_WIRE_MAX + CDB_ENTRY_HEAD_MAX + 2 * NAME_WIRE_MAX + CDB_SOA_NUMBERS,
};
uint32_t image_file_serial(int fd);

#endif
