/* The language of tinydns-data, read: a line becomes the entries that Debian's tinydns-data 1.05
 * makes of it, octet for octet, and what that refuses is refused. Pure.
 *
 * What the manual (https://cr.yp.to/djbdns/tinydns-data.html) leaves open is done as that program
 * does it, which a differential fuzzer holds up:
 *
 * - A line ends in LF or with the text; blanks and tabs before its end are dropped, and a CR or NUL
 *   is not. Fields beyond the fifteenth are left out, missing ones are empty.
 * - A number is the digits that a field begins with, modulo 2^64, then cut to its size; no digit is
 *   a missing number, and then there is the default. So is an IP address four such numbers with
 *   dots between them, and what follows is not looked at; a field that does not begin with one
 *   means no address, and no mistake.
 * - In a name each "\ooo" is an octet of its label and "\x" is x; empty labels are dropped, so that
 *   "", "." and ".." are the root.
 * - Owners are folded to lower case, data stays as it was written. "*" is a wildcard as the first
 * label, whichever way it was written. */
#ifndef ZONES_TINYDNS_PARSE_H
#define ZONES_TINYDNS_PARSE_H

#include "cdb.h"

/* Adds what the line, given without its LF, stands for; nothing for an empty one or a comment.
 * Returns NULL, or why the line is refused (a static text), and then nothing was added. A lack of
 * memory is left in entries->failed. */
const char *tinydns_parse_line(struct cdb_entries *entries, const char *line, size_t length);

/* Told of a line, with its number from 1. */
typedef void tinydns_refused(void *context, size_t line, const char *why);

/* Without the blanks and tabs at its end, which do not count. */
size_t tinydns_trimmed(const char *line, size_t length);

/* Cuts the next line off *text, *length; false at the end. The last one needs no LF. */
bool tinydns_next_line(const char **text, size_t *length, const char **line, size_t *line_length);

#endif
