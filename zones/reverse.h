/* Names in the reverse trees: in-addr.arpa (RFC 1035, 3.5), a label per octet, and ip6.arpa (RFC
 * 3596, 2.5), a label per nibble. Pure. */
#ifndef ZONES_REVERSE_H
#define ZONES_REVERSE_H

#include "address.h"
#include "name.h"

/* How many bits a label stands for: 8 or 4. */
unsigned reverse_label_bits(const struct address *address);

/* The name of the address's first `bits`, a multiple of reverse_label_bits(). */
void reverse_name(char name[static NAME_TEXT_MAX + 1], const struct address *address,
                  unsigned bits);

/* Is the (canonical) name one of the two trees or below it? */
bool reverse_is_name(const char *name);
/* Reads what reverse_name() writes; false for any other name. */
bool reverse_parse(struct address_prefix *prefix, const char *name);

#endif
