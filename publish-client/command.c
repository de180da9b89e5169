#include "command.h"

#include "../common/clock.h"
#include "../common/log-line.h"
#include "../include/phonebook.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FATAL_PATIENCE_MS = 1000 };

static struct log_lines logger = {.program = "phonebook", .fd = -1};

static int log_fd(void)
{
    if (logger.fd < 0)
        log_lines_open(&logger);
    return logger.fd;
}

static void say_list(const char *level, const char *format, va_list arguments)
{
    char line[LOG_LINE_MAX];
    vsnprintf(line, sizeof line, format, arguments);
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s: ", level);
    log_fd();
    log_line(&logger, prefix, line);
}

void say(const char *level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say_list(level, format, arguments);
    va_end(arguments);
}

int say_lost_fd(void)
{
    return logger.full ? logger.fd : -1;
}

void say_lost(void)
{
    log_lines_tell_dropped(&logger);
}

int fatal(int code, const char *format, ...)
{
    struct pollfd room = {.fd = log_fd(), .events = POLLOUT};
    poll(&room, 1, FATAL_PATIENCE_MS);
    va_list arguments;
    va_start(arguments, format);
    say_list("fatal", format, arguments);
    va_end(arguments);
    return code;
}

/* A hint for the user, after the error; owned; NULL: none. */
static char *connect_hint(const char *path, int error)
{
    if (error == -ENOENT || error == -ECONNREFUSED)
        return strdup(" (is phonebookd running?)");
    struct stat status;
    if (error != -EACCES || stat(path, &status) < 0 || !(status.st_mode & S_IWGRP))
        return NULL;
    const struct group *group = getgrgid(status.st_gid);
    char *hint = NULL;
    if (group ? asprintf(&hint, " (one has to be in the group %s)", group->gr_name) < 0
              : asprintf(&hint, " (one has to be in the group %lld)", (long long)status.st_gid) < 0)
        return NULL;
    return hint;
}

static int end_output(int error)
{
    if (error)
        return fatal(EXIT_SYSTEM, "unable to write to standard output: %s", strerror(-error));
    return 0;
}

int finish_output(void)
{
    return end_output(fflush(stdout) != 0 || ferror(stdout) ? -errno : 0);
}

int standard_option(const struct option_table *table, const struct option_found *found)
{
    if (!found->row)
        return fatal(EXIT_USAGE, "%s (%s --help)", found->text, table->program);
    if (found->row->key != 'h' && found->row->key != 'V')
        return GO_ON;
    return end_output(option_table_answer(table, found->row));
}

bool next_option(const struct option_table *table, int argc, char **argv,
                 struct option_found *found, int *code)
{
    if (!option_table_next(table, argc, argv, found))
        return false;
    *code = standard_option(table, found);
    return *code == GO_ON;
}

int fatal_connect(const char *socket_name, int error)
{
    char path[PATH_MAX];
    if (error == -ENAMETOOLONG || phonebook_path(path, sizeof path, NULL, socket_name))
        return fatal(EXIT_SYSTEM, "unable to connect: the path of the runtime directory is too "
                                  "long for a socket ($PHONEBOOK_RUNTIME)");
    if (error == -ETIMEDOUT || error == -EAGAIN)
        return fatal(EXIT_SYSTEM, "%s: phonebookd accepts no connection (is it stopped?)", path);
    char *hint = connect_hint(path, error);
    int code = fatal(EXIT_SYSTEM, "unable to connect to %s: %s%s", path, strerror(-error),
                     hint ? hint : "");
    free(hint);
    return code;
}

int fatal_unanswered(const char *socket_name, const char *what, const char *hint, int error)
{
    char path[PATH_MAX];
    if (phonebook_path(path, sizeof path, NULL, socket_name))
        *path = '\0';
    if (error == -ECONNRESET)
        return fatal(EXIT_SYSTEM, "%s: the connection was closed before there was an answer", path);
    if (error == -ETIMEDOUT)
        return fatal(EXIT_SYSTEM, "%s: phonebookd has not answered (is it stopped?%s)", path, hint);
    if (error == -EPROTO)
        return fatal(EXIT_SYSTEM, "%s: the answer is not phonebook's (who listens there?)", path);
    return fatal(EXIT_SYSTEM, "%s: unable to %s: %s", path, what, strerror(-error));
}

long long now_ms(void)
{
    return (long long)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}
