#include "log.h"

#include "../common/log-line.h"
#include "../common/plain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOG_CAUSED_MAX = 512, LOG_ROOM_LOOK_MS = 1000 /* while nobody reads */ };

static struct {
    bool verbose; /* set once by main(), before the loop runs */
    struct log_lines lines;
    struct log_gate gate;
    void (*remind)(void *reminder, uint64_t delay);
    void *reminder;
    char last[LOG_LAST_MAX]; /* warning or error */
    time_t last_time;
} logger = {.lines = {.program = "phonebookd", .fd = STDERR_FILENO}};

void log_set_verbose(bool verbose)
{
    logger.verbose = verbose;
}

void log_open(void)
{
    log_lines_open(&logger.lines);
}

/* On the clock of libuv's timers, one of which calls log_late(). */
static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Asks for a later call of log_late(), if something has to be logged then. */
static void ask_to_be_reminded(void)
{
    uint64_t now = now_ms(), ends = logger.gate.ends > now ? logger.gate.ends : now + 1;
    if (!logger.remind)
        return;
    if (logger.lines.full)
        logger.remind(logger.reminder, LOG_ROOM_LOOK_MS);
    else if (logger.gate.cut)
        logger.remind(logger.reminder, ends - now);
}

/* Changes `text` in place, as log_line() does. */
static void put(const char *level, char *text)
{
    bool full = logger.lines.full;
    log_line(&logger.lines, level, text);
    if (logger.lines.full && !full)
        ask_to_be_reminded();
    if (*level) {
        snprintf(logger.last, sizeof logger.last, "%.*s", LOG_LAST_MAX - 1, text);
        plain_utf8(logger.last, strlen(logger.last)); /* it may have been cut within a character */
        logger.last_time = time(NULL);
    }
}

const char *log_last(time_t *when)
{
    *when = logger.last_time;
    return logger.last;
}

static void log_at(const char *level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void log_at(const char *level, const char *format, va_list arguments)
{
    char text[LOG_LINE_MAX];
    vsnprintf(text, sizeof text, format, arguments);
    put(level, text);
}

/* The call has the va_list `arguments`. */
#define WITH_ARGUMENTS(call)                                                                       \
    do {                                                                                           \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        call;                                                                                      \
        va_end(arguments);                                                                         \
    } while (0)

void log_debug(const char *format, ...)
{
    if (logger.verbose)
        WITH_ARGUMENTS(log_at("", format, arguments));
}

void log_info(const char *format, ...)
{
    WITH_ARGUMENTS(log_at("", format, arguments));
}

void log_warning(const char *format, ...)
{
    WITH_ARGUMENTS(log_at("warning: ", format, arguments));
}

void log_error(const char *format, ...)
{
    WITH_ARGUMENTS(log_at("error: ", format, arguments));
}

static void log_lines(const char *lines, void (*log)(const char *format, ...))
{
    const char *line = lines, *end;
    for (; line && (end = strchr(line, '\n')); line = end + 1)
        log("%.*s", (int)(end - line), line);
}

void log_warning_lines(const char *lines)
{
    log_lines(lines, log_warning);
}

void log_error_lines(const char *lines)
{
    log_lines(lines, log_error);
}

/* ---- lines that others cause ---- */

void log_set_reminder(void (*remind)(void *reminder, uint64_t delay), void *reminder)
{
    logger.remind = remind;
    logger.reminder = reminder;
    ask_to_be_reminded();
}

static void tell_left_out(const struct log_gate_count *count)
{
    char who[32] = "";
    if (count->others)
        snprintf(who, sizeof who, " (other users)");
    else if (count->uid != (uint32_t)LOG_NOBODY)
        snprintf(who, sizeof who, " (uid %u)", count->uid);
    log_warning("%lu more lines like this were left out: %s%s", count->lines,
                log_cause_text(count->cause), who);
}

void log_left_out(void)
{
    size_t step = 0;
    struct log_gate_count count;
    while (log_gate_left_out(&logger.gate, &step, &count))
        tell_left_out(&count);
    log_gate_close(&logger.gate);
}

void log_late(void)
{
    log_lines_tell_dropped(&logger.lines);
    if (log_gate_over(&logger.gate, now_ms()))
        log_left_out();
    ask_to_be_reminded();
}

static bool admit(enum log_cause cause, uint32_t uid, size_t octets)
{
    struct log_gate *gate = &logger.gate;
    uint64_t now = now_ms();
    if (log_gate_over(gate, now))
        log_left_out();
    bool cut = gate->cut;
    bool admitted = log_gate_admit(gate, cause, uid, octets, now);
    if (gate->cut && !cut)
        ask_to_be_reminded();
    return admitted;
}

static void log_gated(enum log_cause cause, uint32_t uid, const char *level, const char *format,
                      va_list arguments) __attribute__((format(printf, 4, 0)));

static void log_gated(enum log_cause cause, uint32_t uid, const char *level, const char *format,
                      va_list arguments)
{
    char text[LOG_CAUSED_MAX];
    vsnprintf(text, sizeof text, format, arguments);
    if (admit(cause, uid, strlen("phonebookd: \n") + strlen(level) + strlen(text)))
        put(level, text);
}

void log_caused(enum log_cause cause, uint32_t uid, const char *format, ...)
{
    WITH_ARGUMENTS(log_gated(cause, uid, "warning: ", format, arguments));
}

void log_caused_lines(enum log_cause cause, uint32_t uid, const char *lines)
{
    if (lines && admit(cause, uid, strlen(lines)))
        log_error_lines(lines);
}

void log_caused_over(enum log_cause cause, uint32_t uid, const char *format, ...)
{
    WITH_ARGUMENTS(log_gated(cause, uid, "", format, arguments));
}
