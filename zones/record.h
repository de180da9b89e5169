/* A set of DNS records, in the order in which they are to be written. Pure.
 *
 * The set is one flat buffer, so that a copy is one memcpy and "did anything change?" is one
 * memcmp: the publisher makes the set anew from the state whenever something may have changed.
 * Whoever fills it adds records in a defined order (zones by name, names in the registry's order,
 * addresses by address_compare()), so that equal states give equal sets. The SOA serial is not part
 * of it: it belongs to a build, not to the state. */
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
    RECORD_PLACEHOLDER = 65280, /* the first type for private use (RFC 6895, 3.1) */
};

/* Of every SOA: tinydns-data's defaults. */
enum {
    RECORD_SOA_REFRESH = 16384,
    RECORD_SOA_RETRY = 2048,
    RECORD_SOA_EXPIRE = 1048576,
};

/* The data of a placeholder, which only makes its owner exist: for whom it may concern. */
#define RECORD_PLACEHOLDER_DATA "ent"

/* One record, as a view into a set: pointers live as long as the set is not added to. */
struct record {
    enum record_type type;
    uint32_t ttl;
    const char *owner;      /* canonical, may be a wildcard */
    struct address address; /* A, AAAA */
    const char *target;     /* NS: server; PTR: name; SOA: primary server */
    const char *contact;    /* SOA: mailbox as a name */
    uint32_t minimum;       /* SOA: negative TTL */
    uint64_t die;           /* A, AAAA, PTR: when the record ends, as a TAI64 label; 0: never, as
                             * always in a set: like the serial it is a build's, not the state's */
};

struct records {
    uint8_t *bytes; /* owned */
    size_t length, room;
    size_t count;
    bool failed; /* memory ran out: the set is not complete, do not publish it */
};

void records_init(struct records *records);
void records_fini(struct records *records);
void records_clear(struct records *records); /* keeps the memory */

/* Adders note a lack of memory in `failed` and go on, so that a caller checks once at the end. */
void records_add(struct records *records, const struct record *record); /* without its end */
void records_add_soa(struct records *records, const char *zone, const char *primary,
                     const char *contact, uint32_t minimum, uint32_t ttl);
void records_add_ns(struct records *records, const char *zone, const char *server, uint32_t ttl);
void records_add_ptr(struct records *records, const char *owner, const char *target, uint32_t ttl);
void records_add_address(struct records *records, const char *owner, const struct address *address,
                         uint32_t ttl);
/* Of one family. */
void records_add_addresses(struct records *records, const char *owner,
                           const struct address *addresses, size_t n, uint32_t ttl);
void records_add_placeholder(struct records *records, const char *owner, uint32_t ttl);

/* A record, where it is an address or a PTR, ends at this time (seconds since 1970, as a label), if
 * no later build says otherwise. Its ttl is then what is left, as the language has it: a ttl of 0
 * and a time to die.
 *
 * tinydns counts seconds since 1970 and ten of them (djbdns, tai_unix()), skalibs and so shibari
 * real TAI, which is 27 ahead of that: the label is the later of the two, so that neither drops a
 * record early; tinydns keeps it 27 seconds longer. */
uint64_t record_end_label(int64_t end);
bool record_can_end(enum record_type type);
void record_set_end(struct record *record, uint64_t label);

bool records_equal(const struct records *a, const struct records *b);

/* Walks the set: *cursor starts at 0; false at the end. */
bool records_next(const struct records *records, size_t *cursor, struct record *record);

#endif
