/* Names in the reverse trees: in-addr.arpa (RFC 1035, 3.5), a label per octet, and ip6.arpa (RFC
 * 3596, 2.5), a label per nibble. A part of an IPv4 network of 256 addresses is delegated by a
 * label of its own in front of that network's name (RFC 2317), such as "32/27" or "32-63". Pure. */
#ifndef ZONES_REVERSE_H
#define ZONES_REVERSE_H

#include "address.h"
#include "name.h"

/* How many bits a label stands for: 8 or 4. */
unsigned reverse_label_bits(const struct address *address);

/* Is a prefix of so many bits such a part, of 2 to 128 addresses? */
bool reverse_is_classless(const struct address_prefix *prefix);

/* The name of the address's first `bits`: a multiple of reverse_label_bits(), or of a part as
 * above, then with a label such as "32/27". */
void reverse_name(char name[static NAME_TEXT_MAX + 1], const struct address *address,
                  unsigned bits);

/* Is the (canonical) name one of the two trees or below it? */
bool reverse_is_name(const char *name);
/* Reads what reverse_name() writes, and the same with a label such as "32-63"; false for any other
 * name. */
bool reverse_parse(struct address_prefix *prefix, const char *name);
/* Makes the canonical name of such a part of what a person has written, with a slash in its first
 * label, which is in no other name; false where it is none. */
bool reverse_classless_name(char name[static NAME_TEXT_MAX + 1], const char *text);
/* The name of an address in the zone of such a part: its last octet in front of the zone's name. */
void reverse_classless_owner(char name[static NAME_TEXT_MAX + 1], const struct address *address,
                             const char *zone);

#endif
