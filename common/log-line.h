/* Lines on standard error that wait for nobody.
 *
 * Happy path: a line is written at once, and as a whole. Failure modes: whoever reads the log has
 * stalled, and the line would block: it is dropped and counted, and the count goes before the next
 * line that can be written. Control characters and octets that are no UTF-8 are written as "?"
 * (plain.h). */
#ifndef COMMON_LOG_LINE_H
#define COMMON_LOG_LINE_H

#include <stdbool.h>

/* One write per line, so that lines of two processes on one stderr do not mix: at most PIPE_BUF. */
enum { LOG_LINE_MAX = 2048 };

struct log_lines {
    const char *program; /* its name begins each line */
    int fd;
    unsigned long dropped; /* lines that could not be written */
    bool full;             /* the last of them for want of room, for which poll(2) can wait */
};

/* Before the first line; else `fd` is STDERR_FILENO. Opens it once more where that can be
 * (write-now.h). */
void log_lines_open(struct log_lines *lines);

/* Writes "PROGRAM: LEVEL" and the text, of LOG_LINE_MAX octets at most, whose controls are replaced
 * in place. */
void log_line(struct log_lines *lines, const char *level, char *text);

/* Tells how many lines were dropped, where any were and there is room now. log_line() does it
 * first; for who has no next line to wait for. */
void log_lines_tell_dropped(struct log_lines *lines);

#endif
