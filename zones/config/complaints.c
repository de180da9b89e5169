#include "complaints.h"

#include "../../common/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void complaints_fini(struct complaints *complaints)
{
    free(complaints->text);
    *complaints = (struct complaints){0};
}

static void append(struct complaints *complaints, const char *text, size_t length)
{
    if (!array_grow(&complaints->text, &complaints->room, complaints->length + length + 1, 1))
        return;
    memcpy(complaints->text + complaints->length, text, length);
    complaints->length += length;
    complaints->text[complaints->length] = '\0';
}

static void append_line(struct complaints *complaints, const char *file, unsigned line,
                        const char *key, const char *format, va_list arguments)
{
    char *what, *whole, number[16] = "";
    int length;

    if (vasprintf(&what, format, arguments) < 0)
        return;
    if (line)
        snprintf(number, sizeof number, ":%u", line);
    length =
        asprintf(&whole, "%s%s: %s%s%s\n", file, number, key ? key : "", key ? ": " : "", what);
    free(what);
    if (length < 0)
        return;
    append(complaints, whole, (size_t)length);
    free(whole);
}

void complain(struct complaints *complaints, const char *file, unsigned line, const char *key,
              const char *format, ...)
{
    va_list arguments;

    complaints->count++;
    va_start(arguments, format);
    append_line(complaints, file, line, key, format, arguments);
    va_end(arguments);
}

void warn_about(struct complaints *complaints, const char *file, unsigned line, const char *key,
                const char *format, ...)
{
    va_list arguments;

    complaints->n_warnings++;
    va_start(arguments, format);
    append_line(complaints, file, line, key, format, arguments);
    va_end(arguments);
}

void complain_of_unknown(struct complaints *complaints, const char *file, unsigned line,
                         const char *key, const char *format, ...)
{
    va_list arguments;

    complaints->n_warnings++;
    complaints->n_unknown++;
    va_start(arguments, format);
    append_line(complaints, file, line, key, format, arguments);
    va_end(arguments);
}

void complaints_add(struct complaints *complaints, const struct complaints *others)
{
    if (others->text)
        append(complaints, others->text, others->length);
    complaints->count += others->count;
    complaints->n_warnings += others->n_warnings;
    complaints->n_unknown += others->n_unknown;
}
