/* What a listing's holders have between them: the addresses of every interface that it is claimed
 * on, each interface's once, and while its zone would show none of these, what lingers. Pure.
 *
 * At most listing::allowed, which the last collection has set (budgets.h): the first, in the order
 * of namespaces, links and addresses. Where each claim's are, is left in the claim: `n` of them,
 * from `first` on, and `left_out` more that are not looked at. Claims on one link have the same. */
#ifndef PHONEBOOKD_LISTING_ADDRESSES_H
#define PHONEBOOKD_LISTING_ADDRESSES_H

#include "registry.h"

/* A list of addresses that is used again and again. */
struct listing_addresses {
    struct address *addresses; /* owned */
    size_t n, room;
    size_t n_claimed; /* those of claims, which come first */
    bool lingering;  /* none of the claims' is to be shown, and those of the remnants follow them */
    size_t left_out; /* of all claims */
    struct sources sources; /* between calls only memory */
};

void listing_addresses_fini(struct listing_addresses *found);

/* Replaces the list by the listing's addresses: those of its claims, link after link, and where its
 * zone shows none of them, those of its remnants. False where memory ran out. */
bool listing_addresses_find(struct listing_addresses *found, struct listing *listing);

/* The ttl of the listing's records, those that linger or those of its claims: an RRset has one
 * (RFC 2181, 5.2), so the least that the holders asked for, within the zone's limits. */
uint32_t listing_ttl(const struct listing *listing, bool lingering);

#endif
