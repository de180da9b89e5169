#include "command-table.h"

#include "../common/array.h"
#include "../common/plain.h"
#include "../common/text.h"
#include "../include/phonebook.h"
#include "command-fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const headings[TABLE_COLUMNS] = {
    [TABLE_NAME] = "NAME",
    [TABLE_NUMBER] = "NUMBER",
    [TABLE_INTERFACE] = "INTERFACE",
    [TABLE_NAMESPACE] = "NAMESPACE",
    [TABLE_UID] = "UID",
    [TABLE_PID] = "PID",
    [TABLE_AGE] = "AGE",
    [TABLE_STATE] = "STATE",
    [TABLE_REASON] = "REASON",
    [TABLE_RULE] = "RULE",
    [TABLE_PROCESSES] = "PROCESSES",
    [TABLE_ADDRESSES] = "ADDRESSES",
    [TABLE_WITHHELD] = "WITHHELD",
};

/* What people need first: does the name exist, with which addresses, and whose is it? */
static const struct fit_rule brief[TABLE_COLUMNS] = {
    [TABLE_NAME] = {.least = 24},
    [TABLE_NUMBER] = {.least = 6},
    [TABLE_INTERFACE] = {.least = 15, .leave = 1},
    [TABLE_NAMESPACE] = {.least = 15, .leave = 2},
    [TABLE_UID] = {.leave = FIT_NEVER},
    [TABLE_PID] = {.least = 10, .leave = 3},
    [TABLE_AGE] = {.least = 10, .leave = 4},
    [TABLE_STATE] = {.least = 26},
    [TABLE_REASON] = {.leave = FIT_NEVER}, /* shown in the column of states */
    [TABLE_RULE] = {.leave = FIT_NEVER},
    [TABLE_PROCESSES] = {.least = 15},
    [TABLE_ADDRESSES] = {.least = 15},
    [TABLE_WITHHELD] = {.leave = FIT_NEVER},
};

/* Columns about the holders, not about addresses and rules. */
static bool is_of_holders(int column)
{
    return column != TABLE_PID && column != TABLE_REASON && column != TABLE_RULE &&
           column != TABLE_ADDRESSES && column != TABLE_WITHHELD;
}

static bool has_column(const struct table *table, int column)
{
    if (column == TABLE_NUMBER || column == TABLE_PROCESSES)
        return table->processes;
    return !table->alone || is_of_holders(column);
}

static char *cell(const char *from)
{
    return plain_copy(*from ? from : "-");
}

static char *number(long long value)
{
    if (value < 0)
        return strdup("-");
    char *written;
    return asprintf(&written, "%lld", value) < 0 ? NULL : written;
}

/* The two largest units are enough. If the clock was set back, the age is zero. */
static char *age(long long since, long long now)
{
    long long s = now - since;
    if (since < 0)
        return strdup("-");
    if (s < 0)
        s = 0;
    char *written;
    int length;
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

/* In a table without reasons, such as "waiting (down)". */
static char *state(const struct table *table, const struct phonebook_entry *entry)
{
    if ((!table->brief && !table->alone) || !*entry->reason)
        return cell(entry->state);
    char *written;
    if (asprintf(&written, "%s (%s)", entry->state, entry->reason) < 0)
        return NULL;
    char *shown = plain_copy(written);
    free(written);
    return shown;
}

/* A row of empty cells, or NULL. */
static char **add_row(struct table *table)
{
    if (!array_grow(&table->rows, &table->room, table->n_rows + 1, sizeof *table->rows))
        return NULL;
    char **row = table->rows[table->n_rows++];
    memset(row, 0, sizeof table->rows[0]);
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

bool table_entry(struct table *table, const struct phonebook_entry *entry, const char *namespace,
                 const char *processes)
{
    char **row = add_row(table);
    if (row) {
        row[TABLE_NAME] = cell(entry->name);
        row[TABLE_NUMBER] = number(entry->number);
        row[TABLE_INTERFACE] = cell(entry->interface);
        row[TABLE_NAMESPACE] = *namespace ? plain_copy(namespace) : number(entry->netns);
        row[TABLE_UID] = number(entry->uid);
        row[TABLE_PID] = number(entry->pid);
        row[TABLE_AGE] = age(entry->since, table->now);
        row[TABLE_STATE] = state(table, entry);
        row[TABLE_REASON] = cell(entry->reason);
        row[TABLE_RULE] = cell(entry->rule);
        row[TABLE_PROCESSES] = cell(processes);
        row[TABLE_ADDRESSES] = cell(entry->addresses);
        row[TABLE_WITHHELD] = cell(entry->withheld);
    }
    if (!row || !row_is_whole(row))
        table->failed = true;
    return !table->failed;
}

static void measure(struct table *table)
{
    for (size_t r = 0; r < table->n_rows; r++) {
        for (int i = 0; i < TABLE_COLUMNS; i++) {
            int width = has_column(table, i) ? (int)strlen(table->rows[r][i]) : 0;
            if (width > table->widths[i])
                table->widths[i] = width;
        }
    }
}

static void fit(struct table *table)
{
    int contents[TABLE_COLUMNS];
    memcpy(contents, table->widths, sizeof contents);
    fit_columns(contents, table->widths, brief, TABLE_COLUMNS, table->brief);
    for (size_t r = 0; r < table->n_rows; r++)
        for (int i = 0; i < TABLE_COLUMNS; i++)
            (i == TABLE_ADDRESSES || i == TABLE_PROCESSES ? fit_items : fit_text)(table->rows[r][i],
                                                                                  table->widths[i]);
}

void table_complete(struct table *table)
{
    measure(table);
    if (table->brief)
        fit(table);
}

void table_row(const struct table *table, size_t row, struct text *out)
{
    int gap = 0;
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        const char *content = table->rows[row][i];
        if (table->widths[i] == 0)
            continue;
        text_add(out, "%*s%s", gap, "", content);
        gap = FIT_GAP + table->widths[i] - (int)strlen(content);
    }
    text_add(out, "\n");
}
