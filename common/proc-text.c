#include "proc-text.h"

#include "number.h"

#include <stdlib.h>
#include <string.h>

enum { STAT_NAME_FIELD = 2, STAT_STATE_FIELD, STAT_START_FIELD = 22 };

/* The name is in parentheses, and may have blanks and parentheses. */
int64_t proc_stat_began(char *stat)
{
    char *rest = strrchr(stat, ')'), *word = NULL;
    char state = 'X';
    int field = STAT_NAME_FIELD;
    for (; rest && field <= STAT_START_FIELD; field++) {
        word = strsep(&rest, " ");
        if (field == STAT_STATE_FIELD)
            state = *word;
    }
    if (field <= STAT_START_FIELD || state == 'Z' || state == 'X')
        return -1;
    return number_of(word, strlen(word), INT64_MAX);
}

/* Is the signal in the set on this line, which is a hexadecimal mask? */
static bool in_set(const char *status, const char *key, int signal)
{
    const char *line = strstr(status, key);
    return line && strtoull(line + strlen(key), NULL, 16) >> (signal - 1) & 1;
}

bool proc_status_survives(const char *status, int signal)
{
    return in_set(status, "\nSigCgt:", signal) || in_set(status, "\nSigIgn:", signal) ||
           in_set(status, "\nSigBlk:", signal);
}
