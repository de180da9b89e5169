/* Parses and writes the lines on the publish socket (phonebook-protocol(7)), for both ends. Pure.
 *
 *     request:  NAME INTERFACE [KEY=VALUE]... LF
 *     reply:    ok [id=ID] FQDN... LF  |  live [id=ID] FQDN... LF  |  error CODE [id=ID] TEXT LF */
#ifndef PUBLISH_CLIENT_REQUEST_H
#define PUBLISH_CLIENT_REQUEST_H

#include "../common/request-options.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    REQUEST_LINE_MAX = 1024, /* octets, including LF */
    REQUEST_NAME_MAX = 255,  /* octets of NAME as sent; zones/name.h decides whether it is valid */
    REQUEST_INTERFACE_MAX = 127, /* ALTIFNAMSIZ - 1 */
};

/* The CODE of an error reply. */
enum request_error {
    REQUEST_OK,
    REQUEST_SYNTAX,
    REQUEST_NAME,
    REQUEST_INTERFACE,
    REQUEST_ZONE,
    REQUEST_DENIED,
    REQUEST_IN_USE,
    REQUEST_LIMIT,
    REQUEST_NAMESPACE,
    REQUEST_TIMEOUT,
    REQUEST_EVICTED, /* answers no request: the connection ends */
    REQUEST_ABSENT,  /* this and the next only on the control socket (eviction.h) */
    REQUEST_NUMBER,
    REQUEST_OTHER, /* only in a reply: a code that this version does not know */
};
const char *request_error_word(enum request_error error); /* "syntax", ..., "number" */

/* Does the line have a control character other than a tab, which no line of the protocol has? */
bool line_has_control(const char *line, size_t length);

struct request {
    /* As sent: not folded; may be "@" or end in a dot; any octets except blanks and control
     * characters. */
    char name[REQUEST_NAME_MAX + 1];
    char interface[REQUEST_INTERFACE_MAX + 1];
    struct request_options options;
};

/* Returns why no interface can have this name according to the kernel (dev_valid_name()), with a
 * hint at what is probably meant (a static text); NULL if one can. Earlier versions accepted such
 * requests, and found no addresses for them. */
const char *request_interface_fault(const char *interface);

/* Would request_parse() accept this request at the other end? Returns as request_parse() does. */
enum request_error request_check(const struct request *request, const char **why);

/* Parses a line of `length` octets without its LF. (A CR before the LF is an error, like any other
 * control character.) Returns REQUEST_OK, or the code and in *why an explanation (a static text).
 * Even then options.id is set if the line has one, because the error reply has to repeat it.
 * options.wait_for points into `line`. */
enum request_error request_parse(struct request *request, const char *line, size_t length,
                                 const char **why);

/* Writes the line, including LF. Returns its length, or 0 if request_parse() would refuse it. */
size_t request_format(char line[static REQUEST_LINE_MAX], const struct request *request);

enum reply_kind { REPLY_OK, REPLY_LIVE, REPLY_ERROR };
enum { REPLY_LINE_MAX = 65536 }; /* 64 zones with the longest names fit */

/* Parses a reply of `length` octets without its LF. `rest` points into `line`, at the names or at
 * the text of the error, and has no NUL at its end. False if it is not a reply of this protocol. */
struct reply {
    enum reply_kind kind;
    enum request_error error; /* REPLY_ERROR */
    int64_t id;               /* the id of the request; -1: none */
    const char *rest;
    size_t rest_length;
};
bool reply_parse(struct reply *reply, const char *line, size_t length);

/* Writes everything before `rest`, with a blank at its end. Returns its length. */
enum { REPLY_HEAD_MAX = 64 };
size_t reply_format_head(char head[static REPLY_HEAD_MAX], const struct reply *reply);

#endif
