/* What the paths of files hang on: every name that is looked up on the way, in links too, with the
 * directory that it is looked up in, which inotify(7) watches. */
#ifndef PHONEBOOKD_FILE_WATCH_PATHS_H
#define PHONEBOOKD_FILE_WATCH_PATHS_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name that is looked up in a directory, whether it is there or not. */
struct file_watch_entry {
    int wd;                 /* -1: the directory cannot be watched */
    char *directory, *name; /* owned */
    size_t path;            /* its index */
    bool last;              /* the name of the file itself, or of a link to it */
    uint64_t written_until; /* as far as is known, on the loop's clock; 0: nobody writes it */
};
enum { FILE_WATCH_PATH_MAX = PATH_MAX + NAME_MAX + 2 };
void file_watch_entry_path(const struct file_watch_entry *entry,
                           char path[static FILE_WATCH_PATH_MAX]);

struct file_watch_paths {
    struct file_watch_entry *entries; /* owned */
    size_t n, room;
    bool complete; /* whatever happens to one of the files is an event */
};
void file_watch_paths_fini(struct file_watch_paths *watched);

/* Walks all paths anew, NULL at the end, NULL: none. A directory that is watched already keeps its
 * number, and a name in it what is known of its writers. */
void file_watch_paths_walk(struct file_watch_paths *watched, int inotify, char *const *paths);

#endif
