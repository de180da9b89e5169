/* One line on standard error for what a person should know. The only file with state of its own:
 * the level that -v sets, and the gate. Logging happens once, where an error stops travelling, and
 * on the thread of the loop.
 *
 * What becomes of a line that nobody reads, and of the control characters that names and messages
 * of others can have, common/log-line.h says. */
#ifndef PHONEBOOKD_LOG_H
#define PHONEBOOKD_LOG_H

#include "log-gate.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Before the first line: log_lines_open(). */
void log_open(void);
void log_set_verbose(bool verbose);
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2))); /* only with -v */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each line of a text, such as the complaints of zones/config/inifile.h; NULL: of none. */
void log_warning_lines(const char *lines);
void log_error_lines(const char *lines);

/* A warning that a client, a namespace or a server can cause, or that such a thing is over:
 * log-gate.h says how many there are. `uid` is that of who causes it, or LOG_NOBODY. */
void log_caused(enum log_cause cause, uint32_t uid, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_caused_over(enum log_cause cause, uint32_t uid, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As log_error_lines(); the gate takes them for one line. */
void log_caused_lines(enum log_cause cause, uint32_t uid, const char *lines);

/* The newest warning or error, of LOG_LAST_MAX octets at most, and its wall-clock time; "" where
 * there has been none. */
enum { LOG_LAST_MAX = 256 };
const char *log_last(time_t *when);

/* Where something is to be said later, how many lines were left out in this minute or found no
 * reader, `remind` is asked to call log_late() after so many milliseconds, and not before. */
void log_set_reminder(void (*remind)(void *reminder, uint64_t delay), void *reminder);
/* Says what it can of that now. */
void log_late(void);
/* Tells how many lines were left out, and begins anew. */
void log_left_out(void);

#endif
