#include "owners.h"

#include "../../common/number.h"
#include "../../common/short-file.h"
#include "../limits.h"
#include "../log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DEFAULT_OVERFLOW_UID = 65534, /* the kernel's (linux/highuid.h) */
    NUMBERS_ROOM = 64,
};

/* ---- the file ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           memcmp(&a->st_mtim, &b->st_mtim, sizeof a->st_mtim) == 0 &&
           memcmp(&a->st_ctim, &b->st_ctim, sizeof a->st_ctim) == 0;
}

/* All of the file, to be freed; NULL, with errno set. */
static char *read_file(int fd, const struct stat *status, size_t *length)
{
    if (!S_ISREG(status->st_mode) || status->st_size > SUBUID_FILE_MAX) {
        errno = EINVAL;
        return NULL;
    }
    char *text = malloc((size_t)status->st_size + 1);
    ssize_t n = text ? read(fd, text, (size_t)status->st_size) : -1;
    if (n < 0) {
        free(text);
        return NULL;
    }
    *length = (size_t)n;
    return text;
}

static void read_ranges(struct owners_reading *reading, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    size_t length;
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0)
        text = read_file(fd, &status, &length);
    if (text && subuids_parse(&reading->subuids, text, length))
        reading->status = status;
    else
        reading->error = -errno;
    free(text);
    if (fd >= 0)
        close(fd);
}

/* A range keeps its name while its owner is not known. */
static void look_up(struct owners *owners, struct owners_reading *reading)
{
    for (size_t i = 0; i < reading->subuids.n; i++) {
        struct subuid_range *range = &reading->subuids.ranges[i];
        uint32_t uid = (uint32_t)-1;
        int error = range->name ? owners->find(owners->context, NSS_USER, range->name, &uid) : 0;
        if (error && error != -ENOENT)
            reading->unanswered = true;
        else if (range->name)
            subuid_range_resolve(range, uid);
    }
}

static void on_pool(uv_work_t *work)
{
    struct owners *owners = work->data;
    read_ranges(&owners->next, owners->path);
    look_up(owners, &owners->next);
    uv_mutex_lock(&owners->mutex);
    owners->state = OWNERS_READ;
    uv_cond_signal(&owners->read);
    uv_mutex_unlock(&owners->mutex);
}

static bool has_failed(const struct owners_reading *reading)
{
    return reading->error && reading->error != -ENOENT;
}

/* Replaces what was read before. */
static void take(struct owners *owners)
{
    const struct owners_reading before = owners->now;
    subuids_fini(&owners->now.subuids);
    owners->now = owners->next;
    owners->state = OWNERS_AT_REST;
    owners->ask_again = uv_now(owners->loop) + SUBUID_ASK_MS;
    if (has_failed(&owners->now) && !has_failed(&before))
        log_warning("%s cannot be read: %s", owners->path, strerror(-owners->now.error));
    if (owners->now.unanswered && !before.unanswered)
        log_warning("%s: some of its users cannot be looked up: until they can, the range of each "
                    "counts as one user",
                    owners->path);
}

static void after_pool(uv_work_t *work, int status)
{
    struct owners *owners = work->data;
    (void)status; /* nobody cancels it */
    owners->working = false;
    if (owners->state == OWNERS_READ) /* otherwise owners_wait() has taken it */
        take(owners);
}

static void begin_reading(struct owners *owners)
{
    owners->next = (struct owners_reading){.error = 0};
    owners->state = OWNERS_READING;
    owners->working = true;
    owners->work.data = owners;
    uv_queue_work(owners->loop, &owners->work, on_pool, after_pool);
}

static void look(struct owners *owners)
{
    uint64_t now = uv_now(owners->loop);
    if (owners->working || owners->closed || now < owners->look_again)
        return;
    owners->look_again = now + SUBUID_LOOK_MS;
    struct stat status = {0};
    (void)stat(owners->path, &status);
    if (!is_same(&status, &owners->now.status) ||
        (owners->now.unanswered && now >= owners->ask_again))
        begin_reading(owners);
}

/* ---- the owner of a uid ---- */

uint32_t owners_find(struct owners *owners, uint32_t uid)
{
    if (!owners)
        return uid;
    look(owners);
    const struct subuid_range *range = uid != 0 ? subuids_find(&owners->now.subuids, uid) : NULL;
    if (!range || (!range->name && range->owner == (uint32_t)-1))
        return uid;
    return !range->name && range->owner != 0 ? range->owner : range->first;
}

/* ---- the overflow uid ---- */

/* Reads the first n numbers of a file. Returns how many there were. */
static int read_numbers(const char *path, uint32_t *numbers, int n)
{
    char text[NUMBERS_ROOM], *rest = text;
    short_file_read(path, text, sizeof text);
    int i = 0;
    char *word;
    while (i < n && (word = strsep(&rest, " \n"))) {
        int64_t number = number_of(word, strlen(word), UINT32_MAX);
        if (number >= 0)
            numbers[i++] = (uint32_t)number;
    }
    return i;
}

/* A map with all uids is one line: 0 0 4294967295. */
static bool has_every_uid(void)
{
    uint32_t map[3];
    return read_numbers("/proc/self/uid_map", map, 3) < 3 || map[2] == UINT32_MAX;
}

void owners_init(struct owners *owners, const char *path, uv_loop_t *loop,
                 int (*find)(void *context, enum nss_kind kind, const char *name, uint32_t *id),
                 void *context)
{
    *owners = (struct owners){.path = path, .loop = loop, .find = find, .context = context};
    owners->has_nobody = !has_every_uid();
    if (read_numbers("/proc/sys/kernel/overflowuid", &owners->nobody, 1) < 1)
        owners->nobody = DEFAULT_OVERFLOW_UID; /* a service may not see /proc/sys */
    if (owners->has_nobody)
        log_warning("phonebookd is in a user namespace that lacks some users: all of them appear "
                    "as uid %u, which can register names, but cannot join a name or take one over",
                    owners->nobody);
    uv_mutex_init(&owners->mutex);
    uv_cond_init(&owners->read);
    begin_reading(owners);
}

void owners_wait(struct owners *owners)
{
    uv_mutex_lock(&owners->mutex);
    int late = 0;
    while (owners->state == OWNERS_READING && !late)
        late = uv_cond_timedwait(&owners->read, &owners->mutex, OWNERS_START_WAIT_MS * 1000000ULL);
    uv_mutex_unlock(&owners->mutex);
    if (!late)
        take(owners);
}

void owners_close(struct owners *owners)
{
    owners->closed = true;
}

void owners_fini(struct owners *owners)
{
    subuids_fini(&owners->now.subuids);
    uv_cond_destroy(&owners->read);
    uv_mutex_destroy(&owners->mutex);
}

bool owners_is_nobody(const struct owners *owners, uint32_t uid)
{
    return owners && owners->has_nobody && uid == owners->nobody;
}
