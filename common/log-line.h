/* Lines on standard error that wait for nobody.
 *
 * Happy path: a line is written at once, and as a whole. Failure modes: whoever reads the log has
 * stalled, and the line would block: it is dropped and counted, and the count goes before the next
 * line that can be written. Control characters and octets that are no UTF-8 are written as "?"
 * (plain.h). */
#ifndef COMMON_LOG_LINE_H
#define COMMON_LOG_LINE_H

/* One write per line, so that lines of two processes on one stderr do not mix: at most PIPE_BUF. */
enum { LOG_LINE_MAX = 2048 };

struct log_lines {
    const char *program; /* its name begins each line */
    int fd;
    unsigned long dropped; /* lines that could not be written */
};

/* Opens what standard error is once more, where that is a terminal or a pipe that may be opened, so
 * that writing there never blocks: O_NONBLOCK on the descriptor itself would be seen by everybody
 * who shares it. Before the first line; else `fd` is STDERR_FILENO. */
void log_lines_open(struct log_lines *lines);

/* Writes "PROGRAM: LEVEL" and the text, of LOG_LINE_MAX octets at most, whose controls are replaced
 * in place. */
void log_line(struct log_lines *lines, const char *level, char *text);

#endif
