/* phonebook list: prints the list, or the part of it that is asked for, as a table or as JSON
 * lines. */
#include "command-list.h"
#include "../common/array.h"
#include "../common/option-table.h"
#include "../include/phonebook.h"
#include "command-holders.h"
#include "command-json.h"
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
    long long since; /* now_ms() from which on time does not count for phonebookd */
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
    struct table table;
    size_t n_shown;
    struct holders holders;
    struct kept_lines { /* with `processes`, until all have been read */
        struct kept_line {
            char *text;      /* owned; as it was read */
            size_t n_before; /* other names */
            long long number;
        } * all;
        size_t n, room;
    } kept;
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

static bool add_to_table(struct table *table, const struct phonebook_entry *entry,
                         const struct holding *holding)
{
    char *processes = holding ? holding_text(holding) : strdup("");
    bool added = processes && table_entry(table, entry, processes);
    free(processes);
    return added;
}

/* 0, or an exit code; as all that follow. `holding` may be NULL. */
static int show_entry(struct view *view, const struct phonebook_entry *entry,
                      const struct holding *holding)
{
    if (view->json)
        json_entry(view->out, entry, holding);
    else if (!add_to_table(&view->table, entry, holding))
        return no_memory();
    return 0;
}

static bool is_same_name(const char *line, const char *other)
{
    size_t length = strcspn(line, " ");
    return strcspn(other, " ") == length && memcmp(line, other, length) == 0;
}

/* Takes the copy of a line. */
static int keep_line(struct view *view, char *line, long long number)
{
    struct kept_lines *kept = &view->kept;
    if (!line || !array_grow(&kept->all, &kept->room, kept->n + 1, sizeof(*kept->all))) {
        free(line);
        return no_memory();
    }
    const struct kept_line *last = kept->n > 0 ? &kept->all[kept->n - 1] : NULL;
    size_t n_before = last ? last->n_before + !is_same_name(line, last->text) : 0;
    kept->all[kept->n++] = (struct kept_line){line, n_before, number};
    return 0;
}

/* In the order of the list; of one name the oldest connection first, and what lingers last. */
static int compare_kept(const void *left, const void *right)
{
    const struct kept_line *a = left, *b = right;
    if (a->n_before != b->n_before)
        return a->n_before < b->n_before ? -1 : 1;
    if ((a->number < 0) != (b->number < 0))
        return a->number < 0 ? 1 : -1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return strcmp(a->text, b->text);
}

static int take_line(struct view *view, char *line)
{
    struct phonebook_entry entry;
    char *copy = view->processes ? strdup(line) : NULL;
    if (phonebook_entry_parse(&entry, line)) {
        free(copy);
        return fatal(EXIT_SYSTEM, "a line of the list cannot be read (who listens there?)");
    }
    if (!is_asked_for(view, entry.name)) {
        free(copy);
        return 0;
    }
    view->n_shown++;
    if (!view->processes)
        return show_entry(view, &entry, NULL);
    holders_add(&view->holders, &entry);
    return keep_line(view, copy, entry.number);
}

/* Of one that is kept; *unknown is counted up where nobody can say. */
static int show_kept(struct view *view, char *line, size_t *unknown)
{
    struct phonebook_entry entry;
    struct holding holding;
    phonebook_entry_parse(&entry, line);
    if (!holders_find(&view->holders, &entry, &holding))
        return no_memory();
    *unknown += !holding.known;
    int code = show_entry(view, &entry, &holding);
    holding_fini(&holding);
    return code;
}

static int show_all_kept(struct view *view)
{
    struct kept_lines *kept = &view->kept;
    size_t unknown = 0;
    int code = 0;
    if (kept->n > 0) {
        holders_look(&view->holders);
        qsort(kept->all, kept->n, sizeof(*kept->all), compare_kept);
    }
    if (view->holders.failed)
        return no_memory();
    for (size_t i = 0; i < kept->n && code == 0; i++)
        code = show_kept(view, kept->all[i].text, &unknown);
    if (unknown > 0)
        say("warning", "the processes of %zu connection%s are not known: %s", unknown,
            unknown == 1 ? "" : "s",
            geteuid() == 0
                ? "this process may not look into them"
                : "other users' and those of other network namespaces are shown to root");
    return code;
}

static void forget_kept(struct view *view)
{
    for (size_t i = 0; i < view->kept.n; i++)
        free(view->kept.all[i].text);
    free(view->kept.all);
    holders_fini(&view->holders);
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
    struct winsize size;
    if (!isatty(fileno(out)))
        return 0;
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
    struct netns_names names = {0};
    int width = terminal_width(view->out), code;
    if (width > 0)
        netns_names_read(&names);
    view->table = (struct table){.brief = view->whole ? 0 : width,
                                 .names = &names,
                                 .now = time(NULL),
                                 .processes = view->processes,
                                 .alone = view->processes && !view->whole};
    table_init(&view->table);
    code = read_lines(list, view);
    if (code == 0)
        code = show_all_kept(view);
    if (code == 0 && !view->json && (view->n_shown > 0 || width == 0))
        table_print(&view->table, view->out);
    table_fini(&view->table);
    forget_kept(view);
    netns_names_fini(&names);
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
    {'j', "json", NULL, "as JSON, one object per line"},
    {'l', "long", NULL, "all columns, as they are where the output is no terminal"},
    {'p', "processes", NULL, "which processes hold each name now"},
};

const struct option_table list_options = {
    .program = "phonebook list",
    .operands = "[NAME...]",
    .description = "show what is registered",
    .notes =
        "NAME is a name, its first labels, or a pattern of either, such as '*.home.internal'.\n"
        "Where none of them is registered, the exit status is 1.",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(*rows),
};

static int take_options(struct view *view, int argc, char **argv)
{
    struct option_found found;
    int code = GO_ON;
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
