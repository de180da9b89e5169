#include "file-watch.h"

#include "limits.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* IN_CREATE is for links: a file that is created has nothing in it yet. */
    EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_MOVED_FROM | IN_DELETE,
    DIRECTORY_EVENTS = IN_DELETE_SELF | IN_MOVE_SELF,
    ANY_NAME = DIRECTORY_EVENTS | IN_IGNORED | IN_UNMOUNT | IN_Q_OVERFLOW,
    LINKS_MAX = 40, /* as the kernel's (path_resolution(7)) */
};

/* A name that is looked up in a directory. */
struct place {
    int wd;
    char *directory, *name; /* owned */
};

struct file_watch {
    int fd;
    file_watch_changed *changed;
    void *owner;
    char *const *paths; /* not owned */
    struct place *places;
    size_t n_places, room;
    bool complete; /* everything is watched */
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned handles;
};

/* ---- which directories ---- */

static void forget_place(struct place *place)
{
    free(place->directory);
    free(place->name);
}

static bool add_place(struct file_watch *watch, const char *directory, const char *name)
{
    struct place place = {.directory = strdup(directory), .name = strdup(name)};

    if (watch->n_places == watch->room) {
        size_t room = watch->room * 2 + 8;
        struct place *larger = reallocarray(watch->places, room, sizeof *larger);

        if (!larger) {
            forget_place(&place);
            return false;
        }
        watch->places = larger;
        watch->room = room;
    }
    place.wd = inotify_add_watch(watch->fd, directory, EVENTS | DIRECTORY_EVENTS | IN_ONLYDIR);
    if (!place.directory || !place.name || place.wd < 0) {
        forget_place(&place);
        return false;
    }
    watch->places[watch->n_places++] = place;
    return true;
}

/* A path on its way to what it means: `done` has no link left in it, `rest` is still to go. */
struct walk {
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

/* Cuts the next name off `rest`; false at the end. */
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

/* What the link says comes before the rest. */
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

static const char *directory_of(const struct walk *walk)
{
    return walk->done[0] ? walk->done : "/";
}

/* One name further. 1; 0 at the end, which may be a name that is not there; -1 where something
 * could not be watched. The watch comes before the look, so that nothing is missed in between. */
static int walk_on(struct walk *walk, struct file_watch *watch)
{
    char name[NAME_MAX + 1], path[PATH_MAX + NAME_MAX + 2];
    struct stat status;
    bool last;

    if (!next_name(walk, name))
        return 0;
    if (strcmp(name, ".") == 0)
        return 1;
    if (strcmp(name, "..") == 0) {
        char *slash = strrchr(walk->done, '/');

        *(slash ? slash : walk->done) = '\0';
        return 1;
    }
    last = walk->rest[strspn(walk->rest, "/")] == '\0';
    stpcpy(stpcpy(stpcpy(path, walk->done), "/"), name);
    if (last || lstat(path, &status) < 0 || S_ISLNK(status.st_mode)) {
        if (!add_place(watch, directory_of(walk), name))
            return -1;
        if (lstat(path, &status) < 0)
            return 0;
    }
    if (S_ISLNK(status.st_mode))
        return follow_link(walk, path) ? 1 : -1;
    if (strlen(path) >= sizeof walk->done)
        return -1;
    strcpy(walk->done, path);
    return 1;
}

static bool watch_path(struct file_watch *watch, const char *path)
{
    struct walk walk;
    int step = walk_start(&walk, path) ? 1 : -1;

    while (step > 0)
        step = walk_on(&walk, watch);
    return step == 0;
}

static bool is_watched(const struct place *places, size_t n, int wd)
{
    for (size_t i = 0; i < n; i++)
        if (places[i].wd == wd)
            return true;
    return false;
}

/* Walks all paths anew. A directory that is watched already keeps its number. */
static void watch_all(struct file_watch *watch)
{
    struct place *old = watch->places;
    size_t n_old = watch->n_places;

    watch->places = NULL;
    watch->n_places = watch->room = 0;
    watch->complete = true;
    for (char *const *path = watch->paths; path && *path; path++)
        if (!watch_path(watch, *path))
            watch->complete = false;
    for (size_t i = 0; i < n_old; i++) {
        if (!is_watched(watch->places, watch->n_places, old[i].wd) &&
            !is_watched(old, i, old[i].wd))
            inotify_rm_watch(watch->fd, old[i].wd);
        forget_place(&old[i]);
    }
    free(old);
}

/* ---- what happens in them ---- */

static void on_timer(uv_timer_t *timer);

static void look_soon(struct file_watch *watch)
{
    if (!uv_is_active((uv_handle_t *)&watch->timer) ||
        uv_timer_get_due_in(&watch->timer) > FILE_WATCH_SETTLE_MS)
        uv_timer_start(&watch->timer, on_timer, FILE_WATCH_SETTLE_MS, 0);
}

/* A new file with one name is somebody's who goes on to write it, and will close it. */
static bool is_beginning(const struct place *place)
{
    char path[PATH_MAX + NAME_MAX + 2];
    struct stat status;

    stpcpy(stpcpy(stpcpy(path, place->directory), "/"), place->name);
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

static bool matters(const struct file_watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return true;
    for (size_t i = 0; i < watch->n_places; i++) {
        const struct place *place = &watch->places[i];

        if (place->wd != event->wd)
            continue;
        if (event->mask & ANY_NAME)
            return true;
        if (event->len > 0 && strcmp(place->name, event->name) == 0)
            return !(event->mask & IN_CREATE) || !is_beginning(place);
    }
    return false;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct file_watch *watch = poll->data;
    alignas(struct inotify_event) char buffer[16 * 1024];
    ssize_t length = read(watch->fd, buffer, sizeof buffer);

    (void)status, (void)events;
    for (char *at = buffer; length > 0 && at < buffer + length;) {
        const struct inotify_event *event = (const struct inotify_event *)(void *)at;

        if (matters(watch, event))
            look_soon(watch);
        at += sizeof *event + event->len;
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct file_watch *watch = timer->data;

    watch_all(watch);
    if (!watch->complete)
        uv_timer_start(timer, on_timer, FILE_WATCH_RETRY_MS, 0);
    watch->changed(watch->owner);
}

/* ---- the outside ---- */

void file_watch_set(struct file_watch *watch, char *const *paths)
{
    watch->paths = paths;
    look_soon(watch); /* which walks the paths */
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct file_watch *watch = handle->data;

    if (--watch->handles > 0)
        return;
    close(watch->fd);
    for (size_t i = 0; i < watch->n_places; i++)
        forget_place(&watch->places[i]);
    free(watch->places);
    free(watch);
}

void file_watch_close(struct file_watch *watch)
{
    if (!watch)
        return;
    uv_close((uv_handle_t *)&watch->poll, on_handle_closed);
    uv_close((uv_handle_t *)&watch->timer, on_handle_closed);
}

int file_watch_new(struct file_watch **made, uv_loop_t *loop, file_watch_changed *changed,
                   void *owner)
{
    struct file_watch *watch = calloc(1, sizeof *watch);
    int error;

    if (!watch)
        return -ENOMEM;
    watch->changed = changed;
    watch->owner = owner;
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    error = watch->fd < 0 ? -errno : uv_poll_init(loop, &watch->poll, watch->fd);
    if (error) {
        if (watch->fd >= 0)
            close(watch->fd);
        free(watch);
        return error;
    }
    uv_timer_init(loop, &watch->timer);
    watch->poll.data = watch->timer.data = watch;
    watch->handles = 2;
    uv_poll_start(&watch->poll, UV_READABLE, on_readable);
    uv_unref((uv_handle_t *)&watch->poll);
    uv_unref((uv_handle_t *)&watch->timer);
    *made = watch;
    return 0;
}
