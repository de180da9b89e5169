#include "say.h"

#include "../common/log-line.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static struct log_lines logger = {.program = "phonebook-keeper", .fd = STDERR_FILENO};

void say_open(void)
{
    log_lines_open(&logger);
}

bool say_late(void)
{
    log_lines_tell_dropped(&logger);
    return logger.full;
}

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char line[256];
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log_line(&logger, "", line);
}
