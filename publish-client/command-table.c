#include "command-table.h"

#include "../common/array.h"
#include "../include/phonebook.h"
#include "command.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static char *text(const char *from)
{
    return plain(*from ? from : "-");
}

static char *number(long long value)
{
    char *written;
    if (value < 0)
        return strdup("-");
    return asprintf(&written, "%lld", value) < 0 ? NULL : written;
}

/* The two largest units say enough. A clock that was set back makes an age of zero. */
static char *age(long long since, time_t now)
{
    char *written;
    long long s = (long long)now - since;
    int length;
    if (since < 0)
        return strdup("-");
    if (s < 0)
        s = 0;
    if (s < MINUTE)
        length = asprintf(&written, "%llds", s);
    else if (s < HOUR)
        length = asprintf(&written, "%lldm%llds", s / MINUTE, s % MINUTE);
    else if (s < DAY)
        length = asprintf(&written, "%lldh%lldm", s / HOUR, s % HOUR / MINUTE);
    else
        length = asprintf(&written, "%lldd%lldh", s / DAY, s % DAY / HOUR);
    return length < 0 ? NULL : written;
}

/* A row of empty cells, or NULL. */
static char **add_row(struct table *table)
{
    if (!array_grow(&table->rows, &table->room, table->n_rows + 1, sizeof *table->rows))
        return NULL;
    char **row = table->rows[table->n_rows++];
    memset(row, 0, sizeof(table->rows[0]));
    return row;
}

static bool row_is_whole(char *const *row)
{
    for (int i = 0; i < TABLE_COLUMNS; i++)
        if (!row[i])
            return false;
    return true;
}

void table_init(struct table *table)
{
    static const char *const headings[TABLE_COLUMNS] = {"NAME", "INTERFACE", "NAMESPACE", "UID",
                                                        "PID",  "AGE",       "STATE",     "REASON",
                                                        "RULE", "ADDRESSES", "WITHHELD"};
    *table = (struct table){0};
    char **row = add_row(table);
    for (int i = 0; row && i < TABLE_COLUMNS; i++)
        row[i] = strdup(headings[i]);
    table->failed = !row || !row_is_whole(row);
}

void table_fini(struct table *table)
{
    for (size_t r = 0; r < table->n_rows; r++)
        for (int i = 0; i < TABLE_COLUMNS; i++)
            free(table->rows[r][i]);
    free(table->rows);
}

bool table_entry(struct table *table, const struct phonebook_entry *entry, time_t now)
{
    char **row = add_row(table);
    if (row) {
        row[0] = text(entry->name);
        row[1] = text(entry->interface);
        row[2] = number(entry->netns);
        row[3] = number(entry->uid);
        row[4] = number(entry->pid);
        row[5] = age(entry->since, now);
        row[6] = text(entry->state);
        row[7] = text(entry->reason);
        row[8] = text(entry->rule);
        row[9] = text(entry->addresses);
        row[10] = text(entry->withheld);
    }
    if (!row || !row_is_whole(row))
        table->failed = true;
    return !table->failed;
}

static void measure(const struct table *table, int widths[static TABLE_COLUMNS])
{
    for (size_t r = 0; r < table->n_rows; r++) {
        for (int i = 0; i < TABLE_COLUMNS; i++) {
            int width = (int)strlen(table->rows[r][i]);
            if (width > widths[i])
                widths[i] = width;
        }
    }
}

void table_print(const struct table *table, FILE *out)
{
    int widths[TABLE_COLUMNS] = {0};
    if (table->failed)
        return;
    measure(table, widths);
    widths[TABLE_COLUMNS - 1] = 0; /* nothing stands behind the last */
    for (size_t r = 0; r < table->n_rows; r++)
        for (int i = 0; i < TABLE_COLUMNS; i++)
            fprintf(out, "%-*s%s", widths[i], table->rows[r][i],
                    i + 1 < TABLE_COLUMNS ? "  " : "\n");
}
