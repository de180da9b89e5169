/* The entries of data.cdb, as tinydns reads them. Pure.
 *
 * The key is the owner in wire form; a wildcard's key lacks the "*" label. The value is: the type;
 * a mark (exact name or wildcard, for all clients or one location); the TTL; a time stamp of eight
 * octets (zero: none); the data. All numbers are big-endian, names are uncompressed (djbdns:
 * tinydns-data.c, tdlookup.c). Each octet is as Debian's tinydns-data writes it.
 *
 * cdb-file.h writes the file that contains the entries. */
#ifndef ZONES_CDB_H
#define ZONES_CDB_H

#include "../common/octets.h"
#include "name.h"
#include "record.h"

enum {
    CDB_LENGTHS = 8,                         /* lengths of key and value, before each entry */
    CDB_ENTRY_TTL = 2 + 1,                   /* offset of the TTL in a value, after type and mark */
    CDB_ENTRY_HEAD = CDB_ENTRY_TTL + 4 + 8,  /* offset of the data, after TTL and time stamp */
    CDB_ENTRY_HEAD_MAX = 2 + CDB_ENTRY_HEAD, /* the same if there is a location */
    CDB_SOA_NUMBERS = 20,                    /* serial, refresh, retry, expire, minimum */
    CDB_ENTRY_VALUE_MAX = CDB_ENTRY_HEAD + 2 * NAME_WIRE_MAX + CDB_SOA_NUMBERS, /* of a record */
};

/* The third octet of a value. */
enum cdb_mark {
    CDB_EXACT = '=',
    CDB_EXACT_IN_LOCATION = '>', /* the mark is followed by two octets of location */
    CDB_WILDCARD = '*',
    CDB_WILDCARD_IN_LOCATION = '+',
};

/* The position of an entry, and the hash of its key: all that the hash tables need. */
struct cdb_place {
    uint32_t hash, at;
};

/* Entries exactly as in the file: two little-endian lengths, key, value; then the next. Writing a
 * file therefore only copies them. */
struct cdb_entries {
    uint8_t *octets; /* owned */
    size_t length, room;
    struct cdb_place *places; /* owned; of all entries in their order; positions in `octets` */
    size_t n, n_room;
    /* owned; ascending positions of four octets each that become the file's serial */
    uint32_t *serials;
    size_t n_serials, serials_room;
    bool failed; /* memory or 32 bits ran out; entries are missing */
};

void cdb_entries_init(struct cdb_entries *entries);
void cdb_entries_fini(struct cdb_entries *entries);
void cdb_entries_clear(struct cdb_entries *entries); /* keeps the memory */

/* Writes the value of a record's entry, and returns its length. `serial` is used for a SOA only. */
size_t cdb_record_value(uint8_t value[static CDB_ENTRY_VALUE_MAX], const struct record *record,
                        uint32_t serial);

/* Adds a record's entry. `serial` is used for a SOA only. `same_owner`: the last added entry has
 * the same owner, so its key is copied. */
void cdb_add_record(struct cdb_entries *entries, const struct record *record, uint32_t serial,
                    bool same_owner);

/* To add another kind of entry: cdb_reserve() returns room for key and value, together at most
 * `size` octets, or NULL if memory ran out. The caller writes the key, directly followed by the
 * value, and passes their lengths to cdb_commit(). */
uint8_t *cdb_reserve(struct cdb_entries *entries, size_t size);
void cdb_commit(struct cdb_entries *entries, size_t key_length, size_t value_length);
/* Makes the four octets at `at`, in the value that was just committed, the file's serial. */
void cdb_note_serial(struct cdb_entries *entries, size_t at);

/* The hash of a key, as in cdb_place. */
uint32_t cdb_hash_of(const uint8_t *key, size_t length);

/* An entry, pointing into memory that it does not own. */
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
/* The length of the whole entry. */
static inline size_t cdb_entry_size(const struct cdb_entry *entry)
{
    return CDB_LENGTHS + entry->key_length + entry->value_length;
}

/* The record of an entry that cdb_add_record() made. Its names are stored in `names`. */
struct cdb_names {
    char owner[NAME_TEXT_MAX + 1], target[NAME_TEXT_MAX + 1], contact[NAME_TEXT_MAX + 1];
};
void cdb_entry_record(const struct cdb_entry *entry, struct cdb_names *names,
                      struct record *record);
/* Adds an end to the entry of a record, if its type can have one (record_set_end()). */
void cdb_entry_set_end(uint8_t *octets, uint64_t label);

/* Is this value that of a SOA? *serial becomes its serial. The value may come from any file. */
bool cdb_value_serial(const uint8_t *value, size_t length, uint32_t *serial);

#endif
