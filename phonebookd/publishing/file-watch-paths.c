#include "file-watch-paths.h"

#include "../../common/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* IN_ATTRIB reports changes of permissions, also of the directory's own. */
    NAME_EVENTS = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB,
    /* We also watch these where the files are, but not in directories further up, in which much
     * else may be written. */
    FILE_EVENTS = IN_MODIFY | IN_CLOSE_WRITE,
    DIRECTORY_EVENTS = IN_DELETE_SELF | IN_MOVE_SELF,
    LINKS_MAX = 40, /* the kernel's limit (path_resolution(7)) */
};

/* ---- entries ---- */

void file_watch_entry_path(const struct file_watch_entry *entry,
                           char path[static FILE_WATCH_PATH_MAX])
{
    stpcpy(stpcpy(stpcpy(path, entry->directory), "/"), entry->name);
}

static void forget_entry(struct file_watch_entry *entry)
{
    free(entry->directory);
    free(entry->name);
}

void file_watch_paths_fini(struct file_watch_paths *watched)
{
    for (size_t i = 0; i < watched->n; i++)
        forget_entry(&watched->entries[i]);
    free(watched->entries);
}

/* IN_MASK_ADD: the directory may be on another path too. IN_EXCL_UNLINK: a process that goes on
 * writing a removed file does not change the file that has this name now. */
static int watch_directory(int inotify, const char *directory, bool last)
{
    uint32_t events = NAME_EVENTS | DIRECTORY_EVENTS | (last ? FILE_EVENTS : 0);
    int wd =
        inotify_add_watch(inotify, directory, events | IN_ONLYDIR | IN_MASK_ADD | IN_EXCL_UNLINK);
    return wd < 0 ? -errno : wd;
}

static bool is_missing(int error)
{
    return error == -ENOENT || error == -ENOTDIR;
}

/* 1; 0 if the directory has just been removed, which the watch of its own name reports; or
 * -ENOMEM. */
static int add_entry(struct file_watch_paths *watched, int inotify, const char *directory,
                     const struct file_watch_entry *like)
{
    struct file_watch_entry entry = *like;
    entry.wd = watch_directory(inotify, directory, entry.last);
    if (is_missing(entry.wd))
        return 0;
    if (entry.wd < 0) {
        entry.wd = -1;
        watched->complete = false;
    }
    entry.directory = strdup(directory);
    entry.name = strdup(like->name);
    if (!entry.directory || !entry.name ||
        !array_grow(&watched->entries, &watched->room, watched->n + 1, sizeof *watched->entries)) {
        forget_entry(&entry);
        return -ENOMEM;
    }
    watched->entries[watched->n++] = entry;
    return 1;
}

/* ---- walking a path ---- */

/* A path that is being resolved: `done` contains no links any more, `rest` is still to be
 * resolved. */
struct walk {
    size_t path;
    char done[PATH_MAX], rest[PATH_MAX];
    unsigned links;
};

static bool walk_start(struct walk *walk, const char *path)
{
    walk->links = 0;
    walk->done[0] = '\0';
    if (path[0] != '/' && !getcwd(walk->done, sizeof walk->done))
        return false;
    if (strlen(path) >= sizeof walk->rest)
        return false;
    strcpy(walk->rest, path);
    return true;
}

/* Removes the next name from `rest`; false at the end. */
static bool next_name(struct walk *walk, char name[static NAME_MAX + 1])
{
    const char *from = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(from, "/");
    if (length == 0 || length > NAME_MAX)
        return false;
    memcpy(name, from, length);
    name[length] = '\0';
    memmove(walk->rest, from + length, strlen(from + length) + 1);
    return true;
}

/* Puts the link's target before the rest. */
static bool follow_link(struct walk *walk, const char *link)
{
    char target[PATH_MAX];
    ssize_t length = readlink(link, target, sizeof target);
    size_t rest = strlen(walk->rest);
    if (length < 0 || ++walk->links > LINKS_MAX || (size_t)length + 1 + rest >= sizeof walk->rest)
        return false;
    memmove(walk->rest + length + 1, walk->rest, rest + 1);
    memcpy(walk->rest, target, (size_t)length);
    walk->rest[length] = '/';
    if (target[0] == '/')
        walk->done[0] = '\0';
    return true;
}

/* Watches the directory `done`, then resolves one name in it, so that no change in between is
 * missed. 1; 0 at the end of the path or at a missing name; -1 if the rest cannot be resolved. */
static int look_up(struct walk *walk, char *name, struct file_watch_paths *watched, int inotify)
{
    struct file_watch_entry entry = {.name = name, .path = walk->path};
    const char *directory = walk->done[0] ? walk->done : "/";
    entry.last = walk->rest[strspn(walk->rest, "/")] == '\0';
    int added = add_entry(watched, inotify, directory, &entry);
    if (added <= 0)
        return added;
    char path[FILE_WATCH_PATH_MAX];
    stpcpy(stpcpy(stpcpy(path, walk->done), "/"), name);
    struct stat status;
    if (lstat(path, &status) < 0)
        return is_missing(-errno) ? 0 : -1;
    if (S_ISLNK(status.st_mode))
        return follow_link(walk, path) ? 1 : -1;
    if (strlen(path) >= sizeof walk->done)
        return -1;
    strcpy(walk->done, path);
    return 1;
}

static int walk_on(struct walk *walk, struct file_watch_paths *watched, int inotify)
{
    char name[NAME_MAX + 1];
    if (!next_name(walk, name))
        return 0;
    if (strcmp(name, ".") == 0)
        return 1;
    if (strcmp(name, "..") == 0) {
        char *slash = strrchr(walk->done, '/');
        *(slash ? slash : walk->done) = '\0';
        return 1;
    }
    return look_up(walk, name, watched, inotify);
}

/* A file that we may not read now may become readable without an event, for example by an access
 * rule outside the file system. */
static bool is_denied(const char *path)
{
    return eaccess(path, R_OK) < 0 && errno == EACCES;
}

static void walk_path(struct file_watch_paths *watched, int inotify, const char *path, size_t index)
{
    struct walk walk = {.path = index};
    int step = walk_start(&walk, path) ? 1 : -1;
    while (step > 0)
        step = walk_on(&walk, watched, inotify);
    if (step < 0 || is_denied(path))
        watched->complete = false;
}

/* ---- all paths ---- */

static bool is_watched(const struct file_watch_paths *watched, int wd)
{
    for (size_t i = 0; i < watched->n; i++)
        if (watched->entries[i].wd == wd)
            return true;
    return false;
}

static uint64_t written_until(const struct file_watch_paths *watched,
                              const struct file_watch_entry *like)
{
    for (size_t i = 0; i < watched->n; i++) {
        const struct file_watch_entry *entry = &watched->entries[i];
        if (entry->wd == like->wd && strcmp(entry->name, like->name) == 0)
            return entry->written_until;
    }
    return 0;
}

/* Removes the watches that are no longer needed. A watch that two entries shared is removed twice;
 * the second time has no effect. */
static void let_directories_go(const struct file_watch_paths *old,
                               const struct file_watch_paths *watched, int inotify)
{
    for (size_t i = 0; i < old->n; i++)
        if (!is_watched(watched, old->entries[i].wd))
            inotify_rm_watch(inotify, old->entries[i].wd);
}

void file_watch_paths_walk(struct file_watch_paths *watched, int inotify, char *const *paths)
{
    struct file_watch_paths old = *watched;
    *watched = (struct file_watch_paths){.complete = true};
    for (size_t i = 0; paths && paths[i]; i++)
        walk_path(watched, inotify, paths[i], i);
    for (size_t i = 0; i < watched->n; i++)
        watched->entries[i].written_until = written_until(&old, &watched->entries[i]);
    let_directories_go(&old, watched, inotify);
    file_watch_paths_fini(&old);
}
