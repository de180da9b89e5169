#include "command-kept.h"

#include "../common/array.h"

#include <stdlib.h>
#include <string.h>

static bool is_same_name(const char *line, const char *other)
{
    size_t length = strcspn(line, " ");
    return strcspn(other, " ") == length && memcmp(line, other, length) == 0;
}

bool kept_lines_add(struct kept_lines *kept, char *line, long long number)
{
    struct kept_line *added = line ? array_append(&kept->all, kept->n, sizeof *added) : NULL;
    if (!added) {
        free(line);
        return false;
    }
    *added = (struct kept_line){.text = line, .number = number};
    if (kept->n++ > 0)
        added->n_before = added[-1].n_before + !is_same_name(line, added[-1].text);
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct kept_line *a = left, *b = right;
    if (a->n_before != b->n_before)
        return a->n_before < b->n_before ? -1 : 1;
    if ((a->number < 0) != (b->number < 0))
        return a->number < 0 ? 1 : -1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return strcmp(a->text, b->text);
}

void kept_lines_sort(struct kept_lines *kept)
{
    if (kept->n > 0)
        qsort(kept->all, kept->n, sizeof *kept->all, compare);
}

void kept_lines_fini(struct kept_lines *kept)
{
    for (size_t i = 0; i < kept->n; i++)
        free(kept->all[i].text);
    free(kept->all);
}
