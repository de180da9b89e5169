#include "netwatch-shares.h"

#include "../../common/array.h"
#include "../limits.h"

#include <stdbool.h>
#include <stdlib.h>

enum { NANOSECONDS_PER_MS = 1000000 };

void netwatch_shares_init(struct netwatch_shares *shares)
{
    *shares = (struct netwatch_shares){.shares = NULL};
}

void netwatch_shares_fini(struct netwatch_shares *shares)
{
    free(shares->shares);
    netwatch_shares_init(shares);
}

static struct netwatch_share *find(const struct netwatch_shares *shares, uint32_t owner)
{
    for (size_t i = 0; i < shares->n; i++)
        if (shares->shares[i].owner == owner)
            return &shares->shares[i];
    return NULL;
}

uint64_t netwatch_shares_due(const struct netwatch_shares *shares, uint32_t owner)
{
    const struct netwatch_share *share = find(shares, owner);
    return share && share->paid_until > NETWATCH_SHARE_BURST_MS
               ? share->paid_until - NETWATCH_SHARE_BURST_MS
               : 0;
}

uint64_t netwatch_shares_slow(const struct netwatch_shares *shares, uint32_t owner)
{
    const struct netwatch_share *share = find(shares, owner);
    return share ? share->slow : 0;
}

/* Forgets users who are neither ahead of the clock nor slow any more. */
static void forget_past(struct netwatch_shares *shares, uint64_t now)
{
    size_t n = 0;
    for (size_t i = 0; i < shares->n; i++) {
        struct netwatch_share *share = &shares->shares[i];
        if (share->slow && share->slow + NETWATCH_DUMP_SLOW_MEMORY_MS <= now)
            share->slow = 0;
        if (share->paid_until > now || share->slow)
            shares->shares[n++] = *share;
    }
    shares->n = n;
}

static struct netwatch_share *find_or_add(struct netwatch_shares *shares, uint32_t owner)
{
    struct netwatch_share *share = find(shares, owner);
    if (share)
        return share;
    if (!array_grow(&shares->shares, &shares->room, shares->n + 1, sizeof *shares->shares))
        return NULL;
    shares->shares[shares->n] = (struct netwatch_share){.owner = owner};
    return &shares->shares[shares->n++];
}

void netwatch_shares_charge(struct netwatch_shares *shares, uint32_t owner, uint64_t cpu,
                            uint64_t time, uint64_t now)
{
    uint64_t milliseconds = owner == 0 ? 0 : cpu * NETWATCH_DUMP_SHARE / NANOSECONDS_PER_MS;
    bool slow = time >= (uint64_t)NETWATCH_DUMP_SLOW_MS * NANOSECONDS_PER_MS;
    forget_past(shares, now);
    if (milliseconds == 0 && !slow)
        return;
    struct netwatch_share *share = find_or_add(shares, owner);
    if (!share)
        return;
    if (share->paid_until < now)
        share->paid_until = now;
    share->paid_until += milliseconds;
    if (slow)
        share->slow = now;
}
