/* Domain names as text and on the wire. Pure.
 *
 * A name has one form inside phonebook, the canonical one: lower case, no trailing dot, one to
 * NAME_TEXT_MAX octets, each label one to NAME_LABEL_MAX letters, digits, hyphens and underscores
 * (the first label may be "*" where the caller allows it). It is a C string. name_canonical() is
 * the one way to make it; every other function here trusts its argument to be one. */
#ifndef ZONES_NAME_H
#define ZONES_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_LABEL_MAX = 63,   /* RFC 1035, 2.3.4 */
    NAME_TEXT_MAX = 253,   /* what fits in NAME_WIRE_MAX octets, written without the trailing dot */
    NAME_WIRE_MAX = 255,   /* RFC 1035, 2.3.4 */
    NAME_LABELS_MAX = 127, /* of one octet each, as many as fit in NAME_WIRE_MAX */
};

enum name_outcome {
    NAME_OK,
    NAME_EMPTY,
    NAME_EMPTY_LABEL,
    NAME_LABEL_TOO_LONG,
    NAME_TOO_LONG,
    NAME_BAD_OCTET,
    NAME_BAD_WILDCARD, /* a "*" that is not the whole first of several labels */
};

/* Writes the canonical form of the `length` octets at `text` (need not end in NUL; one trailing dot
 * is dropped, letters are folded) to `name`. On any outcome but NAME_OK `name` is undefined.
 * "*.x" is accepted: ask name_is_wildcard(). "@" is not a name. */
enum name_outcome name_canonical(char name[static NAME_TEXT_MAX + 1], const char *text,
                                 size_t length);

/* What a person should read about an outcome, such as "a label is longer than 63 octets". */
const char *name_outcome_text(enum name_outcome outcome);

bool name_is_wildcard(const char *name);

/* The name one label up, which is the end of the same text; NULL for the last label. */
const char *name_above(const char *name);

/* Is `name` the zone's apex or below it? */
bool name_within(const char *name, const char *zone);

/* How many labels it has: one more than its dots. */
size_t name_labels(const char *name);

/* Joins "relative" and "zone" with a dot. NAME_OK or NAME_TOO_LONG. */
enum name_outcome name_join(char name[static NAME_TEXT_MAX + 1], const char *relative,
                            const char *zone);

/* The wire form (RFC 1035, 3.1), root label included; returns its length. */
size_t name_to_wire(uint8_t wire[static NAME_WIRE_MAX], const char *name);
/* The way back, of what name_to_wire() has made; returns the length of the wire form. */
size_t name_from_wire(char *name, const uint8_t *wire);

#endif
