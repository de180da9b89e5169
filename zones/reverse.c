#include "reverse.h"

#include "../common/number.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char ipv4_tree[] = "in-addr.arpa";
static const char ipv6_tree[] = "ip6.arpa";

/* The prefix lengths of an IPv4 network of 256 addresses, and of one address. */
enum { WHOLE_BITS = 24, ADDRESS_BITS = 32 };

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

bool reverse_is_classless(const struct address_prefix *prefix)
{
    return prefix->address.family == AF_INET && prefix->bits > WHOLE_BITS &&
           prefix->bits < ADDRESS_BITS;
}

void reverse_name(char name[static NAME_TEXT_MAX + 1], const struct address *address, unsigned bits)
{
    const struct address_prefix prefix = {*address, bits};
    char *to = name;
    if (reverse_is_classless(&prefix))
        to += sprintf(to, "%u/%u.", (unsigned)address->octets[3], bits);
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

/* Parses a number from 0 to 255 without leading zeros; -1 for any other text. */
static int octet_of(const char *text, size_t length)
{
    return length > 1 && *text == '0' ? -1 : (int)number_of(text, length, 255);
}

/* Moves *end from the end of a label to its start. Returns its value; -1: it is no octet. */
static int take_octet(const char *name, const char **end)
{
    const char *from = *end;
    while (from > name && from[-1] != '.')
        from--;
    int octet = octet_of(from, (size_t)(*end - from));
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

/* Parses the labels before `end`, from the last to the first. */
static bool take_labels(struct address_prefix *prefix, const char *name, const char *end)
{
    unsigned bits = reverse_label_bits(&prefix->address);
    size_t most = address_length(&prefix->address) * 8;
    for (; end > name; prefix->bits += bits) {
        unsigned shift = 8 - bits - prefix->bits % 8;
        end--; /* the dot */
        if (end == name || prefix->bits == most)
            return false;
        int value = bits == 8 ? take_octet(name, &end) : take_nibble(name, &end);
        if (value < 0)
            return false;
        prefix->address.octets[prefix->bits / 8] |= (uint8_t)(value << shift);
    }
    return true;
}

/* The prefix length of the network from `first` to `last`; 0 if they are not one. */
static unsigned bits_of_range(int first, int last)
{
    for (unsigned bits = WHOLE_BITS + 1; bits < ADDRESS_BITS; bits++)
        if (last - first + 1 == 1 << (ADDRESS_BITS - bits))
            return bits;
    return 0;
}

/* Parses FIRST/BITS or FIRST-LAST. */
static bool take_part(struct address_prefix *prefix, const char *label, size_t length)
{
    size_t digits = strspn(label, "0123456789");
    int first = digits < length ? octet_of(label, digits) : -1;
    if (first < 0 || !strchr("/-", label[digits]))
        return false;
    int other = octet_of(label + digits + 1, length - digits - 1);
    prefix->bits = label[digits] == '-' ? bits_of_range(first, other) : (unsigned)other;
    prefix->address.octets[3] = (uint8_t)first;
    return reverse_is_classless(prefix) && address_prefix_cut(prefix, prefix->bits);
}

static bool parse_classless(struct address_prefix *prefix, const char *name)
{
    const char *whole = name_above(name);
    return whole && prefix->address.family == AF_INET &&
           take_labels(prefix, whole, whole + strlen(whole) - strlen(ipv4_tree)) &&
           prefix->bits == WHOLE_BITS && take_part(prefix, name, (size_t)(whole - 1 - name));
}

static void begin_prefix(struct address_prefix *prefix, bool ipv4)
{
    memset(prefix, 0, sizeof *prefix);
    prefix->address.family = ipv4 ? AF_INET : AF_INET6;
}

bool reverse_parse(struct address_prefix *prefix, const char *name)
{
    bool ipv4 = name_within(name, ipv4_tree);
    const char *tree = ipv4 ? ipv4_tree : ipv6_tree;
    if (!reverse_is_name(name))
        return false;
    begin_prefix(prefix, ipv4);
    if (take_labels(prefix, name, name + strlen(name) - strlen(tree)))
        return true;
    begin_prefix(prefix, ipv4);
    return parse_classless(prefix, name);
}

bool reverse_classless_name(char name[static NAME_TEXT_MAX + 1], const char *text)
{
    const char *dot = strchr(text, '.'), *slash = strchr(text, '/');
    size_t label = dot ? (size_t)(dot + 1 - text) : 0, left = dot ? strlen(dot + 1) : 0;
    if (!dot || !slash || slash > dot || label + left > NAME_TEXT_MAX)
        return false;
    if (name_canonical(name + label, dot + 1, left) != NAME_OK)
        return false;
    memcpy(name, text, label);
    struct address_prefix prefix;
    return reverse_parse(&prefix, name);
}

void reverse_classless_owner(char name[static NAME_TEXT_MAX + 1], const struct address *address,
                             const char *zone)
{
    snprintf(name, NAME_TEXT_MAX + 1, "%u.%s", (unsigned)address->octets[3], zone);
}
