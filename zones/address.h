/* IP addresses as phonebook sees them, and the rules that choose among them. Pure. */
#ifndef ZONES_ADDRESS_H
#define ZONES_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_OCTETS_MAX = 16,
    ADDRESS_TEXT_MAX = 46, /* INET6_ADDRSTRLEN */
};

/* What the kernel says about an address beside its value; `state` is a set of these. */
enum address_state {
    ADDRESS_TENTATIVE = 1 << 0, /* duplicate address detection (RFC 4862) runs, or optimistic */
    ADDRESS_DEPRECATED = 1 << 1,
    ADDRESS_TEMPORARY = 1 << 2, /* RFC 8981 */
    ADDRESS_DUPLICATE = 1 << 3, /* it has found another node with the address */
};

struct address {
    uint8_t family; /* AF_INET or AF_INET6 */
    uint8_t state;
    uint8_t octets[ADDRESS_OCTETS_MAX]; /* network order; unused octets are zero */
};

enum address_class {
    ADDRESS_GLOBAL,
    ADDRESS_PRIVATE,    /* RFC 1918, RFC 6598, RFC 4193 */
    ADDRESS_LINK_LOCAL, /* 169.254/16, fe80::/10 */
    ADDRESS_LOOPBACK,   /* 127/8, ::1 */
    ADDRESS_SPECIAL,    /* not globally reachable (IANA), and none of the others */
    ADDRESS_NEVER,      /* multicast, unspecified, broadcast: published under no rule */
};

size_t address_length(const struct address *address); /* 4 or 16 */
enum address_class address_class(const struct address *address);

/* Family first, then octets; the state is not looked at. */
int address_compare(const struct address *a, const struct address *b);

/* As inet_ntop(3) writes it. Returns `text`. */
char *address_text(char text[static ADDRESS_TEXT_MAX], const struct address *address);

/* Reads an address literal of either family; state is 0. False where it is none. */
bool address_parse(struct address *address, const char *text);

/* An address and how many of its first bits count. */
struct address_prefix {
    struct address address;
    unsigned bits;
};

/* Reads "2001:db8::/32"; returns NULL, or what is wrong (a static text). Bits beyond the length are
 * still there: address_prefix_cut(). */
const char *address_prefix_parse(struct address_prefix *prefix, const char *text);
/* Sets the length and clears the bits beyond; false where there were any. */
bool address_prefix_cut(struct address_prefix *prefix, unsigned bits);
bool address_within(const struct address *address, const struct address_prefix *prefix);

/* One word of a zone's `addresses` key. */
struct address_rule {
    enum { ADDRESS_RULE_CLASS, ADDRESS_RULE_MASK } kind;
    bool refuses; /* written with "!" in front */
    enum address_class class;
    struct address value, mask; /* an address matches where (address & mask) == value */
};

/* Reads `global`, `private`, `link-local`, `loopback`, `special`, a prefix or a value with a mask,
 * with or without "!". Returns NULL, or what is wrong with `word` (a static text). */
const char *address_rule_parse(struct address_rule *rule, const char *word);

enum address_verdict {
    ADDRESS_ACCEPTED,
    ADDRESS_REFUSED,  /* a rule refused it, or none named it */
    ADDRESS_UNSCOPED, /* link-local, loopback or never, and no rule let it in */
};

/* First match decides, else no. */
enum address_verdict address_rules_judge(const struct address_rule *rules, size_t n_rules,
                                         const struct address *address);

#endif
