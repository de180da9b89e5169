#include "request.h"

#include "../common/number.h"
#include "../common/request-options.h"

#include <inttypes.h>
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
    [REQUEST_EVICTED] = "evicted",
    [REQUEST_ABSENT] = "absent",
    [REQUEST_NUMBER] = "number",
    [REQUEST_OTHER] = "other",
};

static const char *const kind_words[] = {
    [REPLY_OK] = "ok", [REPLY_LIVE] = "live", [REPLY_ERROR] = "error"};

enum { N_ERROR_WORDS = sizeof error_words / sizeof error_words[0] };

static const char id_key[] = "id=";

static const char why_shape[] = "expected NAME INTERFACE [KEY=VALUE]...";
static const char why_empty[] = "empty line; expected NAME INTERFACE [KEY=VALUE]...";
static const char why_control[] = "control character in the line (a line ends in LF alone)";
static const char why_long[] = "line longer than 1024 octets";
static const char why_name[] = "a name has 1 to 255 octets, no blank and no control character";
static const char why_interface[] =
    "an interface name has 1 to 127 octets, no blank, no slash, and is not \".\" or \"..\"";

/* The locale's character classes are not those of the protocol. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* ASCII only. Any octets above are allowed, as in the kernel's names; a program that shows them
 * must take care of those that control a terminal. */
static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

struct span {
    const char *at;
    size_t length;
};

/* The next run of octets that are not blanks; moves `rest` behind it. Length 0 at the end. */
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

/* False if it does not fit; `room` includes the NUL. */
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

const char *request_interface_fault(const char *interface)
{
    return strchr(interface, ':')
               ? "no interface has a \":\" in its name: ip(8) shows as eth0:1 the label of an "
                 "address on the interface eth0"
               : NULL;
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
    const char *interface = request->interface;
    if (!is_word(interface) || strchr(interface, '/') || strcmp(interface, ".") == 0 ||
        strcmp(interface, "..") == 0) {
        *why = why_interface;
        return REQUEST_INTERFACE;
    }
    *why = request_options_check(&request->options);
    if (*why)
        return REQUEST_SYNTAX;
    *why = "";
    return REQUEST_OK;
}

bool line_has_control(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (is_control(line[i]) && line[i] != '\t')
            return true;
    return false;
}

static const char *check_line(const char *line, size_t length)
{
    if (length >= REQUEST_LINE_MAX)
        return why_long;
    return line_has_control(line, length) ? why_control : NULL;
}

/* The number of a word "id=NUMBER"; -1 if it is not one. */
static int64_t id_of(struct span word)
{
    const size_t key = strlen(id_key);
    if (word.length < key || memcmp(word.at, id_key, key) != 0)
        return -1;
    return number_of(word.at + key, word.length - key, REQUEST_ID_MAX);
}

/* The first id among the options of a line that may be otherwise invalid. */
static int64_t find_id(const char *line, size_t length)
{
    struct span rest = {line, length};
    next_word(&rest); /* NAME */
    next_word(&rest); /* INTERFACE */
    int64_t id = -1;
    for (struct span word = next_word(&rest); word.length && id < 0; word = next_word(&rest))
        id = id_of(word);
    return id;
}

static enum request_error parse_keys(struct request *request, struct span rest, const char **why)
{
    for (struct span word = next_word(&rest); word.length; word = next_word(&rest)) {
        *why = memchr(word.at, '=', word.length)
                   ? request_options_take(&request->options, word.at, word.length)
                   : why_shape;
        if (*why)
            return REQUEST_SYNTAX;
    }
    return request_check(request, why);
}

static enum request_error parse(struct request *request, const char *line, size_t length,
                                const char **why)
{
    *why = check_line(line, length);
    if (*why)
        return REQUEST_SYNTAX;

    struct span rest = {line, length};
    struct span name = next_word(&rest), interface = next_word(&rest);
    if (!interface.length) {
        *why = name.length ? why_shape : why_empty;
        return REQUEST_SYNTAX;
    }
    if (!span_copy(request->name, sizeof request->name, name)) {
        *why = why_name;
        return REQUEST_NAME;
    }
    if (!span_copy(request->interface, sizeof request->interface, interface)) {
        *why = why_interface;
        return REQUEST_INTERFACE;
    }
    return parse_keys(request, rest, why);
}

enum request_error request_parse(struct request *request, const char *line, size_t length,
                                 const char **why)
{
    *request = (struct request){.options = no_request_options};
    enum request_error error = parse(request, line, length, why);
    if (error != REQUEST_OK)
        request->options.id = find_id(line, length);
    return error;
}

size_t request_format(char line[static REQUEST_LINE_MAX], const struct request *request)
{
    const char *why;
    if (request_check(request, &why) != REQUEST_OK)
        return 0;
    char options[REQUEST_OPTIONS_MAX];
    request_options_format(options, &request->options);
    int length =
        snprintf(line, REQUEST_LINE_MAX, "%s %s%s\n", request->name, request->interface, options);
    return length > 0 && length < REQUEST_LINE_MAX ? (size_t)length : 0;
}

/* An unknown code, of a later phonebookd, is still a refusal with a text for people. */
static enum request_error error_of_word(struct span word)
{
    for (int error = REQUEST_OK + 1; error < REQUEST_OTHER; error++)
        if (span_is(word, error_words[error]))
            return (enum request_error)error;
    return REQUEST_OTHER;
}

/* Parses the words before the id, and moves `rest` behind them. */
static bool parse_kind(struct reply *reply, struct span *rest)
{
    struct span word = next_word(rest);
    if (span_is(word, kind_words[REPLY_OK])) {
        reply->kind = REPLY_OK;
    } else if (span_is(word, kind_words[REPLY_LIVE])) {
        reply->kind = REPLY_LIVE;
    } else if (span_is(word, kind_words[REPLY_ERROR])) {
        struct span code = next_word(rest);
        reply->kind = REPLY_ERROR;
        reply->error = error_of_word(code);
        return code.length > 0;
    } else {
        return false;
    }
    return true;
}

bool reply_parse(struct reply *reply, const char *line, size_t length)
{
    struct span rest = {line, length};
    *reply = (struct reply){.error = REQUEST_OK};
    if (line_has_control(line, length) || !parse_kind(reply, &rest))
        return false;
    struct span behind = rest;
    reply->id = id_of(next_word(&behind));
    if (reply->id >= 0)
        rest = behind;
    while (rest.length && is_blank(*rest.at)) {
        rest.at++;
        rest.length--;
    }
    reply->rest = rest.at;
    reply->rest_length = rest.length;
    return reply->kind == REPLY_ERROR || rest.length > 0;
}

size_t reply_format_head(char head[static REPLY_HEAD_MAX], const struct reply *reply)
{
    int length = sprintf(head, "%s ", kind_words[reply->kind]);
    if (reply->kind == REPLY_ERROR)
        length += sprintf(head + length, "%s ", request_error_word(reply->error));
    if (reply->id >= 0)
        length += sprintf(head + length, "%s%" PRId64 " ", id_key, reply->id);
    return (size_t)length;
}
