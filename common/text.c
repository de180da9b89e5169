#include "text.h"

#include "array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *make_room(struct text *text, size_t length)
{
    if (!array_grow(&text->octets, &text->room, text->length + length + 1, 1)) {
        text->failed = true;
        return NULL;
    }
    text->length += length;
    return text->octets + text->length - length;
}

void text_put(struct text *text, const char *octets, size_t length)
{
    char *to = make_room(text, length);

    if (!to)
        return;
    memcpy(to, octets, length);
    to[length] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    char *to;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    to = make_room(text, length > 0 ? (size_t)length : 0);
    if (!to)
        return;
    va_start(arguments, format);
    vsnprintf(to, (size_t)length + 1, format, arguments);
    va_end(arguments);
}

char *text_take(struct text *text)
{
    if (!text->failed)
        return text->octets;
    free(text->octets);
    return NULL;
}
