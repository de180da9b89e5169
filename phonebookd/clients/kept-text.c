#include "kept-text.h"

#include "../limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* no request ends like this: an interface's name has no slash */
static const char in_part[] = " /";

_Static_assert(KEEP_TEXT_MAX >= REQUEST_LINE_MAX + 21 + sizeof in_part,
               "a text has room for a request, a number and IN_PART");
_Static_assert((int)KEEP_TEXTS_PER_SOCKET >= (int)REGISTRATIONS_PER_CONNECTION,
               "the keeper holds all that a connection may register");

struct kept_text kept_text_of(const struct registration *r)
{
    struct kept_text kept = {
        .request.options = r->options, .since = r->since, .in_part = r->in_part};
    snprintf(kept.request.name, sizeof kept.request.name, "%s", r->name);
    snprintf(kept.request.interface, sizeof kept.request.interface, "%s", r->interface);
    return kept;
}

size_t kept_text_write(char text[static KEEP_TEXT_MAX], const struct kept_text *kept,
                       size_t *subject)
{
    const struct request *request = &kept->request;
    char line[REQUEST_LINE_MAX];
    size_t length = request_format(line, request);
    if (length == 0)
        return 0;
    length--; /* its LF */
    size_t start = (size_t)snprintf(text, KEEP_TEXT_MAX, "%" PRId64 " ", kept->since);
    *subject = start + strlen(request->name) + 1 + strlen(request->interface);
    return start + (size_t)snprintf(text + start, KEEP_TEXT_MAX - start, "%.*s%s", (int)length,
                                    line, kept->in_part ? in_part : "");
}

const char *kept_text_read(struct kept_text *kept, const char *text, size_t length)
{
    size_t part = sizeof in_part - 1;
    length = length > KEEP_TEXT_MAX ? KEEP_TEXT_MAX : length;
    kept->in_part = length >= part && memcmp(text + length - part, in_part, part) == 0;
    if (kept->in_part)
        length -= part;
    char copy[KEEP_TEXT_MAX + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *line;
    kept->since = strtoll(copy, &line, 10);
    const char *wrong = "it is not as phonebookd stores it";
    if (*line++ != ' ')
        return wrong;
    return request_parse(&kept->request, line, length - (size_t)(line - copy), &wrong) == REQUEST_OK
               ? NULL
               : wrong;
}

const char *kept_text_request(const char *text, size_t length)
{
    const char *blank = memchr(text, ' ', length);
    return blank ? blank + 1 : text;
}
