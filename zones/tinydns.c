#include "tinydns.h"

#include <string.h>

/* Each put_...() writes at `to` and returns the address after it. snprintf() would take longer than
 * the rest of a build. */
static char *put_name(char *to, const char *name)
{
    size_t length = strlen(name);
    memcpy(to, name, length);
    return to + length;
}

static char *put_number(char *to, uint32_t number)
{
    size_t n = 0;
    char digits[10];
    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

static char *put_field(char *to, uint32_t number)
{
    *to++ = ':';
    return put_number(to, number);
}

/* tinydns-data takes a server without a dot for NAME.ns.ZONE; a trailing dot, which it otherwise
 * ignores, prevents this. */
static char *put_server(char *to, const char *server)
{
    to = put_name(to, server);
    if (!strchr(server, '.'))
        *to++ = '.';
    return to;
}

static char *put_soa(char *to, const struct record *record, uint32_t serial)
{
    *to++ = ':';
    to = put_name(to, record->target);
    *to++ = ':';
    to = put_name(to, record->contact);
    to = put_field(to, serial);
    to = put_field(to, RECORD_SOA_REFRESH);
    to = put_field(to, RECORD_SOA_RETRY);
    to = put_field(to, RECORD_SOA_EXPIRE);
    return put_field(to, record->minimum);
}

static char *put_octet(char *to, unsigned octet)
{
    unsigned tens = octet / 10, hundreds = octet / 100;
    *to = (char)('0' + hundreds);
    to += octet >= 100;
    *to = (char)('0' + (tens - hundreds * 10));
    to += octet >= 10;
    *to++ = (char)('0' + (octet - tens * 10));
    return to;
}

static char *put_ipv4(char *to, const uint8_t octets[static 4])
{
    for (size_t i = 0; i < 4; i++) {
        *to++ = i ? '.' : ':';
        to = put_octet(to, octets[i]);
    }
    return to;
}

/* All octets as "\ooo", in order: half of a large build's text consists of them. */
#define LAST_DIGIT(digits)                                                                         \
    "\\" digits "0\\" digits "1\\" digits "2\\" digits "3\\" digits "4\\" digits "5\\" digits      \
    "6\\" digits "7"
#define LAST_DIGITS(digit)                                                                         \
    LAST_DIGIT(digit "0")                                                                          \
    LAST_DIGIT(digit "1")                                                                          \
    LAST_DIGIT(digit "2")                                                                          \
    LAST_DIGIT(digit "3")                                                                          \
    LAST_DIGIT(digit "4")                                                                          \
    LAST_DIGIT(digit "5")                                                                          \
    LAST_DIGIT(digit "6")                                                                          \
    LAST_DIGIT(digit "7")

enum { OCTAL_SIZE = 4 };
static const char octals[] = LAST_DIGITS("0") LAST_DIGITS("1") LAST_DIGITS("2") LAST_DIGITS("3");
_Static_assert(sizeof octals == 256 * OCTAL_SIZE + 1, "the octal octets are not all there");

static char *put_ipv6(char *to, const uint8_t octets[static 16])
{
    static const char type[] = {':', '2', '8', ':'};
    memcpy(to, type, sizeof type);
    to += sizeof type;
    for (size_t i = 0; i < 16; i++, to += OCTAL_SIZE)
        memcpy(to, octals + (size_t)octets[i] * OCTAL_SIZE, OCTAL_SIZE);
    return to;
}

/* As in tinydns-data: 16 hexadecimal digits. */
static char *put_time(char *to, uint64_t label)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = ':';
    for (int shift = 60; shift >= 0; shift -= 4)
        *to++ = digits[label >> shift & 15];
    return to;
}

static char line_type(enum record_type type)
{
    switch (type) {
    case RECORD_A:
        return '+';
    case RECORD_NS:
        return '&';
    case RECORD_SOA:
        return 'Z';
    case RECORD_PTR:
        return '^';
    case RECORD_AAAA:
    case RECORD_PLACEHOLDER:
        break;
    }
    return ':';
}

size_t tinydns_write(char line[static TINYDNS_LINE_MAX], const struct record *record,
                     uint32_t serial)
{
    char *to = line;
    *to++ = line_type(record->type);
    to = put_name(to, record->owner);
    switch (record->type) {
    case RECORD_A:
        to = put_ipv4(to, record->address.octets);
        break;
    case RECORD_AAAA:
        to = put_ipv6(to, record->address.octets);
        break;
    case RECORD_NS:
        *to++ = ':';
        *to++ = ':';
        to = put_server(to, record->target);
        break;
    case RECORD_PTR:
        *to++ = ':';
        to = put_name(to, record->target);
        break;
    case RECORD_SOA:
        to = put_soa(to, record, serial);
        break;
    case RECORD_PLACEHOLDER:
        to = put_field(to, RECORD_PLACEHOLDER);
        *to++ = ':';
        to = put_name(to, RECORD_PLACEHOLDER_DATA);
        break;
    }
    to = put_field(to, record->ttl);
    if (record->die)
        to = put_time(to, record->die);
    *to++ = '\n';
    return (size_t)(to - line);
}
