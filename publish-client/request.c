#include "request.h"

#include "../common/request-options.h"

#include <stdio.h>
#include <string.h>

static const char *const error_words[] = {
    [REQUEST_OK] = "ok",
    [REQUEST_SYNTAX] = "syntax",
    [REQUEST_NAME] = "name",
    [REQUEST_INTERFACE] = "interface",
    [REQUEST_ZONE] = "zone",
    [REQUEST_DENIED] = "denied",
    [REQUEST_IN_USE] = "in-use",
    [REQUEST_LIMIT] = "limit",
    [REQUEST_NAMESPACE] = "namespace",
    [REQUEST_TIMEOUT] = "timeout",
    [REQUEST_OTHER] = "other",
};

enum { N_ERROR_WORDS = sizeof(error_words) / sizeof(error_words[0]) };

static const char why_shape[] = "expected NAME INTERFACE [KEY=VALUE]...";
static const char why_empty[] = "empty line; expected NAME INTERFACE [KEY=VALUE]...";
static const char why_control[] = "control character in the line (a line ends in LF alone)";
static const char why_long[] = "line longer than 1024 octets";
static const char why_name[] = "a name has 1 to 255 octets, no blank and no control character";
static const char why_interface[] =
    "an interface name has 1 to 127 octets, no blank, no slash, and is not \".\" or \"..\"";

/* Own classes: the locale's are not those of a protocol. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Of ASCII. Octets above are any, as in the kernel's names: that some of them control a terminal,
 * as UTF-8 or alone, is for who shows them there. */
static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

struct span {
    const char *at;
    size_t length;
};

/* The next run of octets that are no blanks; `rest` moves behind it. Length 0 at the end. */
static struct span next_word(struct span *rest)
{
    while (rest->length && is_blank(*rest->at)) {
        rest->at++;
        rest->length--;
    }
    struct span word = {rest->at, 0};
    while (word.length < rest->length && !is_blank(word.at[word.length]))
        word.length++;
    rest->at += word.length;
    rest->length -= word.length;
    return word;
}

static bool span_is(struct span span, const char *text)
{
    return span.length == strlen(text) && memcmp(span.at, text, span.length) == 0;
}

/* True for a copy that is whole; `room` counts the NUL. */
static bool span_copy(char *to, size_t room, struct span span)
{
    if (span.length >= room)
        return false;
    memcpy(to, span.at, span.length);
    to[span.length] = '\0';
    return true;
}

static bool is_word(const char *text)
{
    for (const char *c = text; *c; c++)
        if (is_blank(*c) || is_control(*c))
            return false;
    return *text != '\0';
}

static bool is_interface(const char *text)
{
    return is_word(text) && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

const char *request_error_word(enum request_error error)
{
    return (unsigned)error < N_ERROR_WORDS ? error_words[error] : error_words[REQUEST_OTHER];
}

enum request_error request_check(const struct request *request, const char **why)
{
    if (!is_word(request->name)) {
        *why = why_name;
        return REQUEST_NAME;
    }
    if (!is_interface(request->interface)) {
        *why = why_interface;
        return REQUEST_INTERFACE;
    }
    *why = request_options_check(&request->options);
    if (*why)
        return REQUEST_SYNTAX;
    *why = "";
    return REQUEST_OK;
}

static const char *check_line(const char *line, size_t length)
{
    if (length >= REQUEST_LINE_MAX)
        return why_long;
    for (size_t i = 0; i < length; i++)
        if (is_control(line[i]) && line[i] != '\t')
            return why_control;
    return NULL;
}

enum request_error request_parse(struct request *request, const char *line, size_t length,
                                 const char **why)
{
    *request = (struct request){.options = no_request_options};
    *why = check_line(line, length);
    if (*why)
        return REQUEST_SYNTAX;

    struct span rest = {line, length};
    struct span name = next_word(&rest), interface = next_word(&rest);
    if (!interface.length) {
        *why = name.length ? why_shape : why_empty;
        return REQUEST_SYNTAX;
    }
    if (!span_copy(request->name, sizeof(request->name), name)) {
        *why = why_name;
        return REQUEST_NAME;
    }
    if (!span_copy(request->interface, sizeof(request->interface), interface)) {
        *why = why_interface;
        return REQUEST_INTERFACE;
    }
    for (struct span word = next_word(&rest); word.length; word = next_word(&rest)) {
        *why = memchr(word.at, '=', word.length)
                   ? request_options_take(&request->options, word.at, word.length)
                   : why_shape;
        if (*why)
            return REQUEST_SYNTAX;
    }
    return request_check(request, why);
}

size_t request_format(char line[static REQUEST_LINE_MAX], const struct request *request)
{
    const char *why;
    char options[REQUEST_OPTIONS_MAX];
    if (request_check(request, &why) != REQUEST_OK)
        return 0;
    request_options_format(options, &request->options);
    int length =
        snprintf(line, REQUEST_LINE_MAX, "%s %s%s\n", request->name, request->interface, options);
    return length > 0 && length < REQUEST_LINE_MAX ? (size_t)length : 0;
}

/* A code of a later phonebookd is still a refusal with a text that a person can read. */
static enum request_error error_of_word(struct span word)
{
    for (int error = REQUEST_OK + 1; error < REQUEST_OTHER; error++)
        if (span_is(word, error_words[error]))
            return (enum request_error)error;
    return REQUEST_OTHER;
}

bool reply_parse(struct reply *reply, const char *line, size_t length)
{
    struct span rest = {line, length};
    for (size_t i = 0; i < length; i++)
        if (is_control(line[i]) && line[i] != '\t')
            return false;

    struct span word = next_word(&rest);
    *reply = (struct reply){.error = REQUEST_OK};
    if (span_is(word, "ok")) {
        reply->kind = REPLY_OK;
    } else if (span_is(word, "live")) {
        reply->kind = REPLY_LIVE;
    } else if (span_is(word, "error")) {
        struct span code = next_word(&rest);
        if (!code.length)
            return false;
        reply->kind = REPLY_ERROR;
        reply->error = error_of_word(code);
    } else {
        return false;
    }
    while (rest.length && is_blank(*rest.at)) {
        rest.at++;
        rest.length--;
    }
    reply->rest = rest.at;
    reply->rest_length = rest.length;
    return reply->kind == REPLY_ERROR || rest.length > 0;
}
