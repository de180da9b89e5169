/* The prefixes in use now, those of one name's addresses: `addresses = like NAME`
 * (phonebook.zone(5)). Pure. */
#ifndef ZONES_LIVING_H
#define ZONES_LIVING_H

#include "address.h"
#include "fit.h"

enum { LIVING_HOST_BITS = 64 }; /* used instead of 128, or if the length is not known */

struct living {
    struct address_prefix prefixes[FIT_RECORDS_MAX]; /* IPv6 only; no name shows more addresses */
    size_t n;                                        /* 0: not known, so every address passes */
};

/* Replaces the prefixes by those of the IPv6 addresses among these, each once. */
void living_set(struct living *living, const struct address *addresses, size_t n);
bool living_same(const struct living *a, const struct living *b);
/* Is the address in one of the prefixes? True for every IPv4 address, and with NULL for every
 * address. */
bool living_has(const struct living *living, const struct address *address);

#endif
