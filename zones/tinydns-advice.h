/* What a person should be told of a tinydns-data line beside why it is refused: which line to write
 * in its place, and what tinydns-data accepts and nobody means. Pure. */
#ifndef ZONES_TINYDNS_ADVICE_H
#define ZONES_TINYDNS_ADVICE_H

#include "tinydns-parse.h"

/* Tells of a refused line. To a line that begins with "3" or "6" the lines to write in its place
 * are added: many copies of tinydns-data are patched to take such lines, NAME:ADDRESS:TTL, with 32
 * hexadecimal digits (https://www.fefe.de/dns/); "6" makes a PTR record too. */
void tinydns_refuse(tinydns_refused *told, void *context, size_t number, const char *line,
                    size_t length, const char *why);

/* Tells, as of refused lines, of each oddity of a line that was accepted: a field that is no
 * address, or no number, or not the one that is stored, a line that makes no record, an address
 * where a name stands, a field that is not looked at. */
void tinydns_doubt(tinydns_refused *told, void *context, size_t number, const char *line,
                   size_t length);

#endif
