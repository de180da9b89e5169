#include "likes.h"

#include "../../zones/zone.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct like *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static size_t put_in_order(struct like *all, size_t n)
{
    if (n > 1)
        qsort(all, n, sizeof *all, compare);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || compare(&all[kept - 1], &all[i]) != 0)
            all[kept++] = all[i];
    return kept;
}

bool likes_make(struct likes *likes, const struct zone *const *zones, size_t n_zones)
{
    *likes = (struct likes){.n = 0};
    size_t n = 0;
    for (size_t i = 0; i < n_zones; i++)
        n += zones[i]->like[0] != '\0';
    if (n == 0)
        return true;
    likes->all = calloc(n, sizeof *likes->all);
    if (!likes->all)
        return false;
    for (size_t i = 0; i < n_zones; i++)
        if (zones[i]->like[0])
            likes->all[likes->n++].name = zones[i]->like;
    likes->n = put_in_order(likes->all, likes->n);
    return true;
}

void likes_fini(struct likes *likes)
{
    free(likes->all);
    *likes = (struct likes){.n = 0};
}

struct like *likes_find(const struct likes *likes, const char *name)
{
    const struct like key = {.name = name};
    return likes->n > 0 ? bsearch(&key, likes->all, likes->n, sizeof *likes->all, compare) : NULL;
}

bool likes_are_pending(const struct likes *likes)
{
    for (size_t i = 0; i < likes->n; i++)
        if (likes->all[i].stale || likes->all[i].spreading)
            return true;
    return false;
}

void like_set(struct like *like, const struct living *living)
{
    like->stale = false;
    if (living_same(&like->living, living))
        return;
    like->living = *living;
    like->again = like->spreading;
    like->spreading = true;
}
