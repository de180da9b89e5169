/* The order of owners in a database's files: each owner as octets that memcmp(3) puts in order.
 * Pure.
 *
 * It is the canonical order (RFC 4034, 6.1), by labels from the right, so that a zone's apex comes
 * before the names in it, and a name before "*.NAME". What is in `arpa` comes behind all else: a
 * file then begins with the SOA of a zone that is no reverse zone, where there is one. */
#ifndef ZONES_OWNER_KEY_H
#define ZONES_OWNER_KEY_H

#include "cdb.h"
#include "name.h"

enum { OWNER_KEY_MAX = 1 + NAME_TEXT_MAX + 1 };

struct owner_key {
    size_t length;
    uint8_t octets[OWNER_KEY_MAX];
};

/* Of a canonical name, which may be a wildcard. */
void owner_key_of(struct owner_key *key, const char *owner);
/* Of an entry that was made of a record. */
void owner_key_of_entry(struct owner_key *key, const struct cdb_entry *entry);

/* Less than, equal to or greater than 0. */
int owner_key_compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length);

#endif
