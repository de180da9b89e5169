#include "findings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../common/array.h"

static void finding_free(struct finding *finding)
{
    if (!finding)
        return;
    free(finding->key);
    free(finding->octets);
    free(finding);
}

void findings_fini(struct findings *findings)
{
    for (size_t i = 0; i < findings->n; i++)
        finding_free(findings->all[i]);
    free(findings->all);
    *findings = (struct findings){0};
}

/* What a key begins with. */
static const char file_key[] = "file ", names_key[] = "names ", user_key[] = "user ",
                  group_key[] = "group ";

static struct finding *find(const struct findings *findings, const char *kind, const char *name)
{
    size_t length = strlen(kind);

    for (size_t i = 0; i < findings->n; i++)
        if (strncmp(findings->all[i]->key, kind, length) == 0 &&
            strcmp(findings->all[i]->key + length, name) == 0)
            return findings->all[i];
    return NULL;
}

static struct finding *add(struct findings *findings, const char *kind, const char *name)
{
    struct finding *finding = calloc(1, sizeof *finding);

    if (finding && asprintf(&finding->key, "%s%s", kind, name) < 0)
        finding->key = NULL;
    if (finding && finding->key &&
        array_grow(&findings->all, &findings->room, findings->n + 1, sizeof(*findings->all)))
        return findings->all[findings->n++] = finding;
    finding_free(finding);
    return NULL;
}

/* Readings of the same configuration have them in the same order. */
static bool same(const struct finding *a, const struct finding *b)
{
    return a->error == b->error && a->id == b->id && a->length == b->length &&
           (a->length == 0 || memcmp(a->octets, b->octets, a->length) == 0);
}

bool findings_same(const struct findings *a, const struct findings *b, const char *path)
{
    const struct finding *besides = find(a, file_key, path);

    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->all[i]->key, b->all[i]->key) != 0 ||
            (a->all[i] != besides && !same(a->all[i], b->all[i])))
            return false;
    return true;
}

/* ---- a file ---- */

/* O_NONBLOCK: nobody may let us wait at the other end of a FIFO; nor is there an end to a device.
 * The descriptor, or -errno. */
static int open_regular(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    int error = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) < 0)
        error = -errno;
    else if (!S_ISREG(status.st_mode))
        error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    if (error == 0)
        return fd;
    close(fd);
    return error;
}

/* A last NUL is for those who read it as a text, and not counted. Up to its end, which may move
 * meanwhile. 0 or -errno. */
static int read_all(struct finding *finding, int fd)
{
    size_t room = 0;
    ssize_t n;

    do {
        if (finding->length > FINDING_FILE_MAX)
            return -EFBIG;
        if (!array_grow(&finding->octets, &room, finding->length + BUFSIZ, 1))
            return -ENOMEM;
        n = read(fd, finding->octets + finding->length, room - finding->length - 1);
        if (n < 0)
            return -errno;
        finding->length += (size_t)n;
    } while (n > 0);
    finding->octets[finding->length] = '\0';
    return 0;
}

const struct finding *findings_file(struct findings *findings, const char *path)
{
    struct finding *finding = find(findings, file_key, path);
    int fd;

    if (finding)
        return finding;
    finding = add(findings, file_key, path);
    if (!finding)
        return NULL;
    fd = open_regular(path);
    finding->error = fd < 0 ? fd : read_all(finding, fd);
    if (fd >= 0)
        close(fd);
    return finding;
}

/* ---- a directory ---- */

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);

    return name[0] != '.' && length > end && strcmp(name + length - end, suffix) == 0;
}

/* Not alphasort(3), which depends on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* 0 or -errno. Takes the n entries. */
static int write_names(struct finding *finding, struct dirent **entries, int n, const char *suffix)
{
    size_t room = 0;
    int error = 0;

    for (int i = 0; i < n; i++) {
        size_t length = strlen(entries[i]->d_name) + 1;

        if (!error && ends_in(entries[i]->d_name, suffix)) {
            if (array_grow(&finding->octets, &room, finding->length + length, 1)) {
                memcpy(finding->octets + finding->length, entries[i]->d_name, length);
                finding->length += length;
            } else {
                error = -ENOMEM;
            }
        }
        free(entries[i]);
    }
    free(entries);
    return error;
}

const struct finding *findings_names(struct findings *findings, const char *path,
                                     const char *suffix)
{
    struct finding *finding = find(findings, names_key, path);
    struct dirent **entries;
    int n;

    if (finding)
        return finding;
    finding = add(findings, names_key, path);
    if (!finding)
        return NULL;
    n = scandir(path, &entries, NULL, by_name);
    finding->error = n < 0 ? -errno : write_names(finding, entries, n, suffix);
    return finding;
}

/* ---- users and groups ---- */

static int ask(const struct findings *findings, enum nss_kind kind, const char *name, uint32_t *id)
{
    return findings->find ? findings->find(findings->context, kind, name, id)
                          : nss_find(kind, name, id);
}

/* A lack of memory is no reason to deny what was found: it is only not remembered. */
static int find_id(struct findings *findings, enum nss_kind kind, const char *name, uint32_t *id)
{
    const char *key = kind == NSS_USER ? user_key : group_key;
    struct finding *finding = find(findings, key, name), *before = NULL;
    int error = 0;

    if (finding) {
        *id = finding->id;
        return 0;
    }
    error = ask(findings, kind, name, id);
    if (error && error != -ENOENT && findings->before)
        before = find(findings->before, key, name);
    if (before)
        *id = before->id;
    else if (error)
        return error;
    finding = add(findings, key, name);
    if (finding)
        finding->id = *id;
    return 0;
}

int findings_user(struct findings *findings, const char *name, uint32_t *uid)
{
    return find_id(findings, NSS_USER, name, uid);
}

int findings_group(struct findings *findings, const char *name, uint32_t *gid)
{
    return find_id(findings, NSS_GROUP, name, gid);
}
