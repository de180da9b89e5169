/* The two netlink sockets of the watch: how they are set up, and how one datagram is taken from
 * them. */
#ifndef PHONEBOOKD_NETWATCH_SOCKET_H
#define PHONEBOOKD_NETWATCH_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Subscribed to links, addresses and nsids; never sent to. *hears_others is false where
 * CAP_NET_BROADCAST lacks: then it hears of its own namespace only. 0 or -errno. */
int netwatch_socket_events(int *fd, bool *hears_others);

/* For requests and dumps. -ENOPROTOOPT where the kernel lacks NETLINK_GET_STRICT_CHK. */
int netwatch_socket_requests(int *fd);

struct netwatch_datagram {
    size_t length;    /* octets in the buffer */
    bool from_kernel; /* else nothing of it may be looked at */
    bool cut;         /* it was longer than the buffer */
    bool any;         /* its namespace could not be learned */
    int32_t nsid;     /* the namespace that an event is about; NAMESPACE_OWN for ours */
};
/* Never blocks. 0 or -errno: -EAGAIN where there is none, -ENOBUFS where events were lost. */
int netwatch_socket_receive(int fd, void *buffer, size_t size, struct netwatch_datagram *datagram);

/* Deaf: the kernel drops whatever would be queued. */
int netwatch_socket_set_deaf(int fd, bool deaf);

/* Throws away what is queued, and an error that is due. */
void netwatch_socket_drain(int fd);

/* SO_NETNS_COOKIE of any socket. */
int netwatch_socket_cookie(int fd, uint64_t *cookie);

#endif
