#include "file-watch.h"

#include "../limits.h"
#include "file-watch-paths.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READS_MAX = 64 }; /* at least as many as the kernel queues */

struct file_watch {
    int fd;
    file_watch_changed *changed;
    void *owner;
    char *const *paths; /* not owned */
    struct file_watch_paths watched;
    uv_poll_t poll;
    uv_timer_t look;  /* fires for the next look at all files */
    uv_timer_t quiet; /* fires when the first file that is being written may be complete */
    unsigned handles;
};

/* ---- what happens to names ---- */

static void on_look(uv_timer_t *timer);
static void on_quiet(uv_timer_t *timer);

static void start_within(uv_timer_t *timer, uv_timer_cb callback, uint64_t ms)
{
    if (!uv_is_active((uv_handle_t *)timer) || uv_timer_get_due_in(timer) > ms)
        uv_timer_start(timer, callback, ms, 0);
}

static void look_soon(struct file_watch *watch)
{
    start_within(&watch->look, on_look, FILE_WATCH_SETTLE_MS);
}

/* How long to assume that somebody is still writing a file that was created or modified: until he
 * closes it, but at most for this time. A new file with two names was linked to its place, so it is
 * complete. With one name this is also possible, if the other name was removed since. */
static uint64_t patience(const struct file_watch_entry *entry, bool created)
{
    char path[FILE_WATCH_PATH_MAX];
    file_watch_entry_path(entry, path);
    struct stat status;
    if (lstat(path, &status) < 0 || !S_ISREG(status.st_mode) || (created && status.st_nlink > 1))
        return 0;
    if (status.st_size == 0)
        return FILE_WATCH_EMPTY_MS;
    return created ? FILE_WATCH_LINKED_MS : FILE_WATCH_WRITING_MS;
}

static void on_name(struct file_watch *watch, struct file_watch_entry *entry, uint32_t mask)
{
    uint64_t wait = 0;
    if (mask & (IN_CREATE | IN_MODIFY))
        wait = patience(entry, mask & IN_CREATE);
    if (!(mask & IN_ATTRIB)) /* IN_ATTRIB says nothing about writers */
        entry->written_until = wait ? uv_now(watch->poll.loop) + wait : 0;
    if (wait)
        start_within(&watch->quiet, on_quiet, wait);
    else
        look_soon(watch);
}

/* An event without a name is about the directory itself. */
static void on_event(struct file_watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        look_soon(watch);
    for (size_t i = 0; i < watch->watched.n; i++) {
        struct file_watch_entry *entry = &watch->watched.entries[i];
        if (entry->wd != event->wd)
            continue;
        if (event->len == 0)
            look_soon(watch);
        else if (strcmp(entry->name, event->name) == 0)
            on_name(watch, entry, event->mask);
    }
}

/* True if there may be more events. */
static bool read_events(struct file_watch *watch)
{
    alignas(struct inotify_event) char buffer[16 * 1024];
    ssize_t length = read(watch->fd, buffer, sizeof buffer);

    for (char *at = buffer; length > 0 && at < buffer + length;) {
        const struct inotify_event *event = (const struct inotify_event *)(void *)at;
        on_event(watch, event);
        at += sizeof *event + event->len;
    }
    return length > 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    read_events(poll->data);
}

/* A file that nobody has written to for this time counts as complete. */
static void on_quiet(uv_timer_t *timer)
{
    struct file_watch *watch = timer->data;
    uint64_t now = uv_now(timer->loop);
    for (size_t i = 0; i < watch->watched.n; i++) {
        struct file_watch_entry *entry = &watch->watched.entries[i];
        if (entry->written_until > now) {
            start_within(timer, on_quiet, entry->written_until - now);
        } else if (entry->written_until > 0) {
            entry->written_until = 0;
            look_soon(watch);
        }
    }
}

static void on_look(uv_timer_t *timer)
{
    struct file_watch *watch = timer->data;
    file_watch_paths_walk(&watch->watched, watch->fd, watch->paths);
    if (!watch->watched.complete)
        uv_timer_start(timer, on_look, FILE_WATCH_RETRY_MS, 0);
    watch->changed(watch->owner);
}

/* ---- the outside ---- */

void file_watch_set(struct file_watch *watch, char *const *paths)
{
    watch->paths = paths;
    file_watch_paths_walk(&watch->watched, watch->fd, paths);
    look_soon(watch);
}

enum file_state file_watch_state(struct file_watch *watch, size_t path)
{
    for (int i = 0; i < READS_MAX && read_events(watch); i++)
        continue;
    enum file_state state = FILE_AT_REST;
    for (size_t i = 0; i < watch->watched.n; i++) {
        const struct file_watch_entry *entry = &watch->watched.entries[i];
        if (entry->path != path)
            continue;
        if (entry->written_until > uv_now(watch->poll.loop))
            return FILE_WRITTEN;
        if (entry->last && entry->wd < 0)
            state = FILE_UNWATCHED;
    }
    return state;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct file_watch *watch = handle->data;
    if (--watch->handles > 0)
        return;
    close(watch->fd);
    file_watch_paths_fini(&watch->watched);
    free(watch);
}

void file_watch_close(struct file_watch *watch)
{
    if (!watch)
        return;
    uv_close((uv_handle_t *)&watch->poll, on_handle_closed);
    uv_close((uv_handle_t *)&watch->look, on_handle_closed);
    uv_close((uv_handle_t *)&watch->quiet, on_handle_closed);
}

int file_watch_new(struct file_watch **made, uv_loop_t *loop, file_watch_changed *changed,
                   void *owner)
{
    struct file_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return -ENOMEM;
    watch->changed = changed;
    watch->owner = owner;
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int error = watch->fd < 0 ? -errno : uv_poll_init(loop, &watch->poll, watch->fd);
    if (error) {
        if (watch->fd >= 0)
            close(watch->fd);
        free(watch);
        return error;
    }
    uv_timer_init(loop, &watch->look);
    uv_timer_init(loop, &watch->quiet);
    watch->poll.data = watch->look.data = watch->quiet.data = watch;
    watch->handles = 3;
    uv_poll_start(&watch->poll, UV_READABLE, on_readable);
    uv_unref((uv_handle_t *)&watch->poll);
    uv_unref((uv_handle_t *)&watch->look);
    uv_unref((uv_handle_t *)&watch->quiet);
    *made = watch;
    return 0;
}
