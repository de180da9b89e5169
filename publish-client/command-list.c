/* phonebook list: what the daemon's `list` socket says, as a table or as JSON lines. */
#include "../common/option-table.h"
#include "../include/phonebook.h"
#include "command-json.h"
#include "command-patience.h"
#include "command-table.h"
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 10000 }; /* for phonebookd, not for whoever reads what we write */

/* The list as a stdio stream, whose reads all have this one time. */
struct list {
    int fd;
    struct patience patience;
    long long since; /* now_ms() from which the time is not phonebookd's */
};

/* 0 when there is something to read, or -errno: -EAGAIN where the time is over. */
static int list_wait(struct list *list)
{
    struct pollfd ready = {.fd = list->fd, .events = POLLIN};
    for (;;) {
        int slice = patience_slice(&list->patience, "for the list of phonebookd", "");
        int found = poll(&ready, 1, slice);
        if (found > 0)
            return 0;
        if (found < 0 && errno != EINTR)
            return -errno;
        if (slice == 0)
            return -EAGAIN;
    }
}

static ssize_t list_read(void *cookie, char *text, size_t room)
{
    struct list *list = cookie;
    list->patience.until += now_ms() - list->since;
    int waited = list_wait(list);
    ssize_t n = waited ? -1 : read(list->fd, text, room);
    list->since = now_ms();
    if (waited)
        errno = -waited;
    return n;
}

static int list_close(void *cookie)
{
    const struct list *list = cookie;
    return close(list->fd);
}

/* 0 or -errno. */
static int list_open(struct list *list)
{
    patience_init(&list->patience);
    list->patience.until = now_ms() + LIMIT_MS;
    do {
        int slice = patience_slice(&list->patience, "for phonebookd to accept the connection", "");
        if (slice == 0)
            return -ETIMEDOUT;
        list->fd = phonebook_list_open(NULL, slice);
    } while (list->fd == -ETIMEDOUT);
    list->since = now_ms();
    return list->fd < 0 ? list->fd : 0;
}

/* 0, or an exit code. */
static int show_line(struct table *table, char *line, bool json)
{
    struct phonebook_entry entry;
    if (phonebook_entry_parse(&entry, line))
        return fatal(EXIT_SYSTEM, "a line of the list cannot be read (who listens there?)");
    if (json)
        json_entry(stdout, &entry);
    else if (!table_entry(table, &entry, time(NULL)))
        return fatal(EXIT_SYSTEM, "out of memory");
    return 0;
}

/* A line without its LF is the end of a daemon, not of the list; or it says that we are not let
 * in. */
static int fatal_cut(const char *line, bool is_first)
{
    if (is_first && strcmp(line, "busy") == 0)
        return fatal(EXIT_SYSTEM,
                     "the list was cut off: too many read it at the same time, of this "
                     "user or in all; try again");
    return fatal(EXIT_SYSTEM, "the list was cut off: the connection has ended");
}

static int read_lines(FILE *list, struct table *table, bool json)
{
    char *line = NULL;
    size_t room = 0, n_lines = 0;
    int code = 0;
    ssize_t length;
    errno = 0;
    while (code == 0 && (length = getline(&line, &room, list)) > 0) {
        if (line[length - 1] != '\n') {
            code = fatal_cut(line, n_lines == 0);
            break;
        }
        line[length - 1] = '\0';
        code = show_line(table, line, json);
        n_lines++;
    }
    if (code == 0 && ferror(list))
        code = fatal(EXIT_SYSTEM, "unable to read the list: %s",
                     errno == EAGAIN ? "phonebookd has not answered (is it stopped?)"
                                     : strerror(errno));
    free(line);
    return code;
}

static int list_all(FILE *list, bool json)
{
    struct table table;
    table_init(&table);
    int code = read_lines(list, &table, json);
    if (code == 0 && !json)
        table_print(&table, stdout);
    table_fini(&table);
    if (fflush(stdout) != 0 || ferror(stdout))
        code = code ? code : fatal(EXIT_SYSTEM, "unable to write the list: %s", strerror(errno));
    return code;
}

static const struct option_row rows[] = {
    {'j', "json", NULL, "as JSON, one object per line"},
};

const struct option_table list_options = {
    .program = "phonebook list",
    .operands = "",
    .description = "show what is registered",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(*rows),
};

int command_list(int argc, char **argv)
{
    struct option_found found;
    bool json = false;
    int code = GO_ON;
    while (next_option(&list_options, argc, argv, &found, &code))
        json = true;
    if (code != GO_ON)
        return code;
    if (optind < argc)
        return fatal(EXIT_USAGE, "list takes no \"%s\" (phonebook list --help)", argv[optind]);

    struct list list;
    int result = list_open(&list);
    if (result)
        return fatal_connect("list", result);
    FILE *lines =
        fopencookie(&list, "r", (cookie_io_functions_t){.read = list_read, .close = list_close});
    if (!lines) {
        close(list.fd);
        return fatal(EXIT_SYSTEM, "out of memory");
    }
    code = list_all(lines, json);
    fclose(lines);
    return code;
}
