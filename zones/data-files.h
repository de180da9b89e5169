/* The files of a database: a directory with data.cdb and `data` (tinydns-data text), each replaced
 * as a whole.
 *
 * Happy path: data_files_write_cdb() writes data.cdb under a name of its own beside the old one,
 * reads it back, gives it its mode and time and renames it into place. Servers need no more, and
 * are told. Then data_files_write_text() does the same with `data`.
 * Failure modes: whatever fails (no space, no directory any more, a short write), the temporary
 * file goes, the old file stays and the error is returned; the caller tries again later. A
 * directory that is gone, or is another one by now, is opened again, and made if need be, by the
 * next data_files_write_cdb(); so is one whose lock file is gone.
 * Between the two steps, and where the second fails or phonebookd dies before it, `data` is one
 * build older than data.cdb, which is why a start always writes both.
 *
 * No function here knows a loop. Those that write may run on another thread, one call at a time. */
#ifndef ZONES_DATA_FILES_H
#define ZONES_DATA_FILES_H

#include "image.h"

struct data_files; /* opaque; owned by the caller of data_files_open() */

/* Opens the directory (made where missing, with its missing parents, mode 0755), takes its lock
 * (one phonebookd per directory), removes what a crash left behind. 0 or -errno; -EWOULDBLOCK where
 * another process holds the lock, -EEXIST where what has the lock file's name is no regular file or
 * another user's.
 *
 * The lock is flock(2) on a file DATABASE_LOCK in the directory. Whoever can open a file can lock
 * it, for reading too: so the file is of mode 0600 and ours, and the directory, which everybody may
 * read, is not locked. It stays when we end: a file that is removed while others wait for its lock
 * would be locked by two. */
#define DATABASE_LOCK ".phonebook-lock"
int data_files_open(struct data_files **files, const char *directory);
void data_files_close(struct data_files *files);

/* What is wrong, of a -errno of these functions, as a text for a person. It is static. */
const char *data_files_error(int error);

/* The serial for the next build: `now`, or one more than the last where that is not larger. The
 * last is the largest of the old files' (the SOA in data.cdb, the times of both) and those given
 * before, so that it grows over restarts and clock steps. Seconds since 1970, 32 bits, never 0. */
uint32_t data_files_next_serial(struct data_files *files, int64_t now);

/* Replaces data.cdb by that of the image, which was made; it is read back before. 0 or -errno, then
 * nothing has changed. Servers can be told then; the old file stays open as below. */
int data_files_write_cdb(struct data_files *files, const struct image *image);
/* Then `data`, with the static files' text behind ours. 0, or -errno: the old one stays, and the
 * new data.cdb too. -ESTALE where the directory is not that of data.cdb any more: both are to be
 * written again. */
int data_files_write_text(struct data_files *files, const struct image *image,
                          const struct static_image *const *images, size_t n_images);

/* Does it take no longer than a turn of the loop may to write and check files of so many octets?
 * The directory is on a tmpfs, and they have less than DATA_FILES_QUICK_MAX. */
enum { DATA_FILES_QUICK_MAX = 1 << 20 };
bool data_files_are_quick(const struct data_files *files, size_t octets);

/* The old data.cdb is kept open until data_files_release_old(): a server pays for freeing a large
 * file if it drops the last reference (measured: 22 ms at a million names), so we do. */
void data_files_release_old(struct data_files *files);

#endif
