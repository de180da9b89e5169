/* Parses and writes requests on the control socket (phonebook-protocol(7)), for both ends. Pure.
 *
 *     request:  evict NAME [NUMBER | socket=INODE] LF
 *     reply:    as in request.h */
#ifndef PUBLISH_CLIENT_EVICTION_H
#define PUBLISH_CLIENT_EVICTION_H

#include "request.h"

#include <stddef.h>
#include <stdint.h>

enum { EVICTION_LINE_MAX = 320 /* octets, including LF */ };
#define EVICTION_SOCKET_MAX INT64_C(999999999999999999) /* the kernel's have 32 bits */

/* The connection to be ended: one that holds `name`. */
struct eviction {
    char name[REQUEST_NAME_MAX + 1]; /* a full name, or as it was requested */
    uint32_t number;                 /* from the list, or 0 */
    uint64_t socket;                 /* from the list, or 0 */
};

/* Parses a line of `length` octets without its LF. NULL, or the mistake (a static text). */
const char *eviction_parse(struct eviction *eviction, const char *line, size_t length);

/* Writes the line, including LF. Returns its length, or 0 if eviction_parse() would refuse it. */
size_t eviction_format(char line[static EVICTION_LINE_MAX], const struct eviction *eviction);

#endif
