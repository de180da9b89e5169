/* What a listing's holders have between them: every address of every interface that it is claimed
 * on, before any zone's rule. Pure. */
#ifndef PHONEBOOKD_GATHER_H
#define PHONEBOOKD_GATHER_H

#include "registry.h"

/* A list of addresses that is used again and again. */
struct gathering {
    struct address *addresses; /* owned */
    size_t n, room;
};

void gathering_fini(struct gathering *gathering);

/* Replaces the list by the listing's addresses: those of its claims, one after the other, or where
 * none of them has any those of its remnants. False where memory ran out. */
bool gather(struct gathering *gathering, const struct listing *listing);

/* The ttl of the listing's records: an RRset has one (RFC 2181, 5.2), so the least that its holders
 * asked for, within the zone's limits. */
uint32_t gather_ttl(const struct listing *listing);

#endif
