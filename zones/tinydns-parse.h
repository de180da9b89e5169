/* Parses lines in the language of tinydns-data. A line becomes exactly the entries, octet for
 * octet, that Debian's tinydns-data 1.05 makes of it, and is refused if that program refuses it.
 * Pure.
 *
 * Where the manual (https://cr.yp.to/djbdns/tinydns-data.html) is silent, we do as that program
 * does; a differential fuzzer verifies it:
 *
 * - A line ends with LF or with the text. Blanks and tabs at its end are dropped; CR and NUL are
 *   not. Fields after the fifteenth are ignored; missing fields are empty.
 * - A number is the digits at the start of a field, modulo 2^64, then cut to its size. If there is
 *   no digit, the default applies.
 * - An IP address is four such numbers separated by dots; the rest is ignored. If the field does
 *   not begin with an address, there is none, which is not an error.
 * - In a name, "\ooo" is an octet and "\x" is x. Empty labels are dropped, so "", "." and ".." are
 *   the root.
 * - Owners are folded to lower case, data is stored as written. "*" as the first label is a
 *   wildcard, even if it is written as an escape. */
#ifndef ZONES_TINYDNS_PARSE_H
#define ZONES_TINYDNS_PARSE_H

#include "cdb.h"

/* Adds the entries of a line, given without its LF. An empty line or a comment adds nothing.
 * Returns NULL, or why the line is refused (a static text); then nothing was added. If memory runs
 * out, entries->failed is set. */
const char *tinydns_parse_line(struct cdb_entries *entries, const char *line, size_t length);

/* Called for a line, with its number, counted from 1. */
typedef void tinydns_refused(void *context, size_t line, const char *why);

/* The length without the blanks and tabs at the end, which are ignored. */
size_t tinydns_trimmed(const char *line, size_t length);

/* Removes the next line from the start of *text, *length. False at the end. The last line needs no
 * LF. */
bool tinydns_next_line(const char **text, size_t *length, const char **line, size_t *line_length);

#endif
