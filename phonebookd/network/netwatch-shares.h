/* How much processor time the dumps of one user's namespaces may take, and who goes first. Pure.
 *
 * Whoever makes a namespace decides how much a dump of it costs, and by connecting how often it is
 * due. So each dump's processor time is charged to the user whose namespace it is,
 * NETWATCH_DUMP_SHARE times over, and is not due while that user is more than
 * NETWATCH_SHARE_BURST_MS ahead of the clock: a user's dumps take a fiftieth of the time in the
 * long run, however many namespaces and connections there are. uid 0 is exempt.
 *
 * How long a dump waits for the kernel is nobody's fault that could be told, and is not charged;
 * but while it waits the others do. So a user whose dump took long by the clock is slow for a
 * while, and goes behind those who are not; of slow ones, whose slow dump is the longest ago goes
 * first. Times are milliseconds on any clock that does not go back (uv_now()), unless they say
 * otherwise. */
#ifndef PHONEBOOKD_NETWATCH_SHARES_H
#define PHONEBOOKD_NETWATCH_SHARES_H

#include <stddef.h>
#include <stdint.h>

struct netwatch_share {
    uint32_t owner;
    uint64_t paid_until;
    uint64_t slow; /* when a slow dump of the user ended last; 0: none did */
};

struct netwatch_shares {
    struct netwatch_share *shares; /* owned; of users who are or were ahead or slow */
    size_t n, room;
};

void netwatch_shares_init(struct netwatch_shares *shares);
void netwatch_shares_fini(struct netwatch_shares *shares);

/* When the user's next dump is due; a time that is past, 0 perhaps, where it is due now. */
uint64_t netwatch_shares_due(const struct netwatch_shares *shares, uint32_t owner);

/* 0, or when a slow dump of the user ended last. */
uint64_t netwatch_shares_slow(const struct netwatch_shares *shares, uint32_t owner);

/* A dump ended that took so many nanoseconds of the processor, and so many by the clock. Where
 * memory ran out it is not charged. */
void netwatch_shares_charge(struct netwatch_shares *shares, uint32_t owner, uint64_t cpu,
                            uint64_t time, uint64_t now);

#endif
