#include "subuids.h"

#include "../../common/array.h"

#include <stdlib.h>
#include <string.h>

/* Reads a number below 2^32. False if the text has anything but decimal digits. */
static bool read_number(uint64_t *number, const char *text, const char *end)
{
    *number = 0;
    for (const char *at = text; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        *number = *number * 10 + (uint64_t)(*at - '0');
        if (*number > UINT32_MAX)
            return false;
    }
    return text < end;
}

/* False if memory ran out. */
static bool add(struct subuids *subuids, const struct subuid_range *range)
{
    if (!array_grow(&subuids->ranges, &subuids->room, subuids->n + 1, sizeof *range))
        return false;
    subuids->ranges[subuids->n++] = *range;
    return true;
}

/* False if memory ran out. */
static bool parse_line(struct subuids *subuids, const char *line, const char *end)
{
    const char *start = memchr(line, ':', (size_t)(end - line));
    const char *count = start ? memchr(start + 1, ':', (size_t)(end - start - 1)) : NULL;
    uint64_t first, n;
    if (!count || start == line || memchr(line, '\0', (size_t)(start - line)) ||
        !read_number(&first, start + 1, count) || !read_number(&n, count + 1, end) || n == 0 ||
        first + n - 1 > UINT32_MAX)
        return true;
    struct subuid_range range = {.first = (uint32_t)first, .last = (uint32_t)(first + n - 1)};
    uint64_t owner = 0;
    if (read_number(&owner, line, start)) {
        range.owner = (uint32_t)owner;
    } else {
        range.name = strndup(line, (size_t)(start - line));
        if (!range.name)
            return false;
    }
    if (add(subuids, &range))
        return true;
    free(range.name);
    return false;
}

bool subuids_parse(struct subuids *subuids, const char *text, size_t length)
{
    const char *end = text + length;
    *subuids = (struct subuids){.ranges = NULL};
    bool done = true;
    while (done && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        done = parse_line(subuids, text, newline ? newline : end);
        text = newline ? newline + 1 : end;
    }
    return done;
}

void subuids_fini(struct subuids *subuids)
{
    for (size_t i = 0; i < subuids->n; i++)
        free(subuids->ranges[i].name);
    free(subuids->ranges);
    *subuids = (struct subuids){.ranges = NULL};
}

struct subuid_range *subuids_find(const struct subuids *subuids, uint32_t uid)
{
    for (size_t i = 0; i < subuids->n; i++)
        if (uid >= subuids->ranges[i].first && uid <= subuids->ranges[i].last)
            return &subuids->ranges[i];
    return NULL;
}

void subuid_range_resolve(struct subuid_range *range, uint32_t owner)
{
    free(range->name);
    range->name = NULL;
    range->owner = owner;
}
