#include "text.h"

#include "array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add(struct text *text, const char *format, ...)
{
    size_t room = text->room - text->length;
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(room ? text->octets + text->length : NULL, room, format, arguments);
    if (length < 0 || !array_grow(&text->octets, &text->room, text->length + (size_t)length + 1, 1))
        text->failed = true;
    else if ((size_t)length >= room)
        vsnprintf(text->octets + text->length, (size_t)length + 1, format, again);
    if (!text->failed)
        text->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void text_put(struct text *text, const char *octets, size_t length)
{
    if (!array_grow(&text->octets, &text->room, text->length + length + 1, 1)) {
        text->failed = true;
        return;
    }
    memcpy(text->octets + text->length, octets, length);
    text->length += length;
    text->octets[text->length] = '\0';
}

char *text_take(struct text *text)
{
    text_put(text, "", 0);
    if (!text->failed)
        return text->octets;
    free(text->octets);
    return NULL;
}
