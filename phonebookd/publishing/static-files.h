/* The static files of one database: each is read, compiled and watched, and read again when it
 * changes.
 *
 * Happy path: after static_files_set() the files are read in the next loop turns, one after the
 * other on libuv's pool. `changed` is called when a file has a new good version, and when each file
 * has been read for the first time. Failure modes: a file that has a refused line or cannot be read
 * is logged once per version, and its last good version stays in use; until there is one, the file
 * is left out. A file that is being written is treated alike (file-watch.h), except at the start,
 * when we cannot know this. */
#ifndef PHONEBOOKD_STATIC_FILES_H
#define PHONEBOOKD_STATIC_FILES_H

#include "static-file.h"

#include <uv.h>

struct static_files;

/* Initially there are no files. */
struct static_files *static_files_new(uv_loop_t *loop, void (*changed)(void *owner), void *owner);
/* The memory is freed when the loop has run the close callbacks and a file that is being read has
 * been read. NULL is fine. */
void static_files_close(struct static_files *files);

/* Sets the files and their order (NULL at the end; NULL: none). Files that were in the set before
 * keep what was read. 0, or -ENOMEM with the old set. */
int static_files_set(struct static_files *files, char *const *paths);

/* Reads the files that were not read yet, and blocks until that is done. For the start. */
void static_files_read_now(struct static_files *files);

/* True if every file was read, or found to be unreadable. */
bool static_files_ready(const struct static_files *files);

/* Does a canonical name, in the zone with this apex, clash with one of the files
 * (static_image_clash())? `why` then is one line with the clash, the file and the line number. */
bool static_files_clash(const struct static_files *files, const char *name, const char *apex,
                        char *why, size_t room);

/* The good versions, in the order of the files. The caller takes a reference to each one it
 * keeps. */
size_t static_files_images(const struct static_files *files, struct static_image **images,
                           size_t room);

#endif
