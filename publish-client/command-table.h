/* The list as a table, each column as wide as its content; or, for a terminal, brief: the columns
 * that a person looks at first, as wide as fits. */
#ifndef PUBLISH_CLIENT_COMMAND_TABLE_H
#define PUBLISH_CLIENT_COMMAND_TABLE_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct phonebook_entry;
struct netns_names;

enum table_column {
    TABLE_NAME,
    TABLE_INTERFACE,
    TABLE_NAMESPACE,
    TABLE_UID,
    TABLE_PID,
    TABLE_AGE,
    TABLE_STATE,
    TABLE_REASON,
    TABLE_RULE,
    TABLE_ADDRESSES,
    TABLE_WITHHELD,
    TABLE_COLUMNS
};

struct table {
    char *(*rows)[TABLE_COLUMNS]; /* owned; the first is the heading */
    size_t n_rows, room;
    int brief;                       /* characters of a line; 0: the whole table */
    const struct netns_names *names; /* namespaces are shown by these; NULL: by their numbers */
    time_t now;
    bool failed; /* memory ran out */
};

/* `brief`, `names` and `now` have been set; all else is zero. */
void table_init(struct table *table);
void table_fini(struct table *table);

/* Copies an entry into a row; false where memory ran out. */
bool table_entry(struct table *table, const struct phonebook_entry *entry);

/* Cuts what does not fit, for good. */
void table_print(struct table *table, FILE *out);

#endif
