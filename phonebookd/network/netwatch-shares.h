/* Limits the processor time for dumps of each user's namespaces, and decides whose dump is next.
 * Pure.
 *
 * A user decides how expensive the dumps of his namespaces are, and by connecting, how often they
 * happen. So each dump's processor time, times NETWATCH_DUMP_SHARE, is charged to the namespace's
 * user. His next dump waits while he is more than NETWATCH_SHARE_BURST_MS ahead of the clock. In
 * the long run the dumps of one user take a fiftieth of the time, for any number of his namespaces
 * and connections. uid 0 is exempt.
 *
 * The time that a dump waits for the kernel is not charged, because its cause is unknown. But the
 * other users wait too meanwhile. So a user whose dump took long on the clock counts as slow for a
 * while, and comes after users who are not slow; among slow users, the one whose slow dump ended
 * first is next. Times are in ms on a clock that never goes back (uv_now()), unless noted
 * otherwise. */
#ifndef PHONEBOOKD_NETWATCH_SHARES_H
#define PHONEBOOKD_NETWATCH_SHARES_H

#include <stddef.h>
#include <stdint.h>

struct netwatch_share {
    uint32_t owner;
    uint64_t paid_until;
    uint64_t slow; /* when the last slow dump of the user ended; 0: there was none */
};

struct netwatch_shares {
    struct netwatch_share *shares; /* owned; of users who are or were ahead or slow */
    size_t n, room;
};

void netwatch_shares_init(struct netwatch_shares *shares);
void netwatch_shares_fini(struct netwatch_shares *shares);

/* When the user's next dump may begin; a past time, such as 0, means now. */
uint64_t netwatch_shares_due(const struct netwatch_shares *shares, uint32_t owner);

/* When the last slow dump of the user ended, or 0. */
uint64_t netwatch_shares_slow(const struct netwatch_shares *shares, uint32_t owner);

/* A dump ended. `cpu` and `time` are its processor time and its time on the clock, both in ns. If
 * memory runs out, the dump is not charged. */
void netwatch_shares_charge(struct netwatch_shares *shares, uint32_t owner, uint64_t cpu,
                            uint64_t time, uint64_t now);

#endif
