/* What a reading of the configuration has found: the content of files, the names in directories,
 * the numbers of users and groups. A later reading with the same findings is of the same
 * configuration, whoever is editing its files just now, and grants nobody less than before, also
 * where a directory service has gone away; only users and groups that were not found are asked for
 * again. */
#ifndef ZONES_FINDINGS_H
#define ZONES_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINDING_FILE_MAX = 1 << 24 }; /* octets */

struct finding {
    char *key;    /* owned; what it is of */
    char *octets; /* owned; of a file or directory; perhaps NULL where `length` is 0 */
    size_t length;
    int error;   /* -errno of the reading: then there are none */
    uint32_t id; /* of a user or group */
};

/* All zero at the beginning. */
struct findings {
    struct finding **all; /* owned, each too */
    size_t n, room;
};
void findings_fini(struct findings *findings);

/* The content of a regular file (-EISDIR, -EINVAL: it is none), or the names in a directory that
 * end in `suffix`, in the order of their octets, each with a NUL at its end. Valid until
 * findings_fini(). NULL where memory ran out. */
const struct finding *findings_file(struct findings *findings, const char *path);
const struct finding *findings_names(struct findings *findings, const char *path,
                                     const char *suffix);

/* The number of a user or group of this name; false where the system knows none. Asks NSS, which
 * may be a network service and take long (getpwnam_r(3)); on any thread. */
bool findings_user(struct findings *findings, const char *name, uint32_t *uid);
bool findings_group(struct findings *findings, const char *name, uint32_t *gid);

#endif
