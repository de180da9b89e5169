/* Messages about tinydns-data lines: for a refused line, its replacement; for an accepted line,
 * probable mistakes that tinydns-data accepts. Pure. */
#ifndef ZONES_TINYDNS_ADVICE_H
#define ZONES_TINYDNS_ADVICE_H

#include "tinydns-parse.h"

/* Reports a refused line. If the line begins with "3" or "6", the message contains the lines to
 * write instead: many copies of tinydns-data are patched to accept such lines, NAME:ADDRESS:TTL
 * with 32 hexadecimal digits (https://www.fefe.de/dns/). "6" makes a PTR record too. */
void tinydns_refuse(tinydns_refused *told, void *context, size_t number, const char *line,
                    size_t length, const char *why);

/* Reports each oddity of an accepted line: a field that is not an address or a number, or is
 * another one than is stored; a line that makes no record; an address in place of a name; a field
 * that is ignored. */
void tinydns_doubt(tinydns_refused *told, void *context, size_t number, const char *line,
                   size_t length);

#endif
