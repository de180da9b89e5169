/* What the fields of a tinydns-data line can hold, read as that program reads it (tinydns-parse.h
 * tells of its oddities). Pure. */
#ifndef ZONES_TINYDNS_FIELDS_H
#define ZONES_TINYDNS_FIELDS_H

#include "name.h"

enum { TINYDNS_FIELDS_MAX = 15 }; /* looked at by tinydns-data */

struct tinydns_field {
    const char *at;
    size_t length;
};

/* A name in wire form. */
struct tinydns_wire {
    uint8_t octets[NAME_WIRE_MAX];
    size_t length;
};

/* At the colons; a field that is missing is empty. */
void tinydns_split(struct tinydns_field fields[static TINYDNS_FIELDS_MAX], const char *text,
                   size_t length);

/* The digits at `at` make *number, modulo 2^64; returns how many there are. */
size_t tinydns_number(const char *at, size_t length, uint64_t *number);
uint64_t tinydns_number_or(const struct tinydns_field *field, uint64_t missing);

/* Does the field begin with four numbers and dots between them? */
bool tinydns_address(const struct tinydns_field *field, uint8_t address[static 4]);
void tinydns_stamp(const struct tinydns_field *field, uint8_t stamp[static 8]);
void tinydns_location(const struct tinydns_field *field, char location[static 2]);

/* The octet that is meant by what follows a backslash, up to three octal digits or an octet that
 * stands for itself. *at < end, and is moved behind it. */
uint8_t tinydns_unescape(const char **at, const char *end);

/* Both return NULL, or why it is no name (a static text). A server's name without a dot is short
 * for NAME.MIDDLE.OWNER; `middle` has its dots: ".ns.". */
const char *tinydns_name(struct tinydns_wire *wire, const struct tinydns_field *field);
const char *tinydns_server(struct tinydns_wire *wire, const struct tinydns_field *field,
                           const char *middle, const struct tinydns_field *owner);

#endif
