/* Writes lines to standard error, and never waits for the reader.
 *
 * Happy path: each line is written at once, with one write. Failure mode: the reader has stalled,
 * so that writing would block. Then the line is dropped and counted, and the next line that can be
 * written is preceded by the count. Control characters and invalid UTF-8 are written as "?"
 * (plain.h). */
#ifndef COMMON_LOG_LINE_H
#define COMMON_LOG_LINE_H

#include <stdbool.h>

/* Each line is one write of at most PIPE_BUF octets, so that the lines of two processes on one
 * stderr do not mix. */
enum { LOG_LINE_MAX = 2048 };

struct log_lines {
    const char *program; /* each line begins with this name */
    int fd;
    unsigned long dropped; /* lines that could not be written */
    bool full; /* the last dropped line found no room; poll(2) tells when there is room again */
};

/* To be called before the first line. Reopens standard error for ourselves if that is possible
 * (write-now.h); without this call `fd` is STDERR_FILENO. */
void log_lines_open(struct log_lines *lines);

/* Writes "PROGRAM: LEVEL" and the text, at most LOG_LINE_MAX octets. Replaces control characters in
 * `text` itself. */
void log_line(struct log_lines *lines, const char *level, char *text);

/* Writes how many lines were dropped, if any were and there is room now. log_line() does the same
 * first; this is for a caller that has no next line. */
void log_lines_tell_dropped(struct log_lines *lines);

#endif
