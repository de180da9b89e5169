#include "findings.h"

#include "../../common/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    *findings = (struct findings){.source = findings->source};
}

/* The beginnings of keys. */
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
        array_grow(&findings->all, &findings->room, findings->n + 1, sizeof *findings->all))
        return findings->all[findings->n++] = finding;
    finding_free(finding);
    return NULL;
}

/* Readings of the same configuration have their findings in the same order. */
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

/* Begins at `first`, as the order is nearly the same in both readings. */
static size_t find_key(const struct findings *findings, const char *key, size_t first)
{
    for (size_t i = 0; i < findings->n; i++) {
        size_t at = (first + i) % findings->n;
        if (strcmp(findings->all[at]->key, key) == 0)
            return at;
    }
    return findings->n;
}

static const char *path_of(const struct finding *finding)
{
    size_t length = strlen(file_key);
    return strncmp(finding->key, file_key, length) == 0 ? finding->key + length : NULL;
}

/* A user or group that one reading alone has is named in a file that differs. */
const char **findings_differing(const struct findings *a, const struct findings *b, size_t *n)
{
    const char **paths = calloc(b->n + 1, sizeof *paths);
    size_t next = 0;
    bool differ = false; /* in something else */
    *n = 0;
    for (size_t i = 0; paths && i < b->n; i++) {
        const struct finding *finding = b->all[i];
        size_t at = find_key(a, finding->key, next);
        if (at < a->n)
            next = at + 1;
        if (at < a->n && same(a->all[at], finding))
            continue;
        if (path_of(finding))
            paths[(*n)++] = path_of(finding);
        else if (at < a->n)
            differ = true;
    }
    if (!differ)
        return paths;
    free(paths);
    return NULL;
}

const struct finding *findings_file(struct findings *findings, const char *path)
{
    struct finding *finding = find(findings, file_key, path);
    if (finding)
        return finding;
    finding = add(findings, file_key, path);
    if (finding)
        finding->error = findings->source.file(finding, path);
    return finding;
}

const struct finding *findings_names(struct findings *findings, const char *path,
                                     const char *suffix)
{
    struct finding *finding = find(findings, names_key, path);
    if (finding)
        return finding;
    finding = add(findings, names_key, path);
    if (finding)
        finding->error = findings->source.names(finding, path, suffix);
    return finding;
}

/* If memory runs out, the answer is given, and only not remembered. */
static int find_id(struct findings *findings, enum nss_kind kind, const char *name, uint32_t *id)
{
    const char *key = kind == NSS_USER ? user_key : group_key;
    struct finding *finding = find(findings, key, name);
    if (finding) {
        *id = finding->id;
        return 0;
    }
    int error = 0;
    error = findings->source.find(findings->source.context, kind, name, id);
    struct finding *before = NULL;
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
