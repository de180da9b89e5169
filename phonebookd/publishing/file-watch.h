/* Reports when files that others write may have changed, using inotify(7).
 *
 * Happy path: for each file we watch every directory in which a name on the way to it is looked up.
 * So we notice a rename over the file, a changed link, and a replaced directory. A burst of events
 * causes one call of `changed`. A file that is written in place is reported when its writer closes
 * it, or has not written for a while, so that it is not read half written.
 *
 * Failure modes: while a directory cannot be watched (no permission to read or search it, no
 * watches left), or the file itself may not be read, `changed` is also called every
 * FILE_WATCH_RETRY_MS. */
#ifndef PHONEBOOKD_FILE_WATCH_H
#define PHONEBOOKD_FILE_WATCH_H

#include <stddef.h>
#include <uv.h>

struct file_watch;

/* Some of the files may have changed. stat(2) tells which, and file_watch_state() whether they may
 * be read. */
typedef void file_watch_changed(void *owner);

/* 0 or -errno. */
int file_watch_new(struct file_watch **watch, uv_loop_t *loop, file_watch_changed *changed,
                   void *owner);
/* The memory is freed when the loop has run the close callbacks. NULL is fine. */
void file_watch_close(struct file_watch *watch);

/* Watches these files and no others; calls `changed` soon, since they may have changed before. The
 * array (NULL at the end; NULL: none) and its texts must stay until the next call. */
void file_watch_set(struct file_watch *watch, char *const *paths);

enum file_state {
    FILE_AT_REST,
    /* somebody is writing it, as far as we know; `changed` is called when he is done */
    FILE_WRITTEN,
    /* we get no events; treat it as at rest if it stays the same for FILE_WATCH_RETRY_MS */
    FILE_UNWATCHED,
};
/* The state of the file with this index. Right after the file was read, the answer applies to the
 * content that was read. */
enum file_state file_watch_state(struct file_watch *watch, size_t path);

#endif
