/* Which records of an RRset fit into a UDP reply of 512 octets (RFC 1035, 4.2.1): neither tinydns
 * nor shibari supports EDNS. Pure.
 *
 * Longer replies cause failures: shibari sends broken ones, and tinydns truncates them, so that the
 * resolver asks again over TCP, where usually no server listens. So we leave out records that do
 * not fit. The first records in the order of the set stay, even if others are added or removed
 * after them.
 *
 * The owner of each record in the reply is a pointer to the name in the question. tinydns points
 * only at names of up to 128 octets (djbdns: response.c). In each record of a longer owner it
 * writes out the first labels, which we count. For a wildcard we assume that the question has 128
 * octets: queries below a wildcard for longer names may get truncated replies. Names in the data
 * are counted as if servers did not compress them. */
#ifndef ZONES_FIT_H
#define ZONES_FIT_H

#include "name.h"
#include "record.h"

enum {
    FIT_REPLY_MAX = 512,
    /* no reply has more: this is the number of A records for a name of one octet */
    FIT_RECORDS_MAX = 31,
};

/* An RRset that is being put into a reply. */
struct fit {
    size_t used;       /* octets of the reply so far */
    size_t per_record; /* octets of each record, without its data */
    size_t kept, all;
};
void fit_begin(struct fit *fit, const char *owner);
/* Adds a record with this length of data. False if it does not fit; then no later record fits
 * either. */
bool fit_take(struct fit *fit, size_t data_length);

/* How many records fit if the data of each has this length. */
size_t fit_room(const char *owner, size_t data_length);

/* The RRsets from which records were left out. */
struct fit_cut {
    char owner[NAME_TEXT_MAX + 1];
    enum record_type type;
    size_t kept, all;
};
struct fit_cuts {
    struct fit_cut *cuts; /* owned */
    size_t n, room;
};
void fit_cuts_fini(struct fit_cuts *cuts);
/* Notes the RRset if records were left out. If memory runs out, only this note is lost. */
void fit_end(const struct fit *fit, const char *owner, enum record_type type,
             struct fit_cuts *cuts);

#endif
