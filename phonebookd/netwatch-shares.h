/* How much of the loop's time the dumps of one user's namespaces may take. Pure.
 *
 * Whoever makes a namespace decides how long its dump takes, and by connecting how often it is due.
 * So each dump is charged to the user whose namespace it is, NETWATCH_DUMP_SHARE times over, and is
 * not due while that user is more than NETWATCH_SHARE_BURST_MS ahead of the clock: a user's dumps
 * take a fiftieth of the time in the long run, however many namespaces and connections there are.
 * uid 0 is exempt. Times are milliseconds on any clock that does not go back (uv_now()). */
#ifndef PHONEBOOKD_NETWATCH_SHARES_H
#define PHONEBOOKD_NETWATCH_SHARES_H

#include <stddef.h>
#include <stdint.h>

struct netwatch_share {
    uint32_t uid;
    uint64_t paid_until;
};

struct netwatch_shares {
    struct netwatch_share
        *shares; /* owned; of users who are ahead of the clock, and some who were */
    size_t n, room;
};

void netwatch_shares_init(struct netwatch_shares *shares);
void netwatch_shares_fini(struct netwatch_shares *shares);

/* When the user's next dump is due; a time that is past, 0 perhaps, where it is due now. */
uint64_t netwatch_shares_due(const struct netwatch_shares *shares, uint32_t uid);

/* A dump took so long. Where memory ran out it is not charged. */
void netwatch_shares_charge(struct netwatch_shares *shares, uint32_t uid, uint64_t nanoseconds,
                            uint64_t now);

#endif
