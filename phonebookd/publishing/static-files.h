/* The static files of one database: each read, compiled, watched, and read again when it changes.
 *
 * Happy path: after static_files_set() the files are read in the loop's next turns, one after the
 * other on libuv's pool; whenever another good version of a file is there, or one has been read for
 * the first time, `changed` is called.
 * Failure modes: a file with a line that is refused, or that cannot be read, is logged once for
 * each of its versions, and its last good version stays; until it has one, it is left out. So it is
 * with one that is being written (file-watch.h); at the start alone, nothing is known of that. */
#ifndef PHONEBOOKD_STATIC_FILES_H
#define PHONEBOOKD_STATIC_FILES_H

#include "static-file.h"

#include <uv.h>

struct static_files;

/* Without files so far. */
struct static_files *static_files_new(uv_loop_t *loop, void (*changed)(void *owner), void *owner);
/* Memory goes when the loop has run the close callbacks, and what is read has been. NULL is
 * fine. */
void static_files_close(struct static_files *files);

/* The files from now on, in this order; NULL at the end, NULL: none. Those that were in the set
 * before keep what was read. 0, or -ENOMEM with the old set. */
int static_files_set(struct static_files *files, char *const *paths);

/* Reads what is still to be read here and now, blocking: for the start. */
void static_files_read_now(struct static_files *files);

/* Every file has been read, or was found not to be readable. */
bool static_files_ready(const struct static_files *files);

/* Does a canonical name of the zone with this apex clash with one of them (static_image_clash())?
 * Then `why` says so in one line, which names the file and the line there. */
bool static_files_clash(const struct static_files *files, const char *name, const char *apex,
                        char *why, size_t room);

/* The good versions, in the order of the files; the caller takes references to what it keeps. */
size_t static_files_images(const struct static_files *files, struct static_image **images,
                           size_t room);

#endif
