/* A program's options in one table: getopt_long(3) gets what it wants from it, the usage text is
 * printed from it, and what is no option of it is told as it was typed. */
#ifndef COMMON_OPTION_TABLE_H
#define COMMON_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    OPTION_ROWS_MAX = 24,
    OPTION_WITHOUT_LETTER = 256, /* the first key of an option that has a long name alone */
    OPTION_TEXT_MAX = 256,
};

struct option_row {
    int key;           /* its letter, or a number of its own from OPTION_WITHOUT_LETTER on */
    const char *name;  /* the long one, without "--" */
    const char *value; /* what it takes, such as "SECONDS"; NULL: nothing */
    const char *help;  /* what it does, in lines of some 60 characters */
};

struct option_table {
    const char *program;     /* as a person calls it: "phonebook list" */
    const char *operands;    /* what stands behind the options, or "" */
    const char *description; /* what it does, one line; or NULL */
    const char *notes;       /* lines for the end of the usage text; or NULL */
    bool leaves_rest;        /* the first operand ends the options: what follows may be another
                              * program's */
    const struct option_row *rows;
    size_t n_rows; /* OPTION_ROWS_MAX at most; -h and -V come in addition */
};

struct option_found {
    const struct option_row *row; /* NULL: there is no such option, or not with such a value */
    char text[OPTION_TEXT_MAX];   /* the option as it was typed; where `row` is NULL, what is wrong
                                   * with it */
};

/* The next option of a command line, whose value is in `optarg`; false at their end, from where on
 * `optind` is that of the first operand (getopt(3)). Before another command line, `optind` has to
 * be set to 0. */
bool option_table_next(const struct option_table *table, int argc, char **argv,
                       struct option_found *found);

/* Answers -h or -V, on standard output; 0, or -errno where that cannot be written. */
int option_table_answer(const struct option_table *table, const struct option_row *row);

/* The usage text, and the part of it that tells the options. */
void option_table_print(const struct option_table *table, FILE *out);
void option_table_print_rows(const struct option_table *table, FILE *out);

#endif
