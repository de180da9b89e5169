#include "kernel-tap.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct kernel_tap kernel_tap;
static _Thread_local uint16_t asked; /* the type of the last request */
static atomic_int dump_fd;           /* on which addresses were requested last */

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    if (kernel_tap.refuse_strict_check && level == SOL_NETLINK && name == NETLINK_GET_STRICT_CHK) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (kernel_tap.receive_buffer && level == SOL_SOCKET && name == SO_RCVBUFFORCE)
        value = &kernel_tap.receive_buffer;
    return (int)syscall(SYS_setsockopt, fd, level, name, value, length);
}

static bool is_netlink(int fd)
{
    struct sockaddr_nl name = {0};
    socklen_t length = sizeof name;
    return getsockname(fd, (struct sockaddr *)&name, &length) == 0 && name.nl_family == AF_NETLINK;
}

static bool is_subscribed(int fd)
{
    uint32_t groups[4] = {0};
    socklen_t length = sizeof groups;
    getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, groups, &length);
    return groups[0] || groups[1];
}

int kernel_tap_events_fd(void)
{
    for (int fd = 3; fd < 64; fd++) {
        if (is_netlink(fd) && is_subscribed(fd))
            return fd;
    }
    return -1;
}

uint64_t kernel_tap_requests_inode(void)
{
    struct stat status;
    return dump_fd > 0 && fstat(dump_fd, &status) == 0 ? status.st_ino : 0;
}

unsigned long kernel_tap_drops(int fd)
{
    FILE *table = fopen("/proc/self/net/netlink", "re");
    struct stat status;
    if (!table || fstat(fd, &status) < 0)
        return 0;
    unsigned long drops = 0;
    char line[256];
    while (fgets(line, sizeof line, table)) {
        unsigned long found;
        unsigned long inode;
        if (sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &found, &inode) == 2 &&
            inode == status.st_ino)
            drops = found;
    }
    fclose(table);
    return drops;
}

/* The number of a namespace is the last attribute of each request that has one. */
static void redirect(struct nlmsghdr *request)
{
    int32_t *nsid = (int32_t *)(void *)((char *)request + request->nlmsg_len - sizeof *nsid);
    if (request->nlmsg_type == RTM_NEWNSID && kernel_tap.n_taken) {
        kernel_tap.n_taken--;
        *nsid = kernel_tap.taken;
    }
    if (kernel_tap.instead_of[1] && *nsid == kernel_tap.instead_of[0])
        *nsid = kernel_tap.instead_of[1];
}

static bool is_held(int32_t nsid)
{
    int32_t hold = kernel_tap.hold;
    return hold == KERNEL_TAP_HOLD_ALL || hold == nsid;
}

/* Waits, as the kernel would for its lock. */
static void wait_while_held(const struct nlmsghdr *request)
{
    int32_t nsid = KERNEL_TAP_HOLD_OWN;
    if (request->nlmsg_len > NLMSG_SPACE(sizeof(struct ifinfomsg)) + NLA_HDRLEN + 4)
        memcpy(&nsid, (const char *)request + request->nlmsg_len - sizeof nsid, sizeof nsid);
    kernel_tap.n_held++;
    while (is_held(nsid))
        usleep(1000);
    kernel_tap.n_held--;
}

static uint64_t thread_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

static void burn(void)
{
    uint64_t end = thread_ms() + atomic_exchange(&kernel_tap.burn_ms, 0);
    while (thread_ms() < end)
        ;
}

static void call_once(void (*_Atomic *function)(void *context))
{
    void (*call)(void *context) = atomic_exchange(function, NULL);
    if (call)
        call(kernel_tap.context);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    _Alignas(struct nlmsghdr) char copy[1024];
    if (length >= sizeof(struct nlmsghdr) && length <= sizeof copy && is_netlink(fd)) {
        struct nlmsghdr *request = (struct nlmsghdr *)(void *)copy;
        memcpy(copy, bytes, length);
        bytes = copy;
        if (request->nlmsg_type == RTM_GETLINK && request->nlmsg_flags & NLM_F_DUMP) {
            wait_while_held(request);
            burn();
            call_once(&kernel_tap.before_dump);
        } else if (request->nlmsg_type == RTM_GETLINK) {
            kernel_tap.n_asked++;
        }
        if (request->nlmsg_type == RTM_GETADDR)
            dump_fd = fd;
        asked = request->nlmsg_type;
        kernel_tap.n_dumps += request->nlmsg_type == RTM_GETADDR;
        redirect(request);
    }
    return syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
}

static ssize_t play_event(struct msghdr *message)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct cmsghdr *part = message->msg_control;
    size_t length = kernel_tap.event_length;
    memcpy(message->msg_name, &kernel, sizeof kernel);
    message->msg_namelen = sizeof kernel;
    memcpy(message->msg_iov[0].iov_base, kernel_tap.event, length);
    message->msg_flags = kernel_tap.event_flags;
    message->msg_controllen = kernel_tap.event_nsid < 0 ? 0 : CMSG_SPACE(sizeof(int32_t));
    if (kernel_tap.event_nsid >= 0) {
        part->cmsg_level = SOL_NETLINK;
        part->cmsg_type = NETLINK_LISTEN_ALL_NSID;
        part->cmsg_len = CMSG_LEN(sizeof(int32_t));
        memcpy(CMSG_DATA(part), &kernel_tap.event_nsid, sizeof(int32_t));
    }
    kernel_tap.event = NULL;
    return (ssize_t)length;
}

/* Changes the kernel's answer according to the faults. */
static void spoil(char *bytes, size_t length)
{
    for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
        struct nlmsghdr *header = (struct nlmsghdr *)(void *)(bytes + at);
        int *error = (int *)(void *)(bytes + at + NLMSG_HDRLEN);
        if (header->nlmsg_type == NLMSG_DONE && asked == RTM_GETLINK && kernel_tap.interrupt) {
            kernel_tap.interrupt--;
            header->nlmsg_flags |= NLM_F_DUMP_INTR;
        }
        if (header->nlmsg_type == NLMSG_DONE && kernel_tap.done_error) {
            *error = kernel_tap.done_error;
            kernel_tap.done_error = 0;
        }
        if (header->nlmsg_type == NLMSG_DONE && asked == RTM_GETADDR)
            call_once(&kernel_tap.after_dump);
        at += NLMSG_ALIGN(header->nlmsg_len);
    }
}

static int take_error(void)
{
    int error = atomic_exchange(&kernel_tap.receive_error, 0);
    return atomic_exchange(&kernel_tap.silence, false) ? EAGAIN : error;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    bool netlink = message->msg_namelen == sizeof(struct sockaddr_nl) && is_netlink(fd);
    bool events = netlink && is_subscribed(fd);
    if (events && kernel_tap.event)
        return play_event(message);
    if (netlink && !events) {
        int error = take_error();
        if (error) {
            errno = error;
            return -1;
        }
    }
    ssize_t length = syscall(SYS_recvmsg, fd, message, flags);
    if (netlink && !events && length > 0)
        spoil(message->msg_iov[0].iov_base, (size_t)length);
    return length;
}
