/* The addresses of a listing: those of every interface on which it is claimed, each interface once;
 * and, if its zone shows none of these, those of its remnants. Pure.
 *
 * At most listing::allowed addresses are collected (budgets.h): the first ones, sorted by
 * namespace, link and address. Each claim notes where its addresses are in the list: `n` of them
 * from index `first` on; `left_out` more were not collected. Claims on the same link have the same
 * ones. */
#ifndef PHONEBOOKD_LISTING_ADDRESSES_H
#define PHONEBOOKD_LISTING_ADDRESSES_H

#include "registry.h"

/* A list of addresses, whose memory is reused. */
struct listing_addresses {
    struct address *addresses; /* owned */
    size_t n, room;
    size_t n_claimed; /* addresses of claims; they come first */
    bool lingering;   /* the zone shows no address of the claims; those of the remnants follow */
    size_t left_out;  /* addresses of all claims that were not collected */
    struct sources sources; /* its content is not kept between calls */
};

void listing_addresses_fini(struct listing_addresses *found);

/* Replaces the list by the listing's addresses: those of its claims, link by link, and, if its zone
 * shows none of them, those of its remnants. False if memory ran out. */
bool listing_addresses_find(struct listing_addresses *found, struct listing *listing);

/* Notes in each claim its zone's verdict on the addresses that were just found: claim::foremost and
 * `awaits`. Many claims on one link cost as much as one. */
void listing_addresses_judge(const struct listing_addresses *found, const struct listing *listing);

/* The TTL of the listing's records, either of its claims or of its remnants. All records of an
 * RRset must have the same TTL (RFC 2181, 5.2), so it is the least that a holder asked for, within
 * the zone's limits. */
uint32_t listing_ttl(const struct listing *listing, bool lingering);
/* The families that any of them asked for (a set of zone_family): the zone's gateways of these are
 * shown. */
unsigned listing_families(const struct listing *listing, bool lingering);

#endif
