/* Parses the fields of a tinydns-data line as tinydns-data does; tinydns-parse.h describes its
 * oddities. Pure. */
#ifndef ZONES_TINYDNS_FIELDS_H
#define ZONES_TINYDNS_FIELDS_H

#include "name.h"

enum { TINYDNS_FIELDS_MAX = 15 }; /* tinydns-data ignores further fields */

struct tinydns_field {
    const char *at;
    size_t length;
};

/* A name in wire form. */
struct tinydns_wire {
    uint8_t octets[NAME_WIRE_MAX];
    size_t length;
};

/* Splits the text at colons; missing fields are empty. */
void tinydns_split(struct tinydns_field fields[static TINYDNS_FIELDS_MAX], const char *text,
                   size_t length);

/* *number becomes the number in the digits at `at`, modulo 2^64. Returns how many digits there
 * are. */
size_t tinydns_number(const char *at, size_t length, uint64_t *number);
uint64_t tinydns_number_or(const struct tinydns_field *field, uint64_t missing);

/* Does the field begin with four numbers that are separated by dots? */
bool tinydns_address(const struct tinydns_field *field, uint8_t address[static 4]);
void tinydns_stamp(const struct tinydns_field *field, uint8_t stamp[static 8]);
void tinydns_location(const struct tinydns_field *field, char location[static 2]);

/* Reads the escape at *at, after the backslash: up to three octal digits, or an octet that stands
 * for itself. Returns the octet, and moves *at behind the escape. *at must be less than `end`. */
uint8_t tinydns_unescape(const char **at, const char *end);

/* Both return NULL, or why the field is not a name (a static text). A server without a dot, NAME,
 * is short for NAME.MIDDLE.OWNER; `middle` includes its dots, for example ".ns.". */
const char *tinydns_name(struct tinydns_wire *wire, const struct tinydns_field *field);
const char *tinydns_server(struct tinydns_wire *wire, const struct tinydns_field *field,
                           const char *middle, const struct tinydns_field *owner);

#endif
