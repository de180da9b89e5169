#include "log.h"

#include <stdarg.h>
#include <stdio.h>

/* One write per line, so that lines of two processes on one stderr do not mix. */
enum { LOG_LINE_MAX = 2048 };

static bool verbose; /* set once by main(), before the loop runs */

void log_set_verbose(bool on)
{
    verbose = on;
}

static void write_line(const char *level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void write_line(const char *level, const char *format, va_list arguments)
{
    char text[LOG_LINE_MAX];

    vsnprintf(text, sizeof text, format, arguments);
    fprintf(stderr, "phonebookd: %s%s\n", level, text);
}

#define LOG_AT(level)                                                                              \
    do {                                                                                           \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        write_line(level, format, arguments);                                                      \
        va_end(arguments);                                                                         \
    } while (0)

void log_debug(const char *format, ...)
{
    if (verbose)
        LOG_AT("");
}

void log_info(const char *format, ...)
{
    LOG_AT("");
}

void log_warning(const char *format, ...)
{
    LOG_AT("warning: ");
}

void log_error(const char *format, ...)
{
    LOG_AT("error: ");
}
