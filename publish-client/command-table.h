/* The list as a table, each column as wide as its content. */
#ifndef PUBLISH_CLIENT_COMMAND_TABLE_H
#define PUBLISH_CLIENT_COMMAND_TABLE_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct phonebook_entry;

enum { TABLE_COLUMNS = 11 };

struct table {
    char *(*rows)[TABLE_COLUMNS]; /* owned; the first is the heading */
    size_t n_rows, room;
    bool failed; /* memory ran out */
};

void table_init(struct table *table);
void table_fini(struct table *table);

/* Copies an entry into a row; false where memory ran out. */
bool table_entry(struct table *table, const struct phonebook_entry *entry, time_t now);

void table_print(const struct table *table, FILE *out);

#endif
