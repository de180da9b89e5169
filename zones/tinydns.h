/* The language of tinydns-data (https://cr.yp.to/djbdns/tinydns-data.html). Pure.
 *
 * One record is one line, and the line means the record and nothing else to every tinydns-data
 * there is: only the types Z & + ^ : are written, an AAAA as ":" with octal octets (Debian's
 * tinydns-data refuses the whole file for one "6" or "3" line). Canonical names need no escapes. */
#ifndef ZONES_TINYDNS_H
#define ZONES_TINYDNS_H

#include "name.h"
#include "record.h"

enum {
    /* The longest is a Z line: its letter, three names, six numbers of ten digits, colons,
     * newline. */
    TINYDNS_LINE_MAX = 1 + 3 * (NAME_TEXT_MAX + 1) + 6 * 11 + 1,
};

/* Writes the record's line with its newline, without a NUL; returns its length. `serial` is used
 * for a SOA only. */
size_t tinydns_write(char line[static TINYDNS_LINE_MAX], const struct record *record,
                     uint32_t serial);

#endif
