/* Which records of an RRset fit a reply over UDP: 512 octets (RFC 1035, 4.2.1), since neither
 * tinydns nor shibari speaks EDNS. Pure.
 *
 * shibari's longer replies are broken, and tinydns' are cut off, for the resolver to ask over TCP,
 * where mostly nobody listens. So what does not fit is left out: the first records in the set's
 * order stay, whatever comes or goes behind them.
 *
 * Each record begins with its owner, as a pointer to the question. tinydns points at names of up to
 * 128 octets alone (djbdns: response.c) and writes out the labels before such a one: a longer owner
 * takes its toll. For a wildcard, a question of 128 octets is allowed for. Names in the data are
 * counted as if no server compressed them. */
#ifndef ZONES_FIT_H
#define ZONES_FIT_H

#include "name.h"
#include "record.h"

enum {
    FIT_REPLY_MAX = 512,
    FIT_RECORDS_MAX = 31, /* no reply has more: so many A records, and a name of one octet */
};

/* One RRset on its way into a reply. */
struct fit {
    size_t used;       /* octets of the reply */
    size_t per_record; /* and of each record, without its data */
    size_t kept, all;
};
void fit_begin(struct fit *fit, const char *owner);
/* One record more, with data of so many octets. False where it has no room; then none after it
 * has. */
bool fit_take(struct fit *fit, size_t data_length);

/* How many records fit whose data all has this length. */
size_t fit_room(const char *owner, size_t data_length);

/* RRsets that were cut. */
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
/* Notes the RRset if it was cut; a lack of memory loses no more than this note. */
void fit_end(const struct fit *fit, const char *owner, enum record_type type,
             struct fit_cuts *cuts);
/* By owner and type, for fit_cuts_find(). */
void fit_cuts_sort(struct fit_cuts *cuts);
/* Is this RRset among them? They must be sorted: it takes as many steps as the logarithm of n. */
bool fit_cuts_find(const struct fit_cuts *cuts, const char *owner, enum record_type type);

#endif
