#include "option-table.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

enum {
    LONG_FIRST = UCHAR_MAX + 1, /* what getopt_long() returns for the long name of the first row */
    INDENT = 2,
    GAP = 2,
};

/* The options of every program, after its own. */
static const struct option_row last_rows[] = {
    {'h', "help", NULL, "show this"},
    {'V', "version", NULL, "show the version"},
};

enum { N_LAST = sizeof last_rows / sizeof *last_rows, N_MAX = OPTION_ROWS_MAX + N_LAST };

static size_t n_rows(const struct option_table *table)
{
    return table->n_rows + N_LAST;
}

static const struct option_row *row_at(const struct option_table *table, size_t i)
{
    return i < table->n_rows ? &table->rows[i] : &last_rows[i - table->n_rows];
}

/* The options for getopt_long(3): it prints nothing, and returns ':' for a missing value. */
struct getopt_words {
    char letters[2 + 2 * N_MAX + 1]; /* "+:" before them */
    struct option names[N_MAX + 1];
};

static void make_words(struct getopt_words *words, const struct option_table *table)
{
    char *letter = words->letters;
    if (table->leaves_rest)
        *letter++ = '+';
    *letter++ = ':';
    for (size_t i = 0; i < n_rows(table) && i < N_MAX; i++) {
        const struct option_row *row = row_at(table, i);
        words->names[i].name = row->name;
        words->names[i].has_arg = row->value ? required_argument : no_argument;
        words->names[i].val = LONG_FIRST + (int)i;
        if (row->key >= OPTION_WITHOUT_LETTER)
            continue;
        *letter++ = (char)row->key;
        if (row->value)
            *letter++ = ':';
    }
}

static const struct option_row *row_of_letter(const struct option_table *table, int letter)
{
    for (size_t i = 0; i < n_rows(table); i++)
        if (row_at(table, i)->key == letter)
            return row_at(table, i);
    return NULL;
}

static void find(const struct option_table *table, int option, struct option_found *found)
{
    if (option >= LONG_FIRST) {
        found->row = row_at(table, (size_t)(option - LONG_FIRST));
        snprintf(found->text, sizeof found->text, "--%s", found->row->name);
    } else {
        found->row = row_of_letter(table, option);
        snprintf(found->text, sizeof found->text, "-%c", option);
    }
}

/* `result` of getopt_long() is ':' or '?'. `optopt` is then the option; 0 for an unknown long
 * option, which is the last word that was read: `last`. */
static void complain(const struct option_table *table, int result, const char *last,
                     struct option_found *found)
{
    struct option_found known = {0};
    const char *wrong = result == ':'          ? " needs a value"
                        : optopt >= LONG_FIRST ? " takes no value"
                                               : "";
    if (optopt)
        find(table, optopt, &known);
    else
        snprintf(known.text, sizeof known.text, "%.*s", (int)strcspn(last, "="), last);
    snprintf(found->text, sizeof found->text, "%s%.200s%s", *wrong ? "" : "unknown option ",
             known.text, wrong);
}

bool option_table_next(const struct option_table *table, int argc, char **argv,
                       struct option_found *found)
{
    struct getopt_words words = {0};
    make_words(&words, table);
    *found = (struct option_found){0};
    opterr = 0;
    int result = getopt_long(argc, argv, words.letters, words.names, NULL);
    if (result == ':' || result == '?')
        complain(table, result, argv[optind - 1], found);
    else if (result != -1)
        find(table, result, found);
    return result != -1;
}

/* Prints "-w, --wait SECONDS", unless `out` is NULL. Returns its length. */
static int print_option(const struct option_row *row, FILE *out)
{
    char letter[] = {'-', (char)row->key, ',', '\0'}, text[OPTION_TEXT_MAX];
    int length =
        snprintf(text, sizeof text, "%3s --%s%s%s", row->key < OPTION_WITHOUT_LETTER ? letter : "",
                 row->name, row->value ? " " : "", row->value ? row->value : "");
    if (out)
        fputs(text, out);
    return length;
}

static void print_row(const struct option_row *row, int width, FILE *out)
{
    const char *line = row->help;
    fprintf(out, "%*s", INDENT, "");
    int indent = width - print_option(row, out) + GAP;
    for (size_t length; *line; line += length) {
        length = strcspn(line, "\n");
        fprintf(out, "%*s%.*s\n", indent, "", (int)length, line);
        length += line[length] == '\n';
        indent = INDENT + width + GAP;
    }
}

void option_table_print_rows(const struct option_table *table, FILE *out)
{
    int width = 0;
    for (size_t i = 0; i < n_rows(table); i++) {
        int length = print_option(row_at(table, i), NULL);
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < n_rows(table); i++)
        print_row(row_at(table, i), width, out);
}

void option_table_print(const struct option_table *table, FILE *out)
{
    fprintf(out, "usage: %s [OPTION...]%s%s\n\n", table->program, *table->operands ? " " : "",
            table->operands);
    if (table->description)
        fprintf(out, "%s\n\n", table->description);
    option_table_print_rows(table, out);
    if (table->notes)
        fprintf(out, "\n%s\n", table->notes);
}

int option_table_answer(const struct option_table *table, const struct option_row *row)
{
    if (row->key == 'V')
        printf("%.*s %s\n", (int)strcspn(table->program, " "), table->program, PHONEBOOK_VERSION);
    else
        option_table_print(table, stdout);
    return fflush(stdout) != 0 || ferror(stdout) ? -errno : 0;
}
