/* A set of DNS records in the order in which they are written. Pure.
 *
 * The set is one flat buffer: a copy is one memcpy, and a comparison one memcmp. The caller adds
 * records in a defined order (zones by name, names in the order of the registry, addresses by
 * address_compare()), so that equal states of the registry give equal sets. The set has no SOA
 * serial, because that belongs to a build and not to the state. */
#ifndef ZONES_RECORD_H
#define ZONES_RECORD_H

#include "address.h"
#include "name.h"

enum record_type {
    RECORD_A = 1,
    RECORD_NS = 2,
    RECORD_SOA = 6,
    RECORD_PTR = 12,
    RECORD_AAAA = 28,
    RECORD_PLACEHOLDER = 65280, /* the first type reserved for private use (RFC 6895, 3.1) */
};

/* In every SOA: the defaults of tinydns-data. */
enum {
    RECORD_SOA_REFRESH = 16384,
    RECORD_SOA_RETRY = 2048,
    RECORD_SOA_EXPIRE = 1048576,
};

/* The data of a placeholder: a record that only makes its owner an existing name ("empty
 * non-terminal"). */
#define RECORD_PLACEHOLDER_DATA "ent"

/* One record. Its pointers are into a set, and valid until a record is added to the set. */
struct record {
    enum record_type type;
    uint32_t ttl;
    const char *owner;      /* canonical, may be a wildcard */
    struct address address; /* A, AAAA */
    const char *target;     /* NS: server; PTR: name; SOA: primary server */
    const char *contact;    /* SOA: mailbox as a name */
    uint32_t minimum;       /* SOA: negative TTL */
    /* A, AAAA, PTR: when the record ends, as a TAI64 label; 0: never. Always 0 in a set: like the
     * serial, it belongs to a build. */
    uint64_t die;
};

struct records {
    uint8_t *bytes; /* owned */
    size_t length, room;
    size_t count;
    bool failed; /* memory ran out: records are missing, so do not publish the set */
};

void records_init(struct records *records);
void records_fini(struct records *records);
void records_clear(struct records *records); /* keeps the memory */

/* If memory runs out, these functions set `failed` and go on, so the caller checks it once at the
 * end. */
void records_add(struct records *records, const struct record *record); /* ignores record->die */
void records_add_soa(struct records *records, const char *zone, const char *primary,
                     const char *contact, uint32_t minimum, uint32_t ttl);
void records_add_ns(struct records *records, const char *zone, const char *server, uint32_t ttl);
void records_add_ptr(struct records *records, const char *owner, const char *target, uint32_t ttl);
/* All addresses must be of one family. */
void records_add_addresses(struct records *records, const char *owner,
                           const struct address *addresses, size_t n, uint32_t ttl);
void records_add_placeholder(struct records *records, const char *owner, uint32_t ttl);

/* The end of a record, an address or a PTR, if no later build changes it: record_end_label()
 * converts a time in seconds since 1970 to a TAI64 label, and record_set_end() puts it into the
 * record. tinydns-data's language then wants a ttl of 0: servers compute the TTL from the time that
 * is left.
 *
 * Servers disagree about the label. tinydns adds ten to the seconds since 1970 (djbdns,
 * tai_unix()); skalibs, and so shibari, uses real TAI, which is 27 seconds later. We use the later
 * one, so that no server drops a record early; tinydns keeps it 27 seconds longer. */
uint64_t record_end_label(int64_t end);
bool record_can_end(enum record_type type);
void record_set_end(struct record *record, uint64_t label);

bool records_equal(const struct records *a, const struct records *b);

/* Iterates over the set; *cursor starts at 0. False at the end. */
bool records_next(const struct records *records, size_t *cursor, struct record *record);

#endif
