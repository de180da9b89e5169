/* Records as tinydns finds them in data.cdb. Pure.
 *
 * The key is the owner in wire form, without the "*" label where it is a wildcard. The value is the
 * type, a mark ('=' an exact name, '*' a wildcard), the TTL, eight octets of time to die (zero:
 * none) and the data, all big-endian, names uncompressed (djbdns: tinydns-data.c, tdlookup.c).
 * Entries are octet for octet what Debian's tinydns-data stores for the line of tinydns_write().
 *
 * The file around the entries is tinycdb's work, called by database.c. */
#ifndef ZONES_CDB_H
#define ZONES_CDB_H

#include "record.h"

enum {
    CDB_ENTRY_HEAD = 2 + 1 + 4 + 8, /* type, mark, TTL, time to die */
    CDB_ENTRY_VALUE_MAX = CDB_ENTRY_HEAD + 2 * NAME_WIRE_MAX + 20, /* a SOA's */
};

struct cdb_entry {
    size_t key_length, value_length;
    uint8_t key[NAME_WIRE_MAX];
    uint8_t value[CDB_ENTRY_VALUE_MAX];
};

/* Fills the key: once for all records of an owner, as the entry can be used again. */
void cdb_entry_key(struct cdb_entry *entry, const char *owner);
/* Fills the value. `serial` is used for a SOA only. */
void cdb_entry_value(struct cdb_entry *entry, const struct record *record, uint32_t serial);

/* Is the value, read from a file that anyone may have made, that of a SOA? Then *serial is its
 * serial. */
bool cdb_value_serial(const uint8_t *value, size_t length, uint32_t *serial);

#endif
