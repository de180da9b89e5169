/* Writes the list as a table: each column as wide as its content, or, for a terminal, a brief form
 * that fits its width, with the columns that users need most. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_TABLE_H
#define PUBLISH_CLIENT_COMMAND_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct phonebook_entry;
struct text;

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
    int widths[TABLE_COLUMNS]; /* after table_complete(); 0: the column is not shown */
    int brief;                 /* characters per line; 0: the whole table */
    long long now;             /* seconds since 1970 */
    bool processes;            /* with the columns NUMBER and PROCESSES, */
    bool alone;                /* and without those that tell of addresses and rules */
    bool failed;               /* memory ran out */
};

/* The caller has set `brief`, `now`, `processes` and `alone`; everything else is zero. */
void table_init(struct table *table);
void table_fini(struct table *table);

/* Adds a copy of an entry as a row, with the name of its namespace and the text of its processes,
 * each "" if there is none. False if memory ran out. */
bool table_entry(struct table *table, const struct phonebook_entry *entry, const char *namespace,
                 const char *processes);

/* To be called once, when all rows are there and memory did not run out: computes the widths, and
 * shortens the texts that do not fit. */
void table_complete(struct table *table);
/* Adds a row as a line to `out`. No blanks follow its last cell. */
void table_row(const struct table *table, size_t row, struct text *out);

#endif
