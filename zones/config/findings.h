/* The findings of one reading of the configuration: the contents of files, the names in
 * directories, the numbers of users and groups. A later reading with the same findings gives the
 * same configuration, even if somebody is editing the files. It never takes rights away because a
 * directory service is unavailable: only users and groups that were not found are looked up again.
 * `source` has the functions that read (findings-system.h). Pure. */
#ifndef ZONES_FINDINGS_H
#define ZONES_FINDINGS_H

#include "../../common/nss-kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FINDING_FILE_MAX = 1 << 24 }; /* octets */

struct finding {
    char *key;    /* owned; the path, user or group */
    char *octets; /* owned; the content of a file or directory; may be NULL if `length` is 0 */
    size_t length;
    int error;   /* -errno if reading failed, and there is no content; else 0 */
    uint32_t id; /* the number of a user or group */
};

/* Reads a file or directory into a finding, and looks up users and groups. Each of these returns 0
 * or -errno. */
struct findings_source {
    int (*file)(struct finding *finding, const char *path);
    int (*names)(struct finding *finding, const char *path, const char *suffix);
    int (*find)(void *context, enum nss_kind kind, const char *name, uint32_t *id);
    void *context;
    int (*hostname)(char *name, size_t room); /* gethostname(2) */
    uid_t (*user)(void);                      /* geteuid(2) */
};

/* Initially all zero, except for `source` and perhaps `before`. */
struct findings {
    struct finding **all; /* owned, each too */
    size_t n, room;
    struct findings_source source;
    const struct findings *before; /* used when a question fails now; or NULL */
};
/* Forgets all findings. */
void findings_fini(struct findings *findings);

/* Do both readings have the same findings, except for the content of this file? */
bool findings_same(const struct findings *a, const struct findings *b, const char *path);

/* Collects the files that differ between two readings: their paths, valid as long as `b`, in an
 * array to be freed; *n is their number. NULL if a directory, or the number of a user or group,
 * differs as well, or if memory ran out. */
const char **findings_differing(const struct findings *a, const struct findings *b, size_t *n);

/* The content of a regular file (-EISDIR, -EINVAL: it is not one); or the names in a directory that
 * end in `suffix`, sorted by octets, each with a NUL at its end. Valid until findings_fini(). NULL
 * if memory ran out. */
const struct finding *findings_file(struct findings *findings, const char *path);
const struct finding *findings_names(struct findings *findings, const char *path,
                                     const char *suffix);

/* Looks up a user or group by name: 0 and the number; -ENOENT if the system does not know it;
 * another -errno if the question failed. This asks NSS (getpwnam_r(3)), which may ask the network
 * and take long. May be called on any thread. */
int findings_user(struct findings *findings, const char *name, uint32_t *uid);
int findings_group(struct findings *findings, const char *name, uint32_t *gid);

#endif
