/* What a listing's holders have between them: every address of every interface that it is claimed
 * on, and while its zone would show none of these, what lingers. Pure. */
#ifndef PHONEBOOKD_GATHER_H
#define PHONEBOOKD_GATHER_H

#include "registry.h"

/* A list of addresses that is used again and again. */
struct gathering {
    struct address *addresses; /* owned */
    size_t n, room;
    bool lingering; /* none of the claims' is to be shown, and those of the remnants follow them */
};

void gathering_fini(struct gathering *gathering);

/* Replaces the list by the listing's addresses: those of its claims, one after the other, and where
 * its zone shows none of them, those of its remnants. False where memory ran out. */
bool gather(struct gathering *gathering, const struct listing *listing);

/* The ttl of the listing's records, those that linger or those of its claims: an RRset has one
 * (RFC 2181, 5.2), so the least that the holders asked for, within the zone's limits. */
uint32_t gather_ttl(const struct listing *listing, bool lingering);

#endif
