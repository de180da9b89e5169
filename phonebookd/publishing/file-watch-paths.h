/* The names that lead to a set of files: every name that is looked up on the way to a file, also
 * within symbolic links, with the directory in which it is looked up. inotify(7) watches these
 * directories. */
#ifndef PHONEBOOKD_FILE_WATCH_PATHS_H
#define PHONEBOOKD_FILE_WATCH_PATHS_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name that is looked up in a directory, whether or not it exists. */
struct file_watch_entry {
    int wd;                 /* the watch of the directory; -1: it cannot be watched */
    char *directory, *name; /* owned */
    size_t path;            /* index of the path that it belongs to */
    bool last;              /* it is the file itself, or a link to it */
    /* somebody writes it until this time on the loop's clock, as far as we know; 0: nobody */
    uint64_t written_until;
};
enum { FILE_WATCH_PATH_MAX = PATH_MAX + NAME_MAX + 2 };
void file_watch_entry_path(const struct file_watch_entry *entry,
                           char path[static FILE_WATCH_PATH_MAX]);

struct file_watch_paths {
    struct file_watch_entry *entries; /* owned */
    size_t n, room;
    bool complete; /* every change of one of the files causes an event */
};
void file_watch_paths_fini(struct file_watch_paths *watched);

/* Walks all paths again (NULL at the end; NULL: none). A directory that was watched before keeps
 * its watch, and a name in it keeps what is known about its writers. */
void file_watch_paths_walk(struct file_watch_paths *watched, int inotify, char *const *paths);

#endif
