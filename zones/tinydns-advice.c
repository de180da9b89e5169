#include "tinydns-advice.h"

#include "tinydns-fields.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    NIBBLES = 32,
    QUOTED_MAX = 80,                                /* octets of a field, in a text */
    TEXT_MAX = 4 * NIBBLES + 4 * NAME_WIRE_MAX * 2, /* two lines; longer ones are cut */
    STAMP_DIGITS = 16,
    FIELDS_BEHIND_TTL = 2, /* time stamp and location */
};

/* ---- lines that begin with "3" or "6" ---- */

static bool is_all_hex(const struct tinydns_field *field)
{
    for (size_t i = 0; i < field->length; i++)
        if (!isxdigit((unsigned char)field->at[i]))
            return false;
    return true;
}

static unsigned nibble(const struct tinydns_field *address, size_t i)
{
    char c = address->at[i];
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c | 0x20) - 'a' + 10;
}

/* Writes ":www.example:28:\040\001...", without the fields after the address. */
static size_t write_address(char *to, const struct tinydns_field *name,
                            const struct tinydns_field *address)
{
    size_t length = (size_t)sprintf(to, ":%.*s:28:", (int)name->length, name->at);
    for (size_t i = 0; i < NIBBLES; i += 2)
        length += (size_t)sprintf(to + length, "\\%03o",
                                  nibble(address, i) << 4 | nibble(address, i + 1));
    return length;
}

/* Writes "^1.0....ip6.arpa:www.example", without them too. */
static size_t write_pointer(char *to, const struct tinydns_field *name,
                            const struct tinydns_field *address)
{
    size_t length = (size_t)sprintf(to, "^");
    for (size_t i = NIBBLES; i-- > 0;)
        length += (size_t)sprintf(to + length, "%x.", nibble(address, i));
    return length + (size_t)sprintf(to + length, "ip6.arpa:%.*s", (int)name->length, name->at);
}

/* Writes the lines that replace such a line. False for other lines, and for overlong ones. */
static bool replace(char to[static TEXT_MAX], const char *line, size_t length)
{
    struct tinydns_field fields[TINYDNS_FIELDS_MAX];
    const struct tinydns_field *name = &fields[0], *address = &fields[1];
    if (length == 0 || (line[0] != '3' && line[0] != '6'))
        return false;
    tinydns_split(fields, line + 1, length - 1);
    if (address->length != NIBBLES || !is_all_hex(address) || length > NAME_WIRE_MAX + NIBBLES * 2)
        return false;
    const char *rest = address->at + NIBBLES;
    int rest_length = (int)(line + length - rest);
    size_t at = write_address(to, name, address);
    at += (size_t)sprintf(to + at, "%.*s", rest_length, rest);
    if (line[0] == '6') {
        at += (size_t)sprintf(to + at, " and ");
        at += write_pointer(to + at, name, address);
        sprintf(to + at, "%.*s", rest_length, rest);
    }
    return true;
}

void tinydns_refuse(tinydns_refused *told, void *context, size_t number, const char *line,
                    size_t length, const char *why)
{
    char lines[TEXT_MAX], text[TEXT_MAX + QUOTED_MAX];
    if (replace(lines, line, length)) {
        snprintf(text, sizeof text, "only a patched tinydns-data takes this line; write %s", lines);
        why = text;
    }
    told(context, number, why);
}

/* ---- doubts ---- */

/* Which fields of a line may contain mistakes; 0: none. */
static const struct shape {
    char letter;
    unsigned address, server; /* a name, of a server or another */
    unsigned first_number, last_number;
    unsigned ttl;
    bool needs_address;
} shapes[] = {
    {.letter = '+', .address = 1, .ttl = 2, .needs_address = true},
    {.letter = '=', .address = 1, .ttl = 2, .needs_address = true},
    {.letter = '&', .address = 1, .server = 2, .ttl = 3},
    {.letter = '.', .address = 1, .server = 2, .ttl = 3},
    {.letter = '@', .address = 1, .server = 2, .first_number = 3, .last_number = 3, .ttl = 4},
    {.letter = 'S', .address = 1, .server = 2, .first_number = 3, .last_number = 5, .ttl = 6},
    {.letter = 'Z', .server = 1, .first_number = 3, .last_number = 7, .ttl = 8},
    {.letter = ':', .first_number = 1, .last_number = 1, .ttl = 3},
    {.letter = '^', .server = 1, .ttl = 2},
    {.letter = 'C', .server = 1, .ttl = 2},
    {.letter = '\'', .ttl = 2},
};

struct doubting {
    tinydns_refused *told;
    void *context;
    size_t number;
    const struct shape *shape;
    struct tinydns_field fields[TINYDNS_FIELDS_MAX];
};

static void say(const struct doubting *d, const struct tinydns_field *field, const char *what)
{
    int length = field->length < QUOTED_MAX ? (int)field->length : QUOTED_MAX;
    char text[2 * QUOTED_MAX];
    snprintf(text, sizeof text, "\"%.*s\" %s", length, field->at, what);
    d->told(d->context, d->number, text);
}

/* Is it an IPv4 address for inet_pton(3), and nothing else? */
static bool is_address(const struct tinydns_field *field)
{
    char text[INET_ADDRSTRLEN];
    if (field->length >= sizeof text)
        return false;
    memcpy(text, field->at, field->length);
    text[field->length] = '\0';
    struct in_addr address;
    return inet_pton(AF_INET, text, &address) == 1;
}

static void doubt_address(const struct doubting *d)
{
    const struct tinydns_field *field = &d->fields[d->shape->address];
    uint8_t octets[4];
    bool is_read = tinydns_address(field, octets);
    if (d->shape->address == 0 || (field->length == 0 && !d->shape->needs_address))
        return;
    if (field->length == 0) {
        d->told(d->context, d->number, "has no address: the line makes no record");
    } else if (!is_read && d->shape->needs_address) {
        say(d, field, "is not an IPv4 address: the line makes no record");
    } else if (!is_read) {
        say(d, field, "is not an IPv4 address, and is left out");
    } else if (!is_address(field)) {
        char what[QUOTED_MAX];
        snprintf(what, sizeof what, "is read as the address %u.%u.%u.%u", octets[0], octets[1],
                 octets[2], octets[3]);
        say(d, field, what);
    }
}

static void doubt_number(const struct doubting *d, const struct tinydns_field *field)
{
    uint64_t number;
    size_t digits = tinydns_number(field->at, field->length, &number);
    if (digits == field->length && number <= UINT32_MAX)
        return;
    if (digits == 0) {
        say(d, field, "is not a number: the default is used");
        return;
    }
    char what[QUOTED_MAX];
    snprintf(what, sizeof what, "is read as the number %lu", (unsigned long)(uint32_t)number);
    say(d, field, what);
}

static void doubt_behind_ttl(const struct doubting *d)
{
    const struct tinydns_field *stamp = &d->fields[d->shape->ttl + 1], *location = stamp + 1;
    if (stamp->length > 0 && (stamp->length != STAMP_DIGITS || !is_all_hex(stamp)))
        say(d, stamp, "is not a time stamp of 16 hexadecimal digits");
    if (location->length > 2)
        say(d, location, "is longer than a location, two octets");
    for (size_t i = d->shape->ttl + FIELDS_BEHIND_TTL + 1; i < TINYDNS_FIELDS_MAX; i++)
        if (d->fields[i].length > 0)
            say(d, &d->fields[i], "is one field too many, and is ignored");
}

void tinydns_doubt(tinydns_refused *told, void *context, size_t number, const char *line,
                   size_t length)
{
    struct doubting d = {.told = told, .context = context, .number = number};
    for (size_t i = 0; length > 0 && i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].letter == line[0])
            d.shape = &shapes[i];
    if (!d.shape)
        return;
    tinydns_split(d.fields, line + 1, length - 1);
    doubt_address(&d);
    if (d.shape->server && is_address(&d.fields[d.shape->server]))
        say(&d, &d.fields[d.shape->server], "is read as a name, though it looks like an address");
    for (unsigned i = d.shape->first_number; i > 0 && i <= d.shape->last_number; i++)
        doubt_number(&d, &d.fields[i]);
    doubt_number(&d, &d.fields[d.shape->ttl]);
    doubt_behind_ttl(&d);
}
