/* What the watch asks the kernel, one question at a time, each answered before the call returns.
 *
 * The kernel fills the socket's queue while the request is sent and while an answer is taken: an
 * answer that is not there then is a failure. After any failure the socket is closed, with whatever
 * may still be queued on it, and the next question opens a new one.
 *
 * Questions about links wait for the kernel's RTNL lock, which any user can keep busy for long
 * (rtnl_lock(), in sendmsg() and recvmsg(), MSG_DONTWAIT or not): they are for a thread that may
 * wait. Those about numbers do not take it (RTNL_FLAG_DOIT_UNLOCKED), and are for the loop. */
#ifndef PHONEBOOKD_NETWATCH_REQUESTS_H
#define PHONEBOOKD_NETWATCH_REQUESTS_H

#include "../state/interfaces.h"

#include <stdint.h>

struct netwatch_requests {
    int fd; /* -1: to be opened */
    uint32_t sequence;
    void *buffer; /* owned */
    /* For a dump that has more than NETWATCH_DUMP_PARTS_FREE parts, since a small one must succeed
     * even while the kernel is slow; set by the caller after init; 0: none. */
    unsigned limit_ms;
    uint64_t deadline; /* of the dump that runs, on uv_hrtime()'s clock; 0: none */
};

/* 0 or -errno; -ENOPROTOOPT where the kernel lacks NETLINK_GET_STRICT_CHK. */
int netwatch_requests_init(struct netwatch_requests *requests);
void netwatch_requests_fini(struct netwatch_requests *requests);

/* The links and addresses of the namespace, as a finished snapshot that is the caller's to give on
 * or to release. 0, or -errno with nothing to release: -EINTR where they changed during each of
 * NETWATCH_DUMP_TRIES dumps, -E2BIG where they are more than we keep, -ETIMEDOUT after `limit_ms`,
 * -EOVERFLOW where the kernel left out more than NETWATCH_LINKS_ASKED_MAX links that have
 * addresses.
 *
 * The kernel ends the dump of the links of another namespace than ours, as if that were all, before
 * the first one that has more alternative names than a part has room for (rtnl_calcit() computes
 * that room from our own links). So each link that has an address and was not told of is asked for
 * by its index. One without an address is not found then; it shows nothing either. */
int netwatch_requests_dump(struct netwatch_requests *requests, int32_t nsid,
                           struct snapshot *snapshot);

/* Gives the namespace the number `wanted`; where it has one already, that goes to *nsid. 0 or
 * -errno; -EEXIST where another namespace has `wanted`. */
int netwatch_requests_number(struct netwatch_requests *requests, int namespace_fd, int32_t wanted,
                             int32_t *nsid);

#endif
