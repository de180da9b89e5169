/* The wire of the control socket (phonebook-protocol(7)), read and written by both ends. Pure.
 *
 *     request:  evict NAME [NUMBER | socket=INODE] LF
 *     reply:    as that of request.h
 */
#ifndef PUBLISH_CLIENT_EVICTION_H
#define PUBLISH_CLIENT_EVICTION_H

#include "request.h"

#include <stddef.h>
#include <stdint.h>

enum { EVICTION_LINE_MAX = 320 /* octets, LF included */ };
#define EVICTION_SOCKET_MAX INT64_C(999999999999999999) /* the kernel's are of 32 bits */

/* Which connection is to end: one that holds `name`. */
struct eviction {
    char name[REQUEST_NAME_MAX + 1]; /* in full, or as it was requested */
    uint32_t number;                 /* as the list numbers it, or 0 */
    uint64_t socket;                 /* as the list has it, or 0 */
};

/* Reads one line of `length` octets without its LF. NULL, or a static text that says what is wrong.
 */
const char *eviction_parse(struct eviction *eviction, const char *line, size_t length);

/* Writes the line, LF included; returns its length, or 0 where eviction_parse() would refuse it. */
size_t eviction_format(char line[static EVICTION_LINE_MAX], const struct eviction *eviction);

#endif
