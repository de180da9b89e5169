/* phonebook list: what the daemon's `list` socket says, as a table or as JSON lines. */
#include "../include/phonebook.h"
#include "command-json.h"
#include "command-table.h"
#include "command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_LIMIT_MS = 30000 };

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

/* A line without its LF is the end of a daemon, not of the list; or it says that we are not let in.
 */
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
                     errno == EAGAIN ? "no answer from phonebookd" : strerror(errno));
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

int command_list(int argc, char **argv)
{
    bool json = false;
    int option;
    opterr = 0;
    while ((option = getopt(argc, argv, "+j")) != -1) {
        if (option != 'j')
            return fatal(EXIT_USAGE, "unknown option -%c (phonebook help list)", optopt);
        json = true;
    }
    if (optind < argc)
        return fatal(EXIT_USAGE, "list takes no \"%s\" (phonebook help list)", argv[optind]);

    int fd = phonebook_list_open(NULL, ANSWER_LIMIT_MS);
    if (fd < 0)
        return fatal_connect("list", fd);
    FILE *list = fdopen(fd, "r");
    if (!list) {
        close(fd);
        return fatal(EXIT_SYSTEM, "out of memory");
    }
    int code = list_all(list, json);
    fclose(list);
    return code;
}
