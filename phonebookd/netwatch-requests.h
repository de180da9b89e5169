/* What the watch asks the kernel, one question at a time, each answered before the call returns.
 *
 * The kernel fills the socket's queue while the request is sent and while an answer is taken, so
 * nothing ever waits: an answer that is not there is a failure. After any failure the socket is
 * closed, with whatever may still be queued on it, and the next question opens a new one. */
#ifndef PHONEBOOKD_NETWATCH_REQUESTS_H
#define PHONEBOOKD_NETWATCH_REQUESTS_H

#include "interfaces.h"

#include <stdint.h>

struct netwatch_requests {
    int fd; /* -1: to be opened */
    uint32_t sequence;
    void *buffer; /* owned */
};

/* 0 or -errno; -ENOPROTOOPT where the kernel lacks NETLINK_GET_STRICT_CHK. */
int netwatch_requests_init(struct netwatch_requests *requests);
void netwatch_requests_fini(struct netwatch_requests *requests);

/* The links and addresses of the namespace, as a finished snapshot that is the caller's to give on
 * or to release. 0, or -errno with nothing to release: -EINTR where they changed during each of
 * NETWATCH_DUMP_TRIES dumps, -E2BIG where they are more than we keep. */
int netwatch_requests_dump(struct netwatch_requests *requests, int32_t nsid,
                           struct snapshot *snapshot);

/* Gives the namespace the number `wanted`; where it has one already, that goes to *nsid. 0 or
 * -errno; -EEXIST where another namespace has `wanted`. */
int netwatch_requests_number(struct netwatch_requests *requests, int namespace_fd, int32_t wanted,
                             int32_t *nsid);

#endif
