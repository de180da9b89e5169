/* Entries as tinydns finds them in data.cdb. Pure.
 *
 * The key is the owner in wire form, without the "*" label where it is a wildcard. The value is the
 * type, a mark (an exact name or a wildcard, for everybody or for a location), the TTL, eight
 * octets of time stamp (zero: none) and the data, all big-endian, names uncompressed (djbdns:
 * tinydns-data.c, tdlookup.c). Entries are octet for octet what Debian's tinydns-data stores.
 *
 * The file around the entries is cdb-file.c's work. */
#ifndef ZONES_CDB_H
#define ZONES_CDB_H

#include "../common/octets.h"
#include "name.h"
#include "record.h"

enum {
    CDB_LENGTHS = 8,                         /* of key and value, in front of each entry */
    CDB_ENTRY_TTL = 2 + 1,                   /* where in a value it is, behind type and mark, */
    CDB_ENTRY_HEAD = CDB_ENTRY_TTL + 4 + 8,  /* and before the time stamp; then comes the data */
    CDB_ENTRY_HEAD_MAX = 2 + CDB_ENTRY_HEAD, /* with a location */
    CDB_SOA_NUMBERS = 20,                    /* serial, refresh, retry, expire, minimum */
    CDB_ENTRY_VALUE_MAX = CDB_ENTRY_HEAD + 2 * NAME_WIRE_MAX + CDB_SOA_NUMBERS, /* a record's */
};

/* The second octet but one of a value. */
enum cdb_mark {
    CDB_EXACT = '=',
    CDB_EXACT_IN_LOCATION = '>', /* two octets of location follow the mark */
    CDB_WILDCARD = '*',
    CDB_WILDCARD_IN_LOCATION = '+',
};

/* Where an entry begins, and the hash of its key: what the hash tables are made of. */
struct cdb_place {
    uint32_t hash, at;
};

/* Entries one behind the other, as they lie in the file: two little-endian lengths, key, value. So
 * a file is made of them by copying, however often. */
struct cdb_entries {
    uint8_t *octets; /* owned */
    size_t length, room;
    struct cdb_place *places; /* owned; of all entries in their order, from the start of `octets` */
    size_t n, n_room;
    uint32_t *serials; /* owned; where four octets are to be the serial of the file, ascending */
    size_t n_serials, serials_room;
    bool failed; /* memory or 32 bits ran out: they are not complete */
};

void cdb_entries_init(struct cdb_entries *entries);
void cdb_entries_fini(struct cdb_entries *entries);
void cdb_entries_clear(struct cdb_entries *entries); /* keeps the memory */

/* The record's value, with the serial in it where it is a SOA; returns its length. */
size_t cdb_record_value(uint8_t value[static CDB_ENTRY_VALUE_MAX], const struct record *record,
                        uint32_t serial);

/* Adds the record's entry, with the serial in it where it is a SOA. `same_owner`: the entry that
 * was added last has the same owner, so that its key serves again. */
void cdb_add_record(struct cdb_entries *entries, const struct record *record, uint32_t serial,
                    bool same_owner);

/* To add another one: room for the key and the value of a next entry, together at most `size`
 * octets, NULL where memory ran out; then, when they are there, one behind the other, their
 * lengths. */
uint8_t *cdb_reserve(struct cdb_entries *entries, size_t size);
void cdb_commit(struct cdb_entries *entries, size_t key_length, size_t value_length);
/* The four octets at `at` in the value that was just committed are to be the serial. */
void cdb_note_serial(struct cdb_entries *entries, size_t at);

/* As places have it. */
uint32_t cdb_hash_of(const uint8_t *key, size_t length);

/* One entry, as a view. */
struct cdb_entry {
    const uint8_t *key, *value;
    size_t key_length, value_length;
};
static inline struct cdb_entry cdb_entry_of(const uint8_t *octets)
{
    size_t key_length = get_le32(octets);

    return (struct cdb_entry){
        .key = octets + CDB_LENGTHS,
        .value = octets + CDB_LENGTHS + key_length,
        .key_length = key_length,
        .value_length = get_le32(octets + 4),
    };
}
static inline struct cdb_entry cdb_entry_at(const struct cdb_entries *entries, size_t at)
{
    return cdb_entry_of(entries->octets + at);
}
/* Of all its octets. */
static inline size_t cdb_entry_size(const struct cdb_entry *entry)
{
    return CDB_LENGTHS + entry->key_length + entry->value_length;
}

/* The record whose entry this is, as cdb_add_record() was given it; its names are in `names`. */
struct cdb_names {
    char owner[NAME_TEXT_MAX + 1], target[NAME_TEXT_MAX + 1], contact[NAME_TEXT_MAX + 1];
};
void cdb_entry_record(const struct cdb_entry *entry, struct cdb_names *names,
                      struct record *record);
/* Gives the entry of a record an end, where it is such a record (record_set_end()). */
void cdb_entry_set_end(uint8_t *octets, uint64_t label);

/* Is the value, read from a file that anyone may have made, that of a SOA? Then *serial is its
 * serial. */
bool cdb_value_serial(const uint8_t *value, size_t length, uint32_t *serial);

#endif
