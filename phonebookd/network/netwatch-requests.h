/* Requests to the kernel, one at a time; each call returns with the answer.
 *
 * The kernel puts answers into the socket's queue while the request is sent and while the answer is
 * read. So if the queue is empty before the answer is complete, the request has failed. After any
 * failure the socket is closed with everything that is still in its queue, and the next request
 * opens a new one.
 *
 * Requests about links wait for the kernel's RTNL lock, which any user can keep busy (rtnl_lock(),
 * in sendmsg() and recvmsg(), even with MSG_DONTWAIT). They are for a thread that may wait.
 * Requests about nsids do not take the lock (RTNL_FLAG_DOIT_UNLOCKED), and are for the loop. */
#ifndef PHONEBOOKD_NETWATCH_REQUESTS_H
#define PHONEBOOKD_NETWATCH_REQUESTS_H

#include "../state/interfaces.h"

#include <stdint.h>

struct netwatch_requests {
    int fd; /* -1: not open */
    uint32_t sequence;
    void *buffer; /* owned */
    /* Time limit of a dump; 0: none. Set by the caller after init. The first
     * NETWATCH_DUMP_PARTS_FREE parts are exempt, so that a small dump succeeds even if the kernel
     * is slow. */
    unsigned limit_ms;
    uint64_t deadline; /* of the running dump, on uv_hrtime()'s clock; 0: none */
};

/* 0 or -errno; -ENOPROTOOPT: the kernel lacks NETLINK_GET_STRICT_CHK. */
int netwatch_requests_init(struct netwatch_requests *requests);
void netwatch_requests_fini(struct netwatch_requests *requests);

/* Reads the links and addresses of a namespace into a finished snapshot, which the caller passes on
 * or releases. 0, or -errno with nothing to release: -EINTR: they changed during each of
 * NETWATCH_DUMP_TRIES dumps; -E2BIG: more than we keep; -ETIMEDOUT: it took more than `limit_ms`;
 * -EOVERFLOW: the kernel left out more than NETWATCH_LINKS_ASKED_MAX links that have addresses.
 *
 * In another namespace than ours, the kernel ends a dump of links early, without an error, before
 * the first link that has more alternative names than fit into one part (rtnl_calcit() computes the
 * size of a part from our own links). So we ask for each link that has an address and was not in
 * the dump, by its index. Links without an address are not found then, which does not matter
 * because they have nothing to show. */
int netwatch_requests_dump(struct netwatch_requests *requests, int32_t nsid,
                           struct snapshot *snapshot);

/* Gives the namespace the nsid `wanted`; if it has one already, *nsid becomes that. 0 or -errno;
 * -EEXIST: `wanted` belongs to another namespace. */
int netwatch_requests_number(struct netwatch_requests *requests, int namespace_fd, int32_t wanted,
                             int32_t *nsid);

#endif
