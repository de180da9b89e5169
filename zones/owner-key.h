/* The order of owners in a database's files: the key of an owner is octets that memcmp(3) sorts.
 * Pure.
 *
 * It is the canonical order (RFC 4034, 6.1), which compares labels from the right: a zone's apex
 * comes before the names in it, and a name before "*.NAME". Names in `arpa` come last, so that a
 * file begins with the SOA of a zone that is not a reverse zone, if there is one. */
#ifndef ZONES_OWNER_KEY_H
#define ZONES_OWNER_KEY_H

#include "cdb.h"
#include "name.h"

enum { OWNER_KEY_MAX = 1 + NAME_TEXT_MAX + 1 };

struct owner_key {
    size_t length;
    uint8_t octets[OWNER_KEY_MAX];
};

/* The key of a canonical name, which may be a wildcard. */
void owner_key_of(struct owner_key *key, const char *owner);
/* The key of the owner of an entry that cdb_add_record() made. */
void owner_key_of_entry(struct owner_key *key, const struct cdb_entry *entry);

/* Returns less than, equal to or greater than 0. */
int owner_key_compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length);

#endif
