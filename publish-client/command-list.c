/* phonebook list: prints the list, or the part of it that is asked for, as a table or as JSON
 * lines. */
#include "../common/option-table.h"
#include "../common/text.h"
#include "../include/phonebook.h"
#include "command-holders.h"
#include "command-holding.h"
#include "command-json.h"
#include "command-kept.h"
#include "command-match.h"
#include "command-netns.h"
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
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 10000 }; /* for phonebookd; the reader of our output has no limit */

/* The list as a stdio stream, with one time limit for all reads. */
struct list {
    int fd;
    struct patience patience;
    long long since; /* now_ms() of the last read; our own time after it does not count */
};

/* 0 if there is something to read, or -errno; -EAGAIN: the time is over. */
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

/* Which part of the list is shown, and how. */
struct view {
    char **patterns; /* for the names; NULL at the end; none: all names */
    bool json;
    bool whole; /* all columns, even on a terminal */
    bool processes;
    FILE *out;
    struct text text; /* what is written to `out` next */
    struct netns_names names;
    struct table table;
    size_t n_shown;
    struct holders holders;
    struct kept_lines kept; /* with `processes` */
};

static bool is_asked_for(const struct view *view, const char *name)
{
    char **pattern = view->patterns;
    while (*pattern && !match(name, *pattern))
        pattern++;
    return *pattern || !*view->patterns;
}

static int no_memory(void)
{
    return fatal(EXIT_SYSTEM, "out of memory");
}

/* Returns 0 or an exit code, like the functions below. */
static int write_text(struct view *view)
{
    if (view->text.failed)
        return no_memory();
    fwrite(view->text.octets, 1, view->text.length, view->out);
    view->text.length = 0;
    return 0;
}

static bool add_to_table(struct view *view, const struct phonebook_entry *entry,
                         const struct holding *holding)
{
    char *processes = holding ? holding_text(holding) : strdup("");
    const char *namespace = netns_name(&view->names, entry->netns);
    bool added =
        processes && table_entry(&view->table, entry, namespace ? namespace : "", processes);
    free(processes);
    return added;
}

/* `holding` may be NULL. */
static int show_entry(struct view *view, const struct phonebook_entry *entry,
                      const struct holding *holding)
{
    if (!view->json)
        return add_to_table(view, entry, holding) ? 0 : no_memory();
    json_entry(&view->text, entry, holding);
    return write_text(view);
}

static int show_table(struct view *view)
{
    table_complete(&view->table);
    int code = 0;
    for (size_t i = 0; i < view->table.n_rows && code == 0; i++) {
        table_row(&view->table, i, &view->text);
        code = write_text(view);
    }
    return code;
}

static int take_line(struct view *view, char *line)
{
    char *copy = view->processes ? strdup(line) : NULL;
    int code = 0;
    struct phonebook_entry entry;
    if (phonebook_entry_parse(&entry, line)) {
        code = fatal(EXIT_SYSTEM, "a line of the list cannot be read (who listens there?)");
    } else if (is_asked_for(view, entry.name)) {
        view->n_shown++;
        if (!view->processes)
            return show_entry(view, &entry, NULL);
        holders_add(&view->holders, &entry);
        return kept_lines_add(&view->kept, copy, entry.number) ? 0 : no_memory();
    }
    free(copy);
    return code;
}

/* Shows an entry of a kept line, and adds one to *unknown if its processes cannot be found out. */
static int show_kept(struct view *view, char *line, size_t *unknown)
{
    struct phonebook_entry entry;
    phonebook_entry_parse(&entry, line);
    struct holding holding;
    if (!holders_find(&view->holders, &entry, &holding))
        return no_memory();
    *unknown += !holding.known;
    int code = show_entry(view, &entry, &holding);
    holding_fini(&holding);
    return code;
}

static int show_all_kept(struct view *view)
{
    if (view->kept.n > 0)
        holders_look(&view->holders);
    kept_lines_sort(&view->kept);
    if (view->holders.failed)
        return no_memory();
    size_t unknown = 0;
    int code = 0;
    for (size_t i = 0; i < view->kept.n && code == 0; i++)
        code = show_kept(view, view->kept.all[i].text, &unknown);
    if (unknown > 0)
        say("warning", "the processes of %zu connection%s are not known: %s", unknown,
            unknown == 1 ? "" : "s",
            geteuid() == 0
                ? "this process may not look into them"
                : "other users' and those of other network namespaces are shown to root");
    return code;
}

/* A last line without LF means that the daemon ended, or that it has no place for us. */
static int fatal_cut(const char *line, bool is_first)
{
    if (is_first && strcmp(line, "busy") == 0)
        return fatal(EXIT_SYSTEM,
                     "the list was cut off: too many read it at the same time, of this "
                     "user or in all; try again");
    return fatal(EXIT_SYSTEM, "the list was cut off: the connection has ended");
}

static int read_lines(FILE *list, struct view *view)
{
    errno = 0;
    char *line = NULL;
    size_t room = 0, n_lines = 0;
    int code = 0;
    ssize_t length;
    while (code == 0 && (length = getline(&line, &room, list)) > 0) {
        if (line[length - 1] != '\n') {
            code = fatal_cut(line, n_lines == 0);
            break;
        }
        line[length - 1] = '\0';
        code = take_line(view, line);
        n_lines++;
    }
    if (code == 0 && ferror(list))
        code = fatal(EXIT_SYSTEM, "unable to read the list: %s",
                     errno == EAGAIN ? "phonebookd has not answered (is it stopped?)"
                                     : strerror(errno));
    free(line);
    return code;
}

/* Characters per line; 0 if it is not a terminal. */
static int terminal_width(FILE *out)
{
    if (!isatty(fileno(out)))
        return 0;
    struct winsize size;
    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* On a terminal, a message is printed, because no output could look like a failure. If names were
 * given, the exit status tells whether there are any. */
static int end_without_names(const struct view *view, int width)
{
    if (width > 0)
        say("info", *view->patterns ? "no such names" : "no names");
    return *view->patterns ? EXIT_NONE : 0;
}

static int show(FILE *list, struct view *view)
{
    int width = terminal_width(view->out);
    if (width > 0)
        netns_names_read(&view->names);
    view->table = (struct table){.brief = view->whole ? 0 : width,
                                 .now = time(NULL),
                                 .processes = view->processes,
                                 .alone = view->processes && !view->whole};
    table_init(&view->table);
    int code = read_lines(list, view);
    if (code == 0)
        code = show_all_kept(view);
    if (code == 0 && !view->json && !view->table.failed && (view->n_shown > 0 || width == 0))
        code = show_table(view);
    table_fini(&view->table);
    kept_lines_fini(&view->kept);
    holders_fini(&view->holders);
    netns_names_fini(&view->names);
    free(view->text.octets);
    if (fflush(view->out) != 0 || ferror(view->out))
        code = code ? code : fatal(EXIT_SYSTEM, "unable to write the list: %s", strerror(errno));
    return code || view->n_shown > 0 ? code : end_without_names(view, width);
}

static int list(struct view *view)
{
    struct list list;
    int code = list_open(&list);
    if (code)
        return fatal_connect("list", code);
    FILE *lines =
        fopencookie(&list, "r", (cookie_io_functions_t){.read = list_read, .close = list_close});
    if (!lines) {
        close(list.fd);
        return no_memory();
    }
    code = show(lines, view);
    fclose(lines);
    return code;
}

void list_holders(const char *name)
{
    char *patterns[] = {strdup(name), NULL};
    struct view view = {.patterns = patterns, .processes = true, .out = stderr};
    if (patterns[0])
        list(&view);
    free(patterns[0]);
}

static const struct option_row rows[] = {
    {'j', "json", NULL, "print JSON, one object per line"},
    {'l', "long", NULL, "print all columns on a terminal too"},
    {'p', "processes", NULL, "show which processes hold each name now"},
};

const struct option_table list_options = {
    .program = "phonebook list",
    .operands = "[NAME...]",
    .description = "show the registered names",
    .notes =
        "NAME is a name, its first labels, or a pattern of either, such as '*.home.internal'.\n"
        "If none of them is registered, the exit status is 1.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof *rows,
};

static int take_options(struct view *view, int argc, char **argv)
{
    int code = GO_ON;
    struct option_found found;
    while (next_option(&list_options, argc, argv, &found, &code)) {
        view->json = view->json || found.row->key == 'j';
        view->whole = view->whole || found.row->key == 'l';
        view->processes = view->processes || found.row->key == 'p';
    }
    view->patterns = argv + optind;
    return code;
}

int command_list(int argc, char **argv)
{
    struct view view = {.out = stdout};
    int code = take_options(&view, argc, argv);
    return code == GO_ON ? list(&view) : code;
}
