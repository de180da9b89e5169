/* The files of a database: a directory with data.cdb and `data` (tinydns-data text), each replaced
 * as a whole.
 *
 * Happy path: data_files_write_cdb() writes the new data.cdb under a temporary name in the same
 * directory, reads it back, sets its mode and time, and renames it into place. Servers need only
 * this file, and are told now. Then data_files_write_text() does the same with `data`, but does not
 * read it back.
 *
 * The replaced data.cdb is kept until the next build: freeing a large file takes time in the
 * process that drops its last reference (22 ms at a million names), which should not be the DNS
 * server. On a tmpfs it keeps a name too, the temporary one, and is written again as the next
 * data.cdb: its pages are there already, and getting new ones takes longer than filling them. This
 * is done only if nobody else has it open or mapped.
 *
 * Failure modes: on any error (no space, a missing directory, a short write) the temporary file is
 * removed, the old file stays, and the error is returned; the caller tries again later. If `data`
 * cannot be written, this is tried again at once without the replaced data.cdb, which may occupy the
 * room. If the
 * directory or its lock file is gone, or the directory was replaced, the next
 * data_files_write_cdb() opens it again, and creates it if necessary. Between the two steps `data`
 * is one build older than data.cdb, and stays so if phonebookd dies or the second step fails;
 * therefore each start writes both.
 *
 * These functions use no event loop. Those that write may run on another thread, one at a time. */
#ifndef ZONES_DATA_FILES_H
#define ZONES_DATA_FILES_H

#include "image.h"

struct data_files; /* opaque; owned by the caller of data_files_open() */

/* Opens the directory, locks it for one phonebookd, and removes the remains of a crash. A missing
 * directory is created with its missing parents, mode 0755. 0 or -errno; -EWOULDBLOCK: another
 * process holds the lock; -EEXIST: the lock file's name exists and is not a regular file, or
 * belongs to another user.
 *
 * The lock is flock(2) on the file DATABASE_LOCK in the directory. Locking the directory itself
 * would not do: every user who can read it could lock it too. So the lock file has mode 0600 and
 * belongs to us. It is not removed at the end, because two processes could then hold the lock: one
 * on the removed file, one on a new one. */
#define DATABASE_LOCK ".phonebook-lock"
int data_files_open(struct data_files **files, const char *directory);
/* Makes the directory and its missing parents, as above; does not lock it. 0 or -errno. */
int data_files_make_directory(const char *directory);
void data_files_close(struct data_files *files);

/* The text for a -errno that one of these functions returned. It is static. */
const char *data_files_error(int error);

/* The serial for the next build, in seconds since 1970, 32 bits, never 0: `now`, or the last serial
 * plus one if that is more. The last serial is the largest of: the SOA in the old data.cdb, the
 * times of both old files, and the serials returned before. So serials grow across restarts and
 * steps of the clock. */
uint32_t data_files_next_serial(struct data_files *files, int64_t now);

/* Replaces data.cdb by that of the image, which image_make() has made, after reading it back. 0,
 * and servers can be told now; or -errno, and nothing has changed. */
int data_files_write_cdb(struct data_files *files, const struct image *image);
/* Replaces `data`, by our text followed by that of the static files. 0, or -errno with the old
 * `data` and the new data.cdb in place. -ESTALE: the directory was replaced since data.cdb was
 * written, so both must be written again. */
int data_files_write_text(struct data_files *files, const struct image *image,
                          const struct static_image *const *images, size_t n_images);

/* May files of this size be written and checked in one turn of the event loop? True for less than
 * DATA_FILES_QUICK_MAX octets on a tmpfs. */
enum { DATA_FILES_QUICK_MAX = 1 << 20 };
bool data_files_are_quick(const struct data_files *files, size_t octets);

#endif
