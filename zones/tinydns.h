/* Writes records in the language of tinydns-data (https://cr.yp.to/djbdns/tinydns-data.html). Pure.
 *
 * Each record is one line, which means this record, and nothing else, to every version of
 * tinydns-data. So only the types Z & + ^ : are written, and an AAAA record is a ":" line with
 * octal octets: Debian's tinydns-data would refuse a whole file because of one "6" or "3" line.
 * Canonical names need no escapes. */
#ifndef ZONES_TINYDNS_H
#define ZONES_TINYDNS_H

#include "name.h"
#include "record.h"

enum {
    /* The longest line is a Z line: its letter, three names, six numbers of ten digits, colons,
     * LF. */
    TINYDNS_LINE_MAX = 1 + 3 * (NAME_TEXT_MAX + 1) + 6 * 11 + 1,
};

/* Writes the record's line with its LF, without a NUL. Returns its length. `serial` is used for a
 * SOA only. */
size_t tinydns_write(char line[static TINYDNS_LINE_MAX], const struct record *record,
                     uint32_t serial);

#endif
