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
    if (!line || !array_grow(&kept->all, &kept->room, kept->n + 1, sizeof(*kept->all))) {
        free(line);
        return false;
    }
    const struct kept_line *last = kept->n > 0 ? &kept->all[kept->n - 1] : NULL;
    size_t n_before = last ? last->n_before + !is_same_name(line, last->text) : 0;
    kept->all[kept->n++] = (struct kept_line){line, n_before, number};
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
        qsort(kept->all, kept->n, sizeof(*kept->all), compare);
}

void kept_lines_fini(struct kept_lines *kept)
{
    for (size_t i = 0; i < kept->n; i++)
        free(kept->all[i].text);
    free(kept->all);
}
