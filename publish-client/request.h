/* The wire of the publish socket (phonebook-protocol(7)), read and written by both ends. Pure.
 *
 *     request:  NAME INTERFACE [KEY=VALUE]... LF
 *     reply:    ok [id=ID] FQDN... LF  |  live [id=ID] FQDN... LF  |  error CODE [id=ID] TEXT LF */
#ifndef PUBLISH_CLIENT_REQUEST_H
#define PUBLISH_CLIENT_REQUEST_H

#include "../common/request-options.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    REQUEST_LINE_MAX = 1024,     /* octets, LF included */
    REQUEST_NAME_MAX = 255,      /* octets of NAME as sent; zones/name.h decides what is one */
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
    REQUEST_OTHER, /* in a reply only: a code that this version does not know */
};
const char *request_error_word(enum request_error error); /* "syntax", ..., "timeout" */

struct request {
    char name[REQUEST_NAME_MAX + 1]; /* as sent: not folded, may be "@" or end in a dot; any octets
                                      * but blanks and control characters */
    char interface[REQUEST_INTERFACE_MAX + 1];
    struct request_options options;
};

/* Why no interface can have this name, as the kernel sees it (dev_valid_name()): a static text that
 * says what is meant; NULL where one can. Such requests were accepted once, and no addresses were
 * found for them. */
const char *request_interface_fault(const char *interface);

/* Would `request` be accepted by request_parse() at the other end? As that one otherwise. */
enum request_error request_check(const struct request *request, const char **why);

/* Reads one line of `length` octets without its LF (a CR before the LF is not stripped: it is an
 * error like any other control character). Returns REQUEST_OK, or the code, with *why set to a
 * static text that a person can act on. `options.id` is set then too, where the line has one: an
 * error belongs to its request like any other answer. `options.wait_for` points into `line`. */
enum request_error request_parse(struct request *request, const char *line, size_t length,
                                 const char **why);

/* Writes the line, LF included; returns its length, or 0 where `request` would not be accepted by
 * request_parse(). */
size_t request_format(char line[static REQUEST_LINE_MAX], const struct request *request);

enum reply_kind { REPLY_OK, REPLY_LIVE, REPLY_ERROR };
enum { REPLY_LINE_MAX = 65536 }; /* 64 zones with the longest names fit */

/* Reads one reply of `length` octets without its LF. `rest` points into `line`, at the names or at
 * the error's text, and is not NUL-terminated. False where it is no reply of this protocol. */
struct reply {
    enum reply_kind kind;
    enum request_error error; /* REPLY_ERROR */
    int64_t id;               /* of the request; -1: none */
    const char *rest;
    size_t rest_length;
};
bool reply_parse(struct reply *reply, const char *line, size_t length);

/* Writes what stands before `rest`, with a blank at its end; returns its length. */
enum { REPLY_HEAD_MAX = 64 };
size_t reply_format_head(char head[static REPLY_HEAD_MAX], const struct reply *reply);

#endif
