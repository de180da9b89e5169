/* Domain names as text and on the wire. Pure.
 *
 * Inside phonebook every name is a C string in canonical form: lower case, no trailing dot, one to
 * NAME_TEXT_MAX octets, each label one to NAME_LABEL_MAX letters, digits, hyphens and underscores.
 * The first label may be "*" where the caller allows it. Only name_canonical() makes this form; all
 * other functions here expect it. */
#ifndef ZONES_NAME_H
#define ZONES_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_LABEL_MAX = 63, /* RFC 1035, 2.3.4 */
    /* the longest text, without trailing dot, that fits in NAME_WIRE_MAX octets */
    NAME_TEXT_MAX = 253,
    NAME_WIRE_MAX = 255,   /* RFC 1035, 2.3.4 */
    NAME_LABELS_MAX = 127, /* as many labels of one octet fit in NAME_WIRE_MAX */
};

enum name_outcome {
    NAME_OK,
    NAME_EMPTY,
    NAME_EMPTY_LABEL,
    NAME_LABEL_TOO_LONG,
    NAME_TOO_LONG,
    NAME_BAD_OCTET,
    NAME_BAD_WILDCARD, /* a "*" elsewhere than as the whole first label of several */
};

/* Writes the canonical form of the `length` octets at `text` to `name`: drops one trailing dot, and
 * folds letters to lower case. `text` need not end in NUL. `name` is undefined unless the outcome
 * is NAME_OK. "*.x" is accepted; see name_is_wildcard(). "@" is not a name. */
enum name_outcome name_canonical(char name[static NAME_TEXT_MAX + 1], const char *text,
                                 size_t length);

/* The text for an outcome, such as "a label is longer than 63 octets". */
const char *name_outcome_text(enum name_outcome outcome);

bool name_is_wildcard(const char *name);

/* The name without its first label, within the same string; NULL if there is only one label. */
const char *name_above(const char *name);

/* Is `name` the zone's apex or below it? */
bool name_within(const char *name, const char *zone);

/* The number of labels. */
size_t name_labels(const char *name);

/* Joins "relative" and "zone" with a dot. NAME_OK or NAME_TOO_LONG. */
enum name_outcome name_join(char name[static NAME_TEXT_MAX + 1], const char *relative,
                            const char *zone);

/* The wire form (RFC 1035, 3.1), root label included; returns its length. */
size_t name_to_wire(uint8_t wire[static NAME_WIRE_MAX], const char *name);
/* Converts the output of name_to_wire() back to text. Returns the length of the wire form. */
size_t name_from_wire(char *name, const uint8_t *wire);

#endif
