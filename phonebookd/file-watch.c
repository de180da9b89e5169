#include "file-watch.h"

#include "file-watch-places.h"
#include "limits.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_watch {
    int fd;
    file_watch_changed *changed;
    void *owner;
    char *const *paths; /* not owned */
    struct file_places places;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned handles;
};

/* ---- what happens to names ---- */

static void on_timer(uv_timer_t *timer);

static void look_soon(struct file_watch *watch)
{
    if (!uv_is_active((uv_handle_t *)&watch->timer) ||
        uv_timer_get_due_in(&watch->timer) > FILE_WATCH_SETTLE_MS)
        uv_timer_start(&watch->timer, on_timer, FILE_WATCH_SETTLE_MS, 0);
}

/* A new file with one name is somebody's who goes on to write it, and will close it. */
static bool is_beginning(const struct file_place *place)
{
    char path[FILE_PLACE_PATH_MAX];
    struct stat status;

    file_place_path(place, path);
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

/* An event without a name is the directory's own. */
static bool matters(const struct file_watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return true;
    for (size_t i = 0; i < watch->places.n; i++) {
        const struct file_place *place = &watch->places.places[i];

        if (place->wd != event->wd)
            continue;
        if (event->len == 0)
            return true;
        if (strcmp(place->name, event->name) == 0)
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

    file_places_walk(&watch->places, watch->fd, watch->paths);
    if (!watch->places.complete)
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
    file_places_fini(&watch->places);
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
