#include "command.h"

#include "../common/plain.h"
#include "../include/phonebook.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_MAX_OCTETS = 4096 };

static void say_list(const char *level, const char *format, va_list arguments)
{
    char line[LINE_MAX_OCTETS];
    vsnprintf(line, sizeof(line), format, arguments);
    plain_utf8(line, strlen(line));
    fprintf(stderr, "phonebook: %s: %s\n", level, line);
}

void say(const char *level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say_list(level, format, arguments);
    va_end(arguments);
}

int fatal(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say_list("fatal", format, arguments);
    va_end(arguments);
    return code;
}

int fatal_connect(const char *socket_name, int error)
{
    char path[PATH_MAX];
    bool absent = error == -ENOENT || error == -ECONNREFUSED;
    if (error == -ENAMETOOLONG || phonebook_path(path, sizeof(path), NULL, socket_name))
        return fatal(EXIT_SYSTEM, "unable to connect: the path of the runtime directory is too "
                                  "long for a socket ($PHONEBOOK_RUNTIME)");
    return fatal(EXIT_SYSTEM, "unable to connect to %s: %s%s", path, strerror(-error),
                 absent ? " (is phonebookd running?)" : "");
}

char *plain(const char *text)
{
    char *copy = strdup(text);
    if (copy)
        plain_ascii(copy, strlen(copy));
    return copy;
}

long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
