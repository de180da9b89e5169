#include "name.h"

#include <string.h>

/* The locale's character classes would accept characters that DNS names cannot contain. */
static bool is_name_octet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Copies one label of `length` octets, folded. */
static enum name_outcome copy_label(char *to, const char *from, size_t length)
{
    if (length == 0)
        return NAME_EMPTY_LABEL;
    if (length > NAME_LABEL_MAX)
        return NAME_LABEL_TOO_LONG;
    for (size_t i = 0; i < length; i++) {
        to[i] = fold(from[i]);
        if (!is_name_octet(to[i]))
            return from[i] == '*' ? NAME_BAD_WILDCARD : NAME_BAD_OCTET;
    }
    return NAME_OK;
}

enum name_outcome name_canonical(char name[static NAME_TEXT_MAX + 1], const char *text,
                                 size_t length)
{
    if (length > 0 && text[length - 1] == '.')
        length--;
    if (length == 0)
        return NAME_EMPTY;
    if (length > NAME_TEXT_MAX)
        return NAME_TOO_LONG;
    size_t at = 0;
    if (length > 2 && text[0] == '*' && text[1] == '.') {
        memcpy(name, "*.", 2);
        at = 2;
    }
    for (;;) {
        const char *dot = memchr(text + at, '.', length - at);
        size_t end = dot ? (size_t)(dot - text) : length;
        enum name_outcome outcome = copy_label(name + at, text + at, end - at);
        if (outcome != NAME_OK)
            return outcome;
        name[end] = dot ? '.' : '\0';
        if (!dot)
            return NAME_OK;
        at = end + 1;
    }
}

const char *name_outcome_text(enum name_outcome outcome)
{
    static const char *const texts[] = {
        [NAME_OK] = "the name is good",
        [NAME_EMPTY] = "the name is empty",
        [NAME_EMPTY_LABEL] = "it has two dots in a row, or begins with a dot",
        [NAME_LABEL_TOO_LONG] = "a label is longer than 63 octets",
        [NAME_TOO_LONG] = "the name is longer than 253 octets",
        [NAME_BAD_OCTET] = "only letters, digits, hyphens and underscores can be in a label",
        [NAME_BAD_WILDCARD] = "an asterisk can only be the whole first label, with others after it",
    };
    return texts[outcome];
}

bool name_is_wildcard(const char *name)
{
    return name[0] == '*';
}

const char *name_above(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : NULL;
}

bool name_within(const char *name, const char *zone)
{
    size_t name_length = strlen(name), zone_length = strlen(zone);
    if (name_length < zone_length)
        return false;
    if (strcmp(name + name_length - zone_length, zone) != 0)
        return false;
    return name_length == zone_length || name[name_length - zone_length - 1] == '.';
}

size_t name_labels(const char *name)
{
    size_t n = 1;
    while ((name = strchr(name, '.'))) {
        name++;
        n++;
    }
    return n;
}

enum name_outcome name_join(char name[static NAME_TEXT_MAX + 1], const char *relative,
                            const char *zone)
{
    size_t relative_length = strlen(relative), zone_length = strlen(zone);
    if (relative_length + 1 + zone_length > NAME_TEXT_MAX)
        return NAME_TOO_LONG;
    memcpy(name, relative, relative_length);
    name[relative_length] = '.';
    memcpy(name + relative_length + 1, zone, zone_length + 1);
    return NAME_OK;
}

/* The wire form is the text moved by one octet, with dots replaced by the lengths of the following
 * labels. */
size_t name_to_wire(uint8_t wire[static NAME_WIRE_MAX], const char *name)
{
    size_t length_at = 0, at = 1;
    for (; *name; name++, at++) {
        if (*name != '.') {
            wire[at] = (uint8_t)*name;
            continue;
        }
        wire[length_at] = (uint8_t)(at - length_at - 1);
        length_at = at;
    }
    wire[length_at] = (uint8_t)(at - length_at - 1);
    wire[at] = 0;
    return at + 1;
}

size_t name_from_wire(char *name, const uint8_t *wire)
{
    const uint8_t *label = wire;
    for (; *label; label += *label + 1) {
        memcpy(name, label + 1, *label);
        name += *label;
        *name++ = '.';
    }
    name[-1] = '\0';
    return (size_t)(label + 1 - wire);
}
