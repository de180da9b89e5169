#include "static-files.h"

#include "../../zones/config/complaints.h"
#include "../../zones/static-image.h"
#include "../limits.h"
#include "../log.h"
#include "file-watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct static_file {
    char *path;                    /* owned */
    struct static_image *image;    /* the last good version; NULL: none yet */
    struct static_version version; /* the version that was read last, good or bad */
    struct static_version seen;    /* the version at the last look, */
    uint64_t seen_since;           /* and since when, on the loop's clock */
    bool due;                      /* to be read if its version is not the one that was read */
    bool read;    /* a version was read, found missing, or is still being written */
    bool bad;     /* the version that was read is bad; this was logged */
    bool reading; /* the thread is reading it */
};

struct file_set {
    struct static_file *files; /* owned */
    char **paths;              /* owned, but the texts are not; for the watch; NULL at the end */
    size_t n;
};

struct static_files {
    uv_loop_t *loop;
    void (*changed)(void *owner);
    void *owner;
    struct file_set set;
    struct file_watch *watch; /* NULL until there is a file */
    uv_work_t work;
    struct static_reading reading; /* used by the thread; its path is owned */
    bool working, closing;
};

/* ---- the set, and one file of it ---- */

static void set_fini(struct file_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        free(set->files[i].path);
        static_image_unref(set->files[i].image);
    }
    free(set->files);
    free(set->paths);
}

/* The first file with this path, or NULL. */
static struct static_file *find(const struct file_set *set, const char *path)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->files[i].path && strcmp(set->files[i].path, path) == 0)
            return &set->files[i];
    return NULL;
}

/* The file that the thread is reading; NULL if it has left the set meanwhile. */
static struct static_file *find_reading(const struct file_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->files[i].reading)
            return &set->files[i];
    return NULL;
}

/* Takes over the result of the reading. True if there is another image now. */
static bool take(struct static_file *file, struct static_reading *reading)
{
    bool was_bad = file->bad;
    file->version = reading->version;
    file->read = true;
    file->bad = !reading->image;
    if (file->bad) {
        complain(&reading->complaints, file->path, 0, NULL,
                 file->image ? "its last good version stays" : "is left out");
        log_caused_lines(LOG_STATIC, LOG_NOBODY, reading->complaints.text);
        return false;
    }
    if (was_bad)
        log_caused_over(LOG_STATIC, LOG_NOBODY, "%s: is good again", file->path);
    log_debug("%s: read, %zu entries", file->path, reading->image->entries.n);
    static_image_unref(file->image);
    file->image = reading->image;
    reading->image = NULL;
    return true;
}

/* The file may have been incomplete when it was read; the watch reports when it is complete. */
static void pass_over(struct static_file *file)
{
    if (!file->read) {
        log_caused(LOG_STATIC, LOG_NOBODY, "%s: is being written, and left out until that is over",
                   file->path);
        file->bad = true;
    }
    file->read = true;
}

/* ---- which to read ---- */

static enum file_state state_of(const struct static_files *files, const struct static_file *file)
{
    if (!files->watch)
        return FILE_AT_REST;
    return file_watch_state(files->watch, (size_t)(file - files->set.files));
}

/* Each look makes a changed file due once, so that a file that changes all the time is not read all
 * the time. */
static void look_at(const struct static_files *files, struct static_file *file)
{
    struct static_version now;
    static_version_of(&now, file->path);
    if (!static_version_equal(&now, &file->seen))
        file->seen_since = uv_now(files->loop);
    file->seen = now;
    if (uv_now(files->loop) - file->seen_since >= FILE_WATCH_RETRY_MS ||
        state_of(files, file) != FILE_UNWATCHED)
        file->due = true;
}

/* The first file that is due and has another version than was read; NULL: none. */
static struct static_file *next_to_read(const struct static_files *files)
{
    for (size_t i = 0; i < files->set.n; i++) {
        struct static_file *file = &files->set.files[i];
        if (!file->due)
            continue;
        file->due = false;
        struct static_version now;
        static_version_of(&now, file->path);
        if (!file->read ||
            (!static_version_equal(&now, &file->version) && state_of(files, file) != FILE_WRITTEN))
            return file;
    }
    return NULL;
}

/* ---- on the pool ---- */

static void work_read(uv_work_t *work)
{
    struct static_files *files = work->data;
    static_file_read(&files->reading);
}

static void free_all(struct static_files *files)
{
    set_fini(&files->set);
    free(files);
}

static void end_reading(struct static_reading *reading)
{
    static_image_unref(reading->image);
    complaints_fini(&reading->complaints);
    free((char *)reading->path);
    reading->path = NULL;
}

static void read_next(struct static_files *files);

static void after_read(uv_work_t *work, int status)
{
    struct static_files *files = work->data;
    struct static_file *file = find_reading(&files->set);
    (void)status; /* nobody cancels it */
    files->working = false;
    bool changed = false;
    if (file && !files->closing) {
        changed = !file->read;
        file->reading = false;
        if (state_of(files, file) == FILE_WRITTEN)
            pass_over(file);
        else if (take(file, &files->reading))
            changed = true;
    }
    end_reading(&files->reading);
    if (files->closing) {
        free_all(files);
        return;
    }
    read_next(files);
    if (changed)
        files->changed(files->owner);
}

/* If there is no memory for a path, nothing is read now; the next change tries again. */
static void read_next(struct static_files *files)
{
    struct static_file *file = files->working ? NULL : next_to_read(files);
    if (!file)
        return;
    files->reading = (struct static_reading){.path = strdup(file->path),
                                             .n_told_most = STATIC_COMPLAINTS_LOGGED};
    if (!files->reading.path)
        return;
    files->working = file->reading = true;
    uv_queue_work(files->loop, &files->work, work_read, after_read);
}

static void on_files_changed(void *owner)
{
    struct static_files *files = owner;
    for (size_t i = 0; i < files->set.n; i++)
        look_at(files, &files->set.files[i]);
    read_next(files);
}

/* ---- the outside ---- */

void static_files_read_now(struct static_files *files)
{
    for (size_t i = 0; i < files->set.n; i++) {
        struct static_file *file = &files->set.files[i];
        struct static_reading reading = {.path = file->path,
                                         .n_told_most = STATIC_COMPLAINTS_LOGGED};
        if (file->read)
            continue;
        static_file_read(&reading);
        take(file, &reading);
        static_image_unref(reading.image);
        complaints_fini(&reading.complaints);
    }
}

bool static_files_ready(const struct static_files *files)
{
    for (size_t i = 0; i < files->set.n; i++)
        if (!files->set.files[i].read)
            return false;
    return true;
}

bool static_files_clash(const struct static_files *files, const char *name, const char *apex,
                        char *why, size_t room)
{
    for (size_t i = 0; i < files->set.n; i++) {
        const struct static_file *file = &files->set.files[i];
        struct static_clash clash;
        if (!file->image || !static_image_clash(file->image, name, apex, &clash))
            continue;
        snprintf(why, room, "%s: %s:%zu has %s for %s%s", name, file->path, clash.line, clash.what,
                 clash.owner,
                 strcmp(clash.owner, name) == 0 ? ", which leaves no room for other records"
                                                : ", and names below it get no answer");
        return true;
    }
    return false;
}

size_t static_files_images(const struct static_files *files, struct static_image **images,
                           size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < files->set.n && n < room; i++)
        if (files->set.files[i].image)
            images[n++] = files->set.files[i].image;
    return n;
}

/* Makes a set of files that were not read yet. False if memory ran out. */
static bool set_init(struct file_set *set, char *const *paths, size_t n)
{
    *set = (struct file_set){.files = calloc(n + 1, sizeof *set->files),
                             .paths = calloc(n + 1, sizeof *set->paths)};
    if (!set->files || !set->paths)
        return false;
    for (; set->n < n; set->n++) {
        set->files[set->n].path = set->paths[set->n] = strdup(paths[set->n]);
        if (!set->files[set->n].path)
            return false;
    }
    return true;
}

/* Moves what is known about the files that are in both sets. */
static void move_known(struct file_set *to, struct file_set *from)
{
    for (size_t i = 0; i < to->n; i++) {
        struct static_file *known = find(from, to->files[i].path);
        if (!known)
            continue;
        free(to->files[i].path);
        to->files[i] = *known;
        to->paths[i] = known->path;
        *known = (struct static_file){.path = NULL};
    }
}

static void watch_files(struct static_files *files)
{
    int error = 0;
    if (files->set.n > 0 && !files->watch)
        error = file_watch_new(&files->watch, files->loop, on_files_changed, files);
    if (error)
        log_error("static files are not watched: %s; a SIGHUP reads them again", strerror(-error));
    if (files->watch)
        file_watch_set(files->watch, files->set.paths);
    else
        on_files_changed(files);
}

int static_files_set(struct static_files *files, char *const *paths)
{
    struct file_set old = files->set;
    size_t n = 0;
    while (paths && paths[n])
        n++;
    struct file_set set;
    if (!set_init(&set, paths, n)) {
        set_fini(&set);
        return -ENOMEM;
    }
    move_known(&set, &old);
    files->set = set;
    watch_files(files);
    set_fini(&old);
    return 0;
}

struct static_files *static_files_new(uv_loop_t *loop, void (*changed)(void *owner), void *owner)
{
    struct static_files *files = calloc(1, sizeof *files);
    if (!files)
        return NULL;
    files->loop = loop;
    files->changed = changed;
    files->owner = owner;
    files->work.data = files;
    return files;
}

void static_files_close(struct static_files *files)
{
    if (!files)
        return;
    files->closing = true;
    file_watch_close(files->watch);
    if (!files->working)
        free_all(files);
}
