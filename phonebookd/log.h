/* One line on standard error for what a person should know. The only file with state of its own:
 * the level that -v sets. Logging happens once, where an error stops travelling. */
#ifndef PHONEBOOKD_LOG_H
#define PHONEBOOKD_LOG_H

#include <stdbool.h>

void log_set_verbose(bool verbose);
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2))); /* only with -v */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
