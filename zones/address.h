/* IP addresses, and the rules of a zone's `addresses` key that select among them. Pure. */
#ifndef ZONES_ADDRESS_H
#define ZONES_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_OCTETS_MAX = 16,
    ADDRESS_TEXT_MAX = 46, /* INET6_ADDRSTRLEN */
};

/* The kernel's flags of an address; address::state is a set of these. */
enum address_state {
    /* duplicate address detection (RFC 4862) is running, also if optimistic */
    ADDRESS_TENTATIVE = 1 << 0,
    ADDRESS_DEPRECATED = 1 << 1,
    ADDRESS_TEMPORARY = 1 << 2, /* RFC 8981 */
    /* duplicate address detection found another node with the address */
    ADDRESS_DUPLICATE = 1 << 3,
};

struct address {
    uint8_t family; /* AF_INET or AF_INET6 */
    uint8_t state;
    uint8_t bits; /* of IPv6: the length of its network's prefix; 0: not known */
    uint8_t octets[ADDRESS_OCTETS_MAX]; /* network order; unused octets are zero */
};

enum address_class {
    ADDRESS_GLOBAL,
    ADDRESS_PRIVATE,    /* RFC 1918, RFC 6598, RFC 4193 */
    ADDRESS_LINK_LOCAL, /* 169.254/16, fe80::/10 */
    ADDRESS_LOOPBACK,   /* 127/8, ::1 */
    ADDRESS_SPECIAL,    /* any other that is not globally reachable (IANA registries) */
    ADDRESS_NEVER,      /* multicast, unspecified, broadcast: no rule can accept these */
};

size_t address_length(const struct address *address); /* 4 or 16 */
enum address_class address_class(const struct address *address);

/* Compares the family, then the octets, and ignores the state. */
int address_compare(const struct address *a, const struct address *b);

/* Formats the address as inet_ntop(3) does. Returns `text`. */
char *address_text(char text[static ADDRESS_TEXT_MAX], const struct address *address);

/* Parses an address of either family; the state becomes 0. False if it is not an address. */
bool address_parse(struct address *address, const char *text);

/* An address, and the number of its first bits that count. */
struct address_prefix {
    struct address address;
    unsigned bits;
};

/* Parses "2001:db8::/32". Returns NULL, or the mistake (a static text). Keeps the bits beyond the
 * prefix length; address_prefix_cut() clears them. */
const char *address_prefix_parse(struct address_prefix *prefix, const char *text);
/* Sets the prefix length and clears the bits beyond it. False if any of them was set. */
bool address_prefix_cut(struct address_prefix *prefix, unsigned bits);
bool address_within(const struct address *address, const struct address_prefix *prefix);

/* One word of a zone's `addresses` key. */
struct address_rule {
    enum { ADDRESS_RULE_CLASS, ADDRESS_RULE_MASK } kind;
    bool refuses; /* written with a leading "!" */
    enum address_class class;
    struct address value, mask; /* an address matches where (address & mask) == value */
};

/* Parses `global`, `private`, `link-local`, `loopback`, `special`, a prefix, or a value with a
 * mask, each with an optional leading "!". Returns NULL, or the mistake in `word` (a static
 * text). */
const char *address_rule_parse(struct address_rule *rule, const char *word);

enum address_verdict {
    ADDRESS_ACCEPTED,
    ADDRESS_REFUSED,  /* the first matching rule refuses it, or no rule matches */
    ADDRESS_UNSCOPED, /* link-local, loopback or of class ADDRESS_NEVER, and no rule accepts it */
};

/* The first matching rule decides; an address that no rule matches is not accepted. */
enum address_verdict address_rules_judge(const struct address_rule *rules, size_t n_rules,
                                         const struct address *address);

#endif
