/* Answers questions about links and addresses from one netlink socket.
 *
 * The kernel puts answers into the socket's queue while the request is sent and while the answer is
 * read. So an empty queue means that the answer is complete. */
#ifndef PHONEBOOKD_NETLINK_SOURCE_H
#define PHONEBOOKD_NETLINK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum netlink_kind {
    NETLINK_LINKS,     /* all links of a namespace */
    NETLINK_LINK,      /* one link */
    NETLINK_ADDRESSES, /* all addresses of a namespace */
    NETLINK_MORE,      /* the part that did not fit into the last answer */
};

struct netlink_question {
    enum netlink_kind kind;
    bool fresh; /* on a new socket: the last answer was not read to its end */
    uint32_t sequence;
    int32_t nsid; /* NAMESPACE_OWN: ours */
    int index;    /* for NETLINK_LINK */
};

struct netlink_answer {
    size_t length;        /* octets of messages in the buffer, also if there is an error */
    unsigned n_datagrams; /* number of datagrams with these messages */
    int error;            /* 0: there may be more; otherwise -errno: -EAGAIN: there is no more */
    uint64_t cpu;         /* nanoseconds of processor time, if another process answered; else 0 */
};

/* The kernel's datagrams have at most 32 KiB, or consist of one message: a link with the maximum of
 * alternative names (an attribute of 64 KiB). */
enum { NETLINK_DATAGRAM_MAX = 1 << 17, NETLINK_BUFFER_SIZE = 2 * NETLINK_DATAGRAM_MAX };

struct netlink_source {
    int fd;       /* -1: not open */
    void *buffer; /* NETLINK_BUFFER_SIZE octets, not owned */
};

/* Opens the socket. 0 or -errno; -ENOPROTOOPT: the kernel lacks NETLINK_GET_STRICT_CHK. */
int netlink_source_open(struct netlink_source *source, void *buffer);
/* The next request opens a new socket. */
void netlink_source_close(struct netlink_source *source);

/* Asks the kernel and reads as much of the answer as there is, and as the buffer holds. After an
 * error other than -EAGAIN, the socket is closed. */
void netlink_source_answer(struct netlink_source *source, const struct netlink_question *question,
                           struct netlink_answer *answer);
/* The same for a request of rtnl.h. */
void netlink_source_request(struct netlink_source *source, const uint8_t *request, size_t length,
                            struct netlink_answer *answer);

#endif
