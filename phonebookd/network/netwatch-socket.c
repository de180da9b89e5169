#include "netwatch-socket.h"

#include "../limits.h"
#include "../state/interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL_SIZE = 64 };

static int set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

static int open_bound(int *fd)
{
    int opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (opened < 0)
        return -errno;
    struct sockaddr_nl any_port = {.nl_family = AF_NETLINK};
    if (bind(opened, (struct sockaddr *)&any_port, sizeof any_port) < 0) {
        int error = -errno;
        close(opened);
        return error;
    }
    *fd = opened;
    return 0;
}

static int attach(int fd, struct sock_filter *code, unsigned short length)
{
    struct sock_fprog program = {.len = length, .filter = code};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
        return -errno;
    return 0;
}

/* The kernel runs this filter before it queues a message, so unwanted messages do not fill the
 * buffer. The filter loads in network byte order, and nlmsg_type is in host byte order: hence
 * htons(). */
static int attach_types(int fd)
{
#define PASS(type, to) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(type), to, 0)
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
        PASS(RTM_NEWADDR, 6),
        PASS(RTM_DELADDR, 5),
        PASS(RTM_NEWLINK, 4),
        PASS(RTM_DELLINK, 3),
        PASS(RTM_NEWNSID, 2),
        PASS(RTM_DELNSID, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
#undef PASS
    return attach(fd, code, sizeof code / sizeof code[0]);
}

static int attach_nothing(int fd)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    return attach(fd, code, 1);
}

int netwatch_socket_set_deaf(int fd, bool deaf)
{
    return deaf ? attach_nothing(fd) : attach_types(fd);
}

/* LISTEN_ALL_NSID is set before the groups, so that no event of another namespace is missed between
 * them. SO_RCVBUFFORCE may exceed net.core.rmem_max, and needs CAP_NET_ADMIN. */
static int subscribe(int fd, bool *hears_others)
{
    static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                 RTNLGRP_NSID};
    int error = attach_types(fd);
    if (error)
        return error;
    if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, NETWATCH_RECEIVE_BUFFER) < 0)
        set_option(fd, SOL_SOCKET, SO_RCVBUF, NETWATCH_RECEIVE_BUFFER);
    error = set_option(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1);
    if (error && error != -EPERM)
        return error;
    *hears_others = !error;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        error = set_option(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups[i]);
        if (error)
            return error;
    }
    return 0;
}

int netwatch_socket_events(int *fd, bool *hears_others)
{
    int error = open_bound(fd);
    if (error)
        return error;
    error = subscribe(*fd, hears_others);
    if (error)
        close(*fd);
    return error;
}

/* Without the strict check, the kernel ignores IFA_TARGET_NETNSID, and returns the addresses of our
 * own namespace instead of those of the requested one. */
int netwatch_socket_requests(int *fd)
{
    int error = open_bound(fd);
    if (error)
        return error;
    error = set_option(*fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    if (error)
        close(*fd);
    return error;
}

/* The kernel adds the nsid if the event is of another namespace than the socket's. */
static void read_nsid(struct msghdr *message, struct netwatch_datagram *datagram)
{
    datagram->nsid = NAMESPACE_OWN;
    datagram->any = message->msg_flags & MSG_CTRUNC;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_NETLINK && part->cmsg_type == NETLINK_LISTEN_ALL_NSID &&
            part->cmsg_len == CMSG_LEN(sizeof datagram->nsid))
            memcpy(&datagram->nsid, CMSG_DATA(part), sizeof datagram->nsid);
    }
}

/* Any user can send to the groups of a namespace of their own, and thereby to a socket that listens
 * to all namespaces. The kernel is the sender with port 0 in the socket address; nlmsg_pid may be
 * forged. */
int netwatch_socket_receive(int fd, void *buffer, size_t size, struct netwatch_datagram *datagram)
{
    _Alignas(struct cmsghdr) char control[CONTROL_SIZE];
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct sockaddr_nl sender = {0};
    struct msghdr message = {
        .msg_name = &sender,
        .msg_namelen = sizeof sender,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    ssize_t length;
    do {
        length = recvmsg(fd, &message, MSG_DONTWAIT);
    } while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;

    memset(datagram, 0, sizeof *datagram);
    datagram->from_kernel = message.msg_namelen == sizeof sender &&
                            sender.nl_family == AF_NETLINK && sender.nl_pid == 0;
    if (!datagram->from_kernel)
        return 0;
    datagram->length = (size_t)length;
    datagram->cut = message.msg_flags & MSG_TRUNC;
    read_nsid(&message, datagram);
    return 0;
}

void netwatch_socket_drain(int fd)
{
    for (int i = 0; i < NETWATCH_DRAIN_MAX; i++) {
        if (recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) < 0 && errno != ENOBUFS && errno != EINTR)
            return;
    }
}

int netwatch_socket_cookie(int fd, uint64_t *cookie)
{
    socklen_t length = sizeof *cookie;
    return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length) < 0 ? -errno : 0;
}
