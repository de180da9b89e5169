/* Dumps of namespaces, one at a time; each call returns with the result.
 *
 * The kernel is asked by the calling thread (netlink-source.h), or by a process that has the
 * capability for it (namespace-reader.h). After any failure the rest of the answer is dropped
 * together with its socket.
 *
 * Requests about links wait for the kernel's RTNL lock, which any user can keep busy (rtnl_lock(),
 * in sendmsg() and recvmsg(), even with MSG_DONTWAIT). They are for a thread that may wait. */
#ifndef PHONEBOOKD_NETWATCH_REQUESTS_H
#define PHONEBOOKD_NETWATCH_REQUESTS_H

#include "../state/interfaces.h"
#include "namespace-reader.h"
#include "netlink-source.h"

#include <stdbool.h>
#include <stdint.h>

struct netwatch_requests {
    struct namespace_reader *reader; /* NULL: we ask the kernel ourselves, with `source` */
    struct netlink_source source;
    void *buffer; /* for answers; owned, or the reader's */
    bool fresh;   /* the next question needs a new socket */
    uint32_t sequence;
    uint64_t cpu; /* nanoseconds of processor time that the reader has used for us */
    /* Time limit of a dump; 0: none. Set by the caller after init. The first
     * NETWATCH_DUMP_PARTS_FREE datagrams are exempt, so that a small dump succeeds even if the
     * kernel is slow. */
    unsigned limit_ms;
    uint64_t deadline; /* of the running dump, on uv_hrtime()'s clock; 0: none */
};

/* 0 or -errno; -ENOPROTOOPT: the kernel lacks NETLINK_GET_STRICT_CHK. */
int netwatch_requests_init(struct netwatch_requests *requests, struct namespace_reader *reader);
/* Ends a dump that another thread waits for, and all later ones: they fail with -EPIPE. False: the
 * thread waits for the kernel and cannot be interrupted. */
bool netwatch_requests_interrupt(struct netwatch_requests *requests);
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

#endif
