/* Names in the reverse trees: in-addr.arpa (RFC 1035, 3.5) with a label per octet, and ip6.arpa
 * (RFC 3596, 2.5) with a label per nibble. For a part of an IPv4 network of 256 addresses, a zone
 * has an additional first label (RFC 2317), such as "32/27" or "32-63". Pure. */
#ifndef ZONES_REVERSE_H
#define ZONES_REVERSE_H

#include "address.h"
#include "name.h"

/* The number of bits of a label: 8 or 4. */
unsigned reverse_label_bits(const struct address *address);

/* Is the prefix such a part: of 2 to 128 addresses? */
bool reverse_is_classless(const struct address_prefix *prefix);

/* The name of the first `bits` bits of the address. These are a multiple of reverse_label_bits(),
 * or the length of such a part; then the label is like "32/27". */
void reverse_name(char name[static NAME_TEXT_MAX + 1], const struct address *address,
                  unsigned bits);

/* Is the canonical name one of the two trees, or below it? */
bool reverse_is_name(const char *name);
/* Parses the output of reverse_name(), and also a label such as "32-63". False for any other
 * name. */
bool reverse_parse(struct address_prefix *prefix, const char *name);
/* Makes the canonical name of such a part from a name with a slash in its first label, which no
 * other name has. False if it is not one. */
bool reverse_classless_name(char name[static NAME_TEXT_MAX + 1], const char *text);
/* The name of an address in the zone of such a part: its last octet before the zone's name. */
void reverse_classless_owner(char name[static NAME_TEXT_MAX + 1], const struct address *address,
                             const char *zone);

#endif
