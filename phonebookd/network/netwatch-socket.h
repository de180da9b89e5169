/* Creates the two netlink sockets, and receives single datagrams. */
#ifndef PHONEBOOKD_NETWATCH_SOCKET_H
#define PHONEBOOKD_NETWATCH_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A socket for events of links, addresses and nsids; nothing is sent on it. *hears_others becomes
 * false if CAP_NET_BROADCAST is missing: then only events of our own namespace arrive. 0 or
 * -errno. */
int netwatch_socket_events(int *fd, bool *hears_others);

/* A socket for requests and dumps. -ENOPROTOOPT: the kernel lacks NETLINK_GET_STRICT_CHK. */
int netwatch_socket_requests(int *fd);

struct netwatch_datagram {
    size_t length;    /* octets in the buffer */
    bool from_kernel; /* if false, the datagram must not be read */
    bool cut;         /* the datagram was longer than the buffer */
    bool any;         /* the namespace is unknown, so it may be any */
    int32_t nsid;     /* the namespace of the event; NAMESPACE_OWN: ours */
};
/* Never blocks. 0 or -errno: -EAGAIN: the queue is empty; -ENOBUFS: events were lost. */
int netwatch_socket_receive(int fd, void *buffer, size_t size, struct netwatch_datagram *datagram);

/* A deaf socket: the kernel drops everything instead of queueing it. */
int netwatch_socket_set_deaf(int fd, bool deaf);

/* Empties the queue, and clears a pending error. */
void netwatch_socket_drain(int fd);

/* The SO_NETNS_COOKIE of any socket. */
int netwatch_socket_cookie(int fd, uint64_t *cookie);

#endif
