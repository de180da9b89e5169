#include "log-line.h"

#include "plain.h"
#include "write-now.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void log_lines_open(struct log_lines *lines)
{
    lines->fd = write_now_open(STDERR_FILENO);
}

static bool write_text(struct log_lines *lines, const char *level, const char *text)
{
    char line[LOG_LINE_MAX + 64];
    int length = snprintf(line, sizeof line, "%s: %s%s\n", lines->program, level, text);
    ssize_t written = write_now(lines->fd, line, (size_t)length);
    lines->full = written < 0 && errno == EAGAIN;
    return written >= 0;
}

void log_lines_tell_dropped(struct log_lines *lines)
{
    if (lines->dropped == 0)
        return;
    char text[80];
    snprintf(text, sizeof text, "%lu lines are missing here: nobody read the log", lines->dropped);
    if (write_text(lines, "warning: ", text))
        lines->dropped = 0;
}

void log_line(struct log_lines *lines, const char *level, char *text)
{
    plain_utf8(text, strlen(text));
    log_lines_tell_dropped(lines);
    if (!write_text(lines, level, text))
        lines->dropped++;
}
