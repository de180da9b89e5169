/* A text that is written in several calls, and cut off where its room ends. Pure. */
#ifndef COMMON_CUT_TEXT_H
#define COMMON_CUT_TEXT_H

#include <stddef.h>

struct cut_text {
    char *text;    /* not owned */
    size_t room;   /* octets, the NUL at the end included */
    size_t length; /* so far, without the NUL */
};

/* Adds the output of printf(3), as far as there is room. */
void cut_text_add(struct cut_text *text, const char *format, ...)
    __attribute__((format(__printf__, 2, 3)));

#endif
