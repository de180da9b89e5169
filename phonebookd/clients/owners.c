#include "owners.h"

#include "../../common/number.h"
#include "../limits.h"
#include "../log.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
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
    char *text;
    ssize_t n;

    if (!S_ISREG(status->st_mode) || status->st_size > SUBUID_FILE_MAX) {
        errno = EINVAL;
        return NULL;
    }
    text = malloc((size_t)status->st_size + 1);
    n = text ? read(fd, text, (size_t)status->st_size) : -1;
    if (n < 0) {
        free(text);
        return NULL;
    }
    *length = (size_t)n;
    return text;
}

/* In the place of what was read before. */
static void read_ranges(struct owners *owners)
{
    int fd = open(owners->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    char *text = NULL;
    size_t length;

    subuids_fini(&owners->subuids);
    if (fd >= 0 && fstat(fd, &status) == 0)
        text = read_file(fd, &status, &length);
    if (text && subuids_parse(&owners->subuids, text, length))
        owners->read = status;
    else if (!owners->failed)
        log_warning("%s cannot be read: %s", owners->path, strerror(errno));
    owners->failed = owners->read.st_ino == 0;
    free(text);
    if (fd >= 0)
        close(fd);
}

static void look(struct owners *owners, uint64_t now)
{
    struct stat status = {0};

    if (now < owners->look_again)
        return;
    owners->look_again = now + SUBUID_LOOK_MS;
    (void)stat(owners->path, &status);
    if (is_same(&status, &owners->read))
        return;
    owners->read = (struct stat){0};
    if (status.st_ino != 0)
        read_ranges(owners);
    else
        subuids_fini(&owners->subuids);
}

/* ---- whose a uid is ---- */

static uint32_t look_up(const char *name, uint32_t or_else)
{
    const struct passwd *user = getpwnam(name);

    return user ? user->pw_uid : or_else;
}

uint32_t owners_find(struct owners *owners, uint32_t uid, uint64_t now)
{
    struct subuid_range *range;

    if (!owners)
        return uid;
    look(owners, now);
    range = uid != 0 ? subuids_find(&owners->subuids, uid) : NULL;
    if (!range)
        return uid;
    if (range->name)
        subuid_range_resolve(range, look_up(range->name, (uint32_t)-1));
    if (range->owner == (uint32_t)-1)
        return uid;
    return range->owner != 0 ? range->owner : range->first;
}

/* ---- the overflow uid ---- */

/* All the numbers of a file's first line; how many there were, up to n. */
static int read_numbers(const char *path, uint32_t *numbers, int n)
{
    char text[NUMBERS_ROOM] = "", *rest = text, *word;
    FILE *file = fopen(path, "re");
    int i = 0;

    if (file && !fgets(text, sizeof text, file))
        text[0] = '\0';
    if (file)
        fclose(file);
    while (i < n && (word = strsep(&rest, " \n"))) {
        int64_t number = number_of(word, strlen(word), UINT32_MAX);

        if (number >= 0)
            numbers[i++] = (uint32_t)number;
    }
    return i;
}

/* A map that has every uid is one line: 0 0 4294967295. */
static bool has_every_uid(void)
{
    uint32_t map[3];

    return read_numbers("/proc/self/uid_map", map, 3) < 3 || map[2] == UINT32_MAX;
}

void owners_init(struct owners *owners, const char *path)
{
    *owners = (struct owners){.path = path};
    owners->has_nobody = !has_every_uid();
    if (read_numbers("/proc/sys/kernel/overflowuid", &owners->nobody, 1) < 1)
        owners->nobody = DEFAULT_OVERFLOW_UID; /* a service may not see /proc/sys */
    if (owners->has_nobody)
        log_warning("phonebookd is in a user namespace that not every user is in: those who are "
                    "not look like one, uid %u, which may register names, but neither join nor "
                    "take over one",
                    owners->nobody);
}

void owners_fini(struct owners *owners)
{
    subuids_fini(&owners->subuids);
}

bool owners_is_nobody(const struct owners *owners, uint32_t uid)
{
    return owners && owners->has_nobody && uid == owners->nobody;
}
