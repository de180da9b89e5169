#include "reverse.h"

#include "../common/number.h"

#include <arpa/inet.h>
#include <string.h>

static const char ipv4_tree[] = "in-addr.arpa";
static const char ipv6_tree[] = "ip6.arpa";

unsigned reverse_label_bits(const struct address *address)
{
    return address->family == AF_INET ? 8 : 4;
}

static char *put_octet(char *to, unsigned octet)
{
    if (octet >= 100)
        *to++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *to++ = (char)('0' + octet / 10 % 10);
    *to++ = (char)('0' + octet % 10);
    *to++ = '.';
    return to;
}

static unsigned nibble(const struct address *address, unsigned i)
{
    return i % 2 ? address->octets[i / 2] & 15 : address->octets[i / 2] >> 4;
}

void reverse_name(char name[static NAME_TEXT_MAX + 1], const struct address *address, unsigned bits)
{
    char *to = name;

    for (unsigned i = bits / reverse_label_bits(address); i-- > 0;) {
        if (address->family == AF_INET) {
            to = put_octet(to, address->octets[i]);
        } else {
            *to++ = "0123456789abcdef"[nibble(address, i)];
            *to++ = '.';
        }
    }
    strcpy(to, address->family == AF_INET ? ipv4_tree : ipv6_tree);
}

bool reverse_is_name(const char *name)
{
    return name_within(name, ipv4_tree) || name_within(name, ipv6_tree);
}

/* Moves *end, which is behind a label, to its beginning; the label's value, -1 where it is none. */
static int take_octet(const char *name, const char **end)
{
    const char *from = *end;
    int octet;

    while (from > name && from[-1] != '.')
        from--;
    if (*from == '0' && *end - from > 1)
        return -1;
    octet = (int)number_of(from, (size_t)(*end - from), 255);
    *end = from;
    return octet;
}

static int take_nibble(const char *name, const char **end)
{
    static const char digits[] = "0123456789abcdef";
    const char *from = *end - 1;
    const char *digit = strchr(digits, *from);

    if (!digit || (from > name && from[-1] != '.'))
        return -1;
    *end = from;
    return (int)(digit - digits);
}

/* The labels before `end`, from the last to the first. */
static bool take_labels(struct address_prefix *prefix, const char *name, const char *end)
{
    unsigned bits = reverse_label_bits(&prefix->address);
    size_t most = address_length(&prefix->address) * 8;

    for (; end > name; prefix->bits += bits) {
        unsigned shift = 8 - bits - prefix->bits % 8;
        int value;

        end--; /* the dot */
        if (end == name || prefix->bits == most)
            return false;
        value = bits == 8 ? take_octet(name, &end) : take_nibble(name, &end);
        if (value < 0)
            return false;
        prefix->address.octets[prefix->bits / 8] |= (uint8_t)(value << shift);
    }
    return true;
}

bool reverse_parse(struct address_prefix *prefix, const char *name)
{
    bool ipv4 = name_within(name, ipv4_tree);
    const char *tree = ipv4 ? ipv4_tree : ipv6_tree;

    memset(prefix, 0, sizeof *prefix);
    prefix->address.family = ipv4 ? AF_INET : AF_INET6;
    return reverse_is_name(name) && take_labels(prefix, name, name + strlen(name) - strlen(tree));
}
