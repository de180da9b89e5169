/* Says when files that others write may have changed, by inotify(7).
 *
 * Happy path: for each file every directory is watched in which a name on the way to it is looked
 * up, so that a rename over the file, a link that is turned and a directory that is replaced are
 * all seen; a burst of events becomes one call of `changed`. A file that is written in place counts
 * when its writer closes it, so that nobody reads it half written, or when he has not written for a
 * while.
 *
 * Failure modes: where something cannot be watched (a directory without a right to read or to
 * search it, no watches left), and where the file itself may not be read, `changed` is called every
 * FILE_WATCH_RETRY_MS in addition, until it can. */
#ifndef PHONEBOOKD_FILE_WATCH_H
#define PHONEBOOKD_FILE_WATCH_H

#include <stddef.h>
#include <uv.h>

struct file_watch;

/* Some of the files may be others now; ask stat(2) which, and file_watch_state() whether they are
 * to be read. */
typedef void file_watch_changed(void *owner);

/* 0 or -errno. */
int file_watch_new(struct file_watch **watch, uv_loop_t *loop, file_watch_changed *changed,
                   void *owner);
/* Memory goes when the loop has run the close callbacks. NULL is fine. */
void file_watch_close(struct file_watch *watch);

/* Watches these files and no others, and calls `changed` soon for those that changed before. The
 * array and its texts must stay until the next call; NULL at the end, NULL: none. */
void file_watch_set(struct file_watch *watch, char *const *paths);

enum file_state {
    FILE_AT_REST,
    FILE_WRITTEN,   /* at this moment, to all that is known; `changed` is called when it is over */
    FILE_UNWATCHED, /* nobody would tell: at rest if FILE_WATCH_RETRY_MS change nothing */
};
/* Of the file that has this index. Right after it was read the answer is for what was read. */
enum file_state file_watch_state(struct file_watch *watch, size_t path);

#endif
