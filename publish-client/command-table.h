/* Writes the list as a table: each column as wide as its content, or, for a terminal, a brief form
 * that fits its width, with the columns that users need most. */
#ifndef PUBLISH_CLIENT_COMMAND_TABLE_H
#define PUBLISH_CLIENT_COMMAND_TABLE_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct phonebook_entry;
struct netns_names;

enum table_column {
    TABLE_NAME,
    TABLE_NUMBER,
    TABLE_INTERFACE,
    TABLE_NAMESPACE,
    TABLE_UID,
    TABLE_PID,
    TABLE_AGE,
    TABLE_STATE,
    TABLE_REASON,
    TABLE_RULE,
    TABLE_PROCESSES,
    TABLE_ADDRESSES,
    TABLE_WITHHELD,
    TABLE_COLUMNS
};

struct table {
    char *(*rows)[TABLE_COLUMNS]; /* owned; the first row is the heading */
    size_t n_rows, room;
    int brief;                       /* characters per line; 0: the whole table */
    const struct netns_names *names; /* names to show for namespaces; NULL: show their numbers */
    time_t now;
    bool processes; /* with the columns NUMBER and PROCESSES, */
    bool alone;     /* and without those that tell of addresses and rules */
    bool failed;    /* memory ran out */
};

/* The caller has set `brief`, `names`, `now`, `processes` and `alone`; everything else is zero. */
void table_init(struct table *table);
void table_fini(struct table *table);

/* Adds a copy of an entry as a row, with the text of its processes, or "". False if memory ran
 * out. */
bool table_entry(struct table *table, const struct phonebook_entry *entry, const char *processes);

/* Prints the table; texts that do not fit are shortened in place. */
void table_print(struct table *table, FILE *out);

#endif
