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

void complaints_put(struct complaints *complaints, enum complaint_kind kind, const char *file,
                    unsigned line, const char *key, const char *format, ...)
{
    complaints->count += kind == COMPLAINT_ERROR;
    complaints->n_warnings += kind != COMPLAINT_ERROR;
    complaints->n_unknown += kind == COMPLAINT_UNKNOWN;
    va_list arguments;
    va_start(arguments, format);
    char *what;
    int length = vasprintf(&what, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    char number[16] = "";
    if (line)
        snprintf(number, sizeof number, ":%u", line);
    char *whole;
    length =
        asprintf(&whole, "%s%s: %s%s%s\n", file, number, key ? key : "", key ? ": " : "", what);
    free(what);
    if (length < 0)
        return;
    append(complaints, whole, (size_t)length);
    free(whole);
}

void complaints_add(struct complaints *complaints, const struct complaints *others)
{
    if (others->text)
        append(complaints, others->text, others->length);
    complaints->count += others->count;
    complaints->n_warnings += others->n_warnings;
    complaints->n_unknown += others->n_unknown;
}
