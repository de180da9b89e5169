/* Writes log lines to standard error. log.c has variables at file level: the level that -v sets,
 * and the gate. An error is logged once, by the function that does not pass it on, and on the
 * loop's thread.
 *
 * common/log-line.h describes the fate of unread lines and of control characters. */
#ifndef PHONEBOOKD_LOG_H
#define PHONEBOOKD_LOG_H

#include "log-gate.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* To be called before the first line: see log_lines_open(). */
void log_open(void);
void log_set_verbose(bool verbose);
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2))); /* only with -v */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Log each line of a text, such as the complaints of zones/config/inifile.h. NULL: none. */
void log_warning_lines(const char *lines);
void log_error_lines(const char *lines);

/* A warning that a client, a namespace or a server can cause, and the message that the cause is
 * over. log-gate.h limits their number. `uid` is the user who causes it, or LOG_NOBODY. */
void log_caused(enum log_cause cause, uint32_t uid, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_caused_over(enum log_cause cause, uint32_t uid, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As log_error_lines(); counted as one line. */
void log_caused_lines(enum log_cause cause, uint32_t uid, const char *lines);

/* The newest warning or error, at most LOG_LAST_MAX octets, and its wall-clock time; "" if there
 * was none. */
enum { LOG_LAST_MAX = 256 };
const char *log_last(time_t *when);

/* When counts of lines that were left out have to be logged later, `remind` is called, so that the
 * caller calls log_late() after `delay` ms. */
void log_set_reminder(void (*remind)(void *reminder, uint64_t delay), void *reminder);
/* Logs as many of these counts as is possible now. */
void log_late(void);
/* Logs how many lines were left out in this minute, and begins a new one. */
void log_left_out(void);

#endif
