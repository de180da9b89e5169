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

/* Adds a complaint. A line of 0 and a key of NULL are left out. If memory runs out, the text is lost,
 * but the complaint counts. */
void complain(struct complaints *complaints, const char *file, unsigned line, const char *key,
              const char *format, ...) __attribute__((format(__printf__, 5, 6)));
/* The same for a warning. */
void warn_about(struct complaints *complaints, const char *file, unsigned line, const char *key,
                const char *format, ...) __attribute__((format(__printf__, 5, 6)));
/* The same for a warning about a user or group that the system does not know now. */
void complain_of_unknown(struct complaints *complaints, const char *file, unsigned line,
                         const char *key, const char *format, ...)
    __attribute__((format(__printf__, 5, 6)));

/* Adds copies of others. */
void complaints_add(struct complaints *complaints, const struct complaints *others);

#endif
