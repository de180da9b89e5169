#include "cut-text.h"

#include <stdarg.h>
#include <stdio.h>

void cut_text_add(struct cut_text *text, const char *format, ...)
{
    size_t room = text->room - text->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->text + text->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length < room ? (size_t)length : room - 1;
}
