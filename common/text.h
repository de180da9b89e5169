/* A text that grows as it is written. Pure. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Initially all zero. */
struct text {
    char *octets; /* owned; ends in NUL; NULL before the first addition */
    size_t length, room;
    bool failed; /* memory ran out, and additions are missing */
};

/* Adds the output of printf(3). */
void text_add(struct text *text, const char *format, ...) __attribute__((format(__printf__, 2, 3)));
void text_put(struct text *text, const char *octets, size_t length);

/* The finished text, which the caller frees; NULL if memory ran out. */
char *text_take(struct text *text);

#endif
