/* Collects the mistakes in configuration files, so that all are reported at once, each as a line
 * "FILE:LINE: KEY: TEXT". Pure. */
#ifndef ZONES_COMPLAINTS_H
#define ZONES_COMPLAINTS_H

#include <stddef.h>

/* Complaints and warnings, one per line, in the order in which they were found. */
struct complaints {
    char *text; /* owned; NULL if empty; each one ends in LF */
    size_t length, room;
    size_t count;      /* complaints; if there are any, the configuration is refused */
    size_t n_warnings; /* warnings; the configuration is accepted in spite of them */
    /* warnings about unknown users and groups, which may be known at the next reading */
    size_t n_unknown;
};
void complaints_fini(struct complaints *complaints);

/* Unknown: a warning about a user or group that the system does not know now. */
enum complaint_kind { COMPLAINT_ERROR, COMPLAINT_WARNING, COMPLAINT_UNKNOWN };

/* Adds a line. A line number of 0 and a key of NULL are left out. If memory runs out, the text is
 * lost, but it counts. */
void complaints_put(struct complaints *complaints, enum complaint_kind kind, const char *file,
                    unsigned line, const char *key, const char *format, ...)
    __attribute__((format(__printf__, 6, 7)));
#define complain(complaints, ...) complaints_put(complaints, COMPLAINT_ERROR, __VA_ARGS__)
#define warn_about(complaints, ...) complaints_put(complaints, COMPLAINT_WARNING, __VA_ARGS__)
#define complain_of_unknown(complaints, ...)                                                       \
    complaints_put(complaints, COMPLAINT_UNKNOWN, __VA_ARGS__)

/* Adds copies of others. */
void complaints_add(struct complaints *complaints, const struct complaints *others);

#endif
