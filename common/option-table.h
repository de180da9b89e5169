/* The options of a program in one table, for getopt_long(3), for the usage text, and for reports of
 * wrong options as they were typed. */
#ifndef COMMON_OPTION_TABLE_H
#define COMMON_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    OPTION_ROWS_MAX = 24,
    OPTION_WITHOUT_LETTER = 256, /* the first key for options without a letter */
    OPTION_TEXT_MAX = 256,
};

struct option_row {
    int key;           /* its letter, or a number from OPTION_WITHOUT_LETTER on */
    const char *name;  /* the long name, without "--" */
    const char *value; /* its value in the usage text, such as "SECONDS"; NULL: none */
    const char *help;  /* its effect, in lines of some 60 characters */
};

struct option_table {
    const char *program;     /* the command, such as "phonebook list" */
    const char *operands;    /* the arguments after the options, or "" */
    const char *description; /* what it does, in one line; or NULL */
    const char *notes;       /* lines at the end of the usage text; or NULL */
    /* The options end at the first operand, because the rest may belong to another program. */
    bool leaves_rest;
    const struct option_row *rows;
    size_t n_rows; /* at most OPTION_ROWS_MAX; -h and -V are added */
};

struct option_found {
    /* NULL: there is no such option, or its value is missing or not allowed */
    const struct option_row *row;
    /* The option as it was typed; if `row` is NULL, the complaint about it. */
    char text[OPTION_TEXT_MAX];
};

/* Returns the next option of a command line, with its value in `optarg`. False at the end of the
 * options; then `optind` is the index of the first operand (getopt(3)). Before another command line
 * is read, `optind` must be set to 0. */
bool option_table_next(const struct option_table *table, int argc, char **argv,
                       struct option_found *found);

/* Obeys -h or -V: prints to standard output. 0, or -errno if that cannot be written. */
int option_table_answer(const struct option_table *table, const struct option_row *row);

/* Print the usage text, or only the part with the options. */
void option_table_print(const struct option_table *table, FILE *out);
void option_table_print_rows(const struct option_table *table, FILE *out);

#endif
