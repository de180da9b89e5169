/* The files of a database: a directory with `data` (tinydns-data text) and `data.cdb`, replaced as
 * a whole.
 *
 * Happy path of data_files_write(): both files are written under a name of their own beside the old
 * ones, data.cdb is read back, both get their mode and time, then each is renamed into place.
 * Failure modes: whatever fails (no space, no directory any more, a short write), the temporary
 * files go, the old files stay and the error is returned; the caller tries again later. A directory
 * that is gone, or is another one by now, is opened again, and made if need be, by the next write;
 * so is one whose lock file is gone.
 * The two renames are not one atomic step: a crash between them leaves a new `data` beside an old
 * `data.cdb`, which is why a start always writes both.
 *
 * No function here knows a loop. data_files_write() may run on another thread, one call at a time.
 */
#ifndef ZONES_DATA_FILES_H
#define ZONES_DATA_FILES_H

#include "build.h"

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

/* What is wrong, of a -errno of data_files_open() or data_files_write(), as a text for a person. It
 * is static. */
const char *data_files_error(int error);

/* The serial for the next build: `now`, or one more than the last where that is not larger. The
 * last is the larger of the old files' (the SOA in data.cdb, the time of `data`) and those given
 * before, so that it grows over restarts and clock steps. Seconds since 1970, 32 bits, never 0. */
uint32_t data_files_next_serial(struct data_files *files, int64_t now);

/* Replaces both files by those of the build. 0 or -errno, then nothing has changed.
 * The old data.cdb is kept open until data_files_release_old(): a server pays for freeing a large
 * file if it drops the last reference (measured: 22 ms at a million names), so we do. */
int data_files_write(struct data_files *files, const struct build *build);
void data_files_release_old(struct data_files *files);

#endif
