#include "address.h"

#include "../common/number.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { OCTET_BITS = 8, WORD_MAX = 2 * ADDRESS_TEXT_MAX };

/* Ranges of addresses that are not global, and exceptions inside them; of the ranges that contain
 * an address, the one with the longest prefix decides. Source: IANA's registries of special-purpose
 * addresses (IPv4 and IPv6, both of 2025-10-09), column "Globally Reachable". "N/A" counts as not
 * global, except for 2002::/16 (6to4). Documentation prefixes count as global, because only
 * examples and tests use them. */
static const struct range {
    uint8_t family;
    uint8_t bits;
    uint8_t octets[ADDRESS_OCTETS_MAX];
    enum address_class class;
} ranges[] = {
    {AF_INET, 8, {0}, ADDRESS_NEVER}, /* "this network", RFC 1122, 3.2.1.3 */
    {AF_INET, 8, {10}, ADDRESS_PRIVATE},
    {AF_INET, 10, {100, 64}, ADDRESS_PRIVATE}, /* RFC 6598 */
    {AF_INET, 8, {127}, ADDRESS_LOOPBACK},
    {AF_INET, 16, {169, 254}, ADDRESS_LINK_LOCAL},
    {AF_INET, 12, {172, 16}, ADDRESS_PRIVATE},
    {AF_INET, 24, {192, 0, 0}, ADDRESS_SPECIAL},    /* RFC 6890; a CLAT's, RFC 7335 */
    {AF_INET, 32, {192, 0, 0, 9}, ADDRESS_GLOBAL},  /* RFC 7723 */
    {AF_INET, 32, {192, 0, 0, 10}, ADDRESS_GLOBAL}, /* RFC 8155 */
    {AF_INET, 24, {192, 88, 99}, ADDRESS_SPECIAL},  /* RFC 7526 */
    {AF_INET, 16, {192, 168}, ADDRESS_PRIVATE},
    {AF_INET, 15, {198, 18}, ADDRESS_SPECIAL},          /* benchmarks, RFC 2544 */
    {AF_INET, 4, {224}, ADDRESS_NEVER},                 /* multicast */
    {AF_INET, 4, {240}, ADDRESS_SPECIAL},               /* reserved, RFC 1112 */
    {AF_INET, 32, {255, 255, 255, 255}, ADDRESS_NEVER}, /* limited broadcast */
    {AF_INET6, 128, {0}, ADDRESS_NEVER},
    {AF_INET6, 128, {[15] = 1}, ADDRESS_LOOPBACK},
    {AF_INET6, 96, {[10] = 0xff, [11] = 0xff}, ADDRESS_NEVER}, /* IPv4-mapped: never on the wire */
    {AF_INET6, 48, {0, 0x64, 0xff, 0x9b, 0, 1}, ADDRESS_SPECIAL}, /* local NAT64, RFC 8215 */
    {AF_INET6, 64, {1}, ADDRESS_SPECIAL},                         /* discard, RFC 6666 */
    {AF_INET6, 64, {1, [7] = 1}, ADDRESS_SPECIAL},                /* dummy, RFC 9780 */
    {AF_INET6, 23, {0x20, 1}, ADDRESS_SPECIAL},                   /* protocols, RFC 2928 */
    {AF_INET6, 128, {0x20, 1, 0, 1, [15] = 1}, ADDRESS_GLOBAL},   /* RFC 7723 */
    {AF_INET6, 128, {0x20, 1, 0, 1, [15] = 2}, ADDRESS_GLOBAL},   /* RFC 8155 */
    {AF_INET6, 128, {0x20, 1, 0, 1, [15] = 3}, ADDRESS_GLOBAL},   /* RFC 9665 */
    {AF_INET6, 32, {0x20, 1, 0, 3}, ADDRESS_GLOBAL},              /* AMT, RFC 7450 */
    {AF_INET6, 48, {0x20, 1, 0, 4, 1, 0x12}, ADDRESS_GLOBAL},     /* AS112, RFC 7535 */
    {AF_INET6, 28, {0x20, 1, 0, 0x20}, ADDRESS_GLOBAL},           /* ORCHIDv2, RFC 7343 */
    {AF_INET6, 28, {0x20, 1, 0, 0x30}, ADDRESS_GLOBAL},           /* drones, RFC 9374 */
    {AF_INET6, 16, {0x5f}, ADDRESS_SPECIAL},                      /* SRv6, RFC 9602 */
    {AF_INET6, 7, {0xfc}, ADDRESS_PRIVATE},                       /* RFC 4193 */
    {AF_INET6, 10, {0xfe, 0x80}, ADDRESS_LINK_LOCAL},
    {AF_INET6, 10, {0xfe, 0xc0}, ADDRESS_SPECIAL}, /* the former site-local, RFC 3879 */
    {AF_INET6, 8, {0xff}, ADDRESS_NEVER},          /* multicast */
};

static const struct {
    const char *word;
    enum address_class class;
} class_words[] = {
    {"global", ADDRESS_GLOBAL},         {"private", ADDRESS_PRIVATE},
    {"link-local", ADDRESS_LINK_LOCAL}, {"loopback", ADDRESS_LOOPBACK},
    {"special", ADDRESS_SPECIAL},
};

size_t address_length(const struct address *address)
{
    return address->family == AF_INET ? 4 : 16;
}

/* The mask's octet `i` for a prefix of `bits`. */
static uint8_t prefix_octet(unsigned bits, size_t i)
{
    if (bits >= (i + 1) * OCTET_BITS)
        return 0xff;
    if (bits <= i * OCTET_BITS)
        return 0;
    return (uint8_t)(0xff << (OCTET_BITS - bits % OCTET_BITS));
}

static bool begins_with(const struct address *address, uint8_t family, const uint8_t *octets,
                        unsigned bits)
{
    if (family != address->family)
        return false;
    for (size_t i = 0; i * OCTET_BITS < bits; i++)
        if ((address->octets[i] & prefix_octet(bits, i)) != octets[i])
            return false;
    return true;
}

/* The innermost range that contains the address; NULL: none, so it is global. Most global addresses
 * are in 2000::/3 (RFC 4291), where only 2001::/23 has ranges. */
static const struct range *range_of(const struct address *address)
{
    const uint8_t *octets = address->octets;
    if (address->family == AF_INET6 && octets[0] >> 5 == 1 &&
        !(octets[0] == 0x20 && octets[1] == 1 && octets[2] < 2))
        return NULL;
    const struct range *found = NULL;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (begins_with(address, ranges[i].family, ranges[i].octets, ranges[i].bits) &&
            (!found || ranges[i].bits > found->bits))
            found = &ranges[i];
    return found;
}

enum address_class address_class(const struct address *address)
{
    const struct range *range = range_of(address);
    return range ? range->class : ADDRESS_GLOBAL;
}

int address_compare(const struct address *a, const struct address *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->octets, b->octets, address_length(a));
}

char *address_text(char text[static ADDRESS_TEXT_MAX], const struct address *address)
{
    if (!inet_ntop(address->family, address->octets, text, ADDRESS_TEXT_MAX))
        text[0] = '\0';
    return text;
}

bool address_parse(struct address *address, const char *text)
{
    memset(address, 0, sizeof *address);
    address->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    return inet_pton(address->family, text, address->octets) == 1;
}

/* Parses "0" to "128", digits only. */
static bool parse_bits(const char *text, unsigned most, unsigned *bits)
{
    size_t length = strlen(text);
    int64_t number = length > 3 ? -1 : number_of(text, length, most);
    *bits = (unsigned)number;
    return number >= 0;
}

static const char *bits_text(unsigned most)
{
    return most == 32 ? "the prefix length must be 0 to 32" : "the prefix length must be 0 to 128";
}

static void mask_of(struct address *mask, uint8_t family, unsigned bits)
{
    memset(mask, 0, sizeof *mask);
    mask->family = family;
    for (size_t i = 0; i < address_length(mask); i++)
        mask->octets[i] = prefix_octet(bits, i);
}

/* Parses the text after the slash; NULL (no slash) means the whole address. */
static const char *parse_mask(struct address *mask, const struct address *value, const char *text)
{
    unsigned most = (unsigned)address_length(value) * OCTET_BITS;
    if (text && strpbrk(text, ".:")) {
        if (!address_parse(mask, text))
            return "the mask after the slash is not an address";
        return mask->family == value->family ? NULL : "address and mask are of different families";
    }
    unsigned bits = most;
    if (text && !parse_bits(text, most, &bits))
        return bits_text(most);
    mask_of(mask, value->family, bits);
    return NULL;
}

/* Clears the bits outside the mask. False if any of them was set. */
static bool mask_address(struct address *address, const struct address *mask)
{
    bool clean = true;
    for (size_t i = 0; i < address_length(address); i++) {
        clean = clean && !(address->octets[i] & ~mask->octets[i]);
        address->octets[i] &= mask->octets[i];
    }
    return clean;
}

/* Copies `word` to `text`, cuts it at a slash, and returns the text after the slash, or NULL. */
static char *cut_at_slash(char text[static WORD_MAX], const char *word)
{
    snprintf(text, WORD_MAX, "%s", word);
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    return slash;
}

static const char *parse_prefix(struct address_rule *rule, const char *word)
{
    char text[WORD_MAX], *mask = cut_at_slash(text, word);
    if (strlen(word) >= sizeof text)
        return "is too long for an address";
    if (!address_parse(&rule->value, text))
        return "is neither global, private, link-local, loopback, special nor an address";
    const char *wrong = parse_mask(&rule->mask, &rule->value, mask);
    if (wrong)
        return wrong;
    return mask_address(&rule->value, &rule->mask) ? NULL
                                                   : "has bits set outside its prefix or mask";
}

bool address_prefix_cut(struct address_prefix *prefix, unsigned bits)
{
    struct address mask;
    mask_of(&mask, prefix->address.family, bits);
    prefix->bits = bits;
    return mask_address(&prefix->address, &mask);
}

const char *address_prefix_parse(struct address_prefix *prefix, const char *text)
{
    char copy[WORD_MAX], *bits = cut_at_slash(copy, text);
    if (strlen(text) >= sizeof copy)
        return "is too long for an address";
    if (!bits)
        return "has no prefix length";
    if (!address_parse(&prefix->address, copy))
        return "is not an address";
    unsigned most = (unsigned)address_length(&prefix->address) * OCTET_BITS;
    return parse_bits(bits, most, &prefix->bits) ? NULL : bits_text(most);
}

bool address_within(const struct address *address, const struct address_prefix *prefix)
{
    return begins_with(address, prefix->address.family, prefix->address.octets, prefix->bits);
}

const char *address_rule_parse(struct address_rule *rule, const char *word)
{
    memset(rule, 0, sizeof *rule);
    if (*word == '!') {
        rule->refuses = true;
        word++;
    }
    for (size_t i = 0; i < sizeof class_words / sizeof *class_words; i++) {
        if (strcmp(word, class_words[i].word) == 0) {
            rule->kind = ADDRESS_RULE_CLASS;
            rule->class = class_words[i].class;
            return NULL;
        }
    }
    rule->kind = ADDRESS_RULE_MASK;
    return parse_prefix(rule, word);
}

static bool mask_matches(const struct address_rule *rule, const struct address *address)
{
    if (rule->value.family != address->family)
        return false;
    for (size_t i = 0; i < address_length(address); i++)
        if ((address->octets[i] & rule->mask.octets[i]) != rule->value.octets[i])
            return false;
    return true;
}

/* Does the rule's mask fix every bit of the range's prefix? If such a rule matches one address of
 * the range, it matches no address outside, so it names the range. */
static bool mask_names(const struct address_rule *rule, const struct range *range)
{
    for (size_t i = 0; i < ADDRESS_OCTETS_MAX; i++) {
        uint8_t fixed = prefix_octet(range->bits, i);
        if ((rule->mask.octets[i] & fixed) != fixed)
            return false;
    }
    return true;
}

static bool rule_matches(const struct address_rule *rule, const struct address *address,
                         const struct range *range, bool scoped)
{
    if (rule->kind == ADDRESS_RULE_CLASS)
        return rule->class == (range ? range->class : ADDRESS_GLOBAL);
    if (!mask_matches(rule, address))
        return false;
    return rule->refuses || !scoped || mask_names(rule, range);
}

enum address_verdict address_rules_judge(const struct address_rule *rules, size_t n_rules,
                                         const struct address *address)
{
    const struct range *range = range_of(address);
    bool scoped = range && (range->class == ADDRESS_LINK_LOCAL || range->class == ADDRESS_LOOPBACK);
    if (range && range->class == ADDRESS_NEVER)
        return ADDRESS_UNSCOPED;
    for (size_t i = 0; i < n_rules; i++)
        if (rule_matches(&rules[i], address, range, scoped))
            return rules[i].refuses ? ADDRESS_REFUSED : ADDRESS_ACCEPTED;
    return scoped ? ADDRESS_UNSCOPED : ADDRESS_REFUSED;
}
