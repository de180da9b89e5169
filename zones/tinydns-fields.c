#include "tinydns-fields.h"

#include <string.h>

/* ---- fields ---- */

void tinydns_split(struct tinydns_field fields[static TINYDNS_FIELDS_MAX], const char *text,
                   size_t length)
{
    const char *end = text + length;
    for (size_t i = 0; i < TINYDNS_FIELDS_MAX; i++) {
        const char *colon = text < end ? memchr(text, ':', (size_t)(end - text)) : NULL;
        if (!colon)
            colon = end;
        fields[i] = (struct tinydns_field){text, (size_t)(colon - text)};
        text = colon < end ? colon + 1 : end;
    }
}

size_t tinydns_number(const char *at, size_t length, uint64_t *number)
{
    *number = 0;
    size_t n = 0;
    for (; n < length && at[n] >= '0' && at[n] <= '9'; n++)
        *number = *number * 10 + (uint64_t)(at[n] - '0');
    return n;
}

uint64_t tinydns_number_or(const struct tinydns_field *field, uint64_t missing)
{
    uint64_t number;
    return tinydns_number(field->at, field->length, &number) ? number : missing;
}

bool tinydns_address(const struct tinydns_field *field, uint8_t address[static 4])
{
    const char *at = field->at;
    size_t left = field->length;
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            if (left == 0 || *at != '.')
                return false;
            at++;
            left--;
        }
        uint64_t number;
        size_t n = tinydns_number(at, left, &number);
        if (n == 0)
            return false;
        address[i] = (uint8_t)number;
        at += n;
        left -= n;
    }
    return true;
}

void tinydns_stamp(const struct tinydns_field *field, uint8_t stamp[static 8])
{
    memset(stamp, 0, 8);
    for (size_t i = 0; i < 16 && i < field->length; i++) {
        char c = field->at[i];
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (unsigned)(c - 'a') + 10;
        stamp[i / 2] |= (uint8_t)(i % 2 ? digit : digit << 4);
    }
}

void tinydns_location(const struct tinydns_field *field, char location[static 2])
{
    location[0] = field->length > 0 ? field->at[0] : '\0';
    location[1] = field->length > 1 ? field->at[1] : '\0';
}

/* Reads what follows a backslash: up to three octal digits, or an octet that stands for itself. */
uint8_t tinydns_unescape(const char **at, const char *end)
{
    unsigned octet = (uint8_t) * (*at)++;
    if (octet < '0' || octet > '7')
        return (uint8_t)octet;
    octet -= '0';
    for (int i = 0; i < 2 && *at < end && **at >= '0' && **at <= '7'; i++)
        octet = octet << 3 | (unsigned)(*(*at)++ - '0');
    return (uint8_t)octet;
}

/* ---- names ---- */

static const char label_too_long[] = "a label is longer than 63 octets";
static const char name_too_long[] = "a name is longer than 255 octets";

/* A name that is read in several pieces. */
struct naming {
    struct tinydns_wire *wire;
    size_t label; /* the position of its length */
    size_t at;    /* the next octet */
    bool escape;  /* the last octet was a backslash, which may be at the end of a piece */
};

static struct naming begin_name(struct tinydns_wire *wire)
{
    return (struct naming){.wire = wire, .label = 0, .at = 1};
}

static void end_label(struct naming *naming)
{
    if (naming->at == naming->label + 1) /* an empty label is dropped */
        return;
    naming->wire->octets[naming->label] = (uint8_t)(naming->at - naming->label - 1);
    naming->label = naming->at++;
}

static const char *add_to_name(struct naming *naming, const char *at, size_t length)
{
    const char *end = at + length;
    while (at < end) {
        uint8_t octet = (uint8_t)*at;
        if (naming->escape) {
            octet = tinydns_unescape(&at, end);
            naming->escape = false;
        } else if (at++, octet == '\\') {
            naming->escape = true;
            continue;
        } else if (octet == '.') {
            end_label(naming);
            continue;
        }
        if (naming->at - naming->label > NAME_LABEL_MAX)
            return label_too_long;
        if (naming->at >= NAME_WIRE_MAX - 1) /* the root needs one more */
            return name_too_long;
        naming->wire->octets[naming->at++] = octet;
    }
    return NULL;
}

static void end_name(struct naming *naming)
{
    end_label(naming);
    naming->wire->octets[naming->label] = 0;
    naming->wire->length = naming->label + 1;
}

const char *tinydns_name(struct tinydns_wire *wire, const struct tinydns_field *field)
{
    struct naming naming = begin_name(wire);
    const char *why = add_to_name(&naming, field->at, field->length);
    if (!why)
        end_name(&naming);
    return why;
}

/* A server without a dot is short for NAME.ns.OWNER or NAME.mx.OWNER; `middle` is ".ns." or
 * ".mx.". */
const char *tinydns_server(struct tinydns_wire *wire, const struct tinydns_field *field,
                           const char *middle, const struct tinydns_field *owner)
{
    if (memchr(field->at, '.', field->length))
        return tinydns_name(wire, field);
    struct naming naming = begin_name(wire);
    const char *why = add_to_name(&naming, field->at, field->length);
    if (!why)
        why = add_to_name(&naming, middle, strlen(middle));
    if (!why)
        why = add_to_name(&naming, owner->at, owner->length);
    if (!why)
        end_name(&naming);
    return why;
}
