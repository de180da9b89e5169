/* The lines of the list that are kept until all have been read. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_KEPT_H
#define PUBLISH_CLIENT_COMMAND_KEPT_H

#include <stdbool.h>
#include <stddef.h>

/* Initially all zero. */
struct kept_lines {
    struct kept_line {
        char *text;      /* owned; as it was read */
        size_t n_before; /* other names before it in the list */
        long long number;
    } * all;
    size_t n;
};

/* Takes over a line, with the number of its connection (-1: none). False if memory ran out, also if
 * `line` is NULL. */
bool kept_lines_add(struct kept_lines *kept, char *line, long long number);
/* Keeps the order of names. The lines of one name: the oldest connection first, remnants last. */
void kept_lines_sort(struct kept_lines *kept);
void kept_lines_fini(struct kept_lines *kept);

#endif
