#include "command-peers.h"

#include "../common/array.h"
#include "command-sockets.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/unix_diag.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 1 << 15 }; /* octets of a datagram: the kernel makes them as large as a page */

/* ---- asking ---- */

static int ask(int fd)
{
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } message = {
        .header = {.nlmsg_len = sizeof message,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = AF_UNIX,
                    .udiag_states = UINT32_MAX,
                    .udiag_show = UDIAG_SHOW_PEER},
    };
    return send(fd, &message, sizeof message, 0) < 0 ? -errno : 0;
}

/* False if memory ran out. A socket without a peer, such as a listening one, is left out. */
static bool add(struct peers *peers, const struct nlmsghdr *header)
{
    const struct unix_diag_msg *socket = NLMSG_DATA(header);
    int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *socket));
    for (const struct rtattr *attribute = (const struct rtattr *)(socket + 1);
         RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        uint32_t other;
        if (attribute->rta_type != UNIX_DIAG_PEER || RTA_PAYLOAD(attribute) < sizeof other)
            continue;
        memcpy(&other, RTA_DATA(attribute), sizeof other);
        if (!array_grow(&peers->all, &peers->room, peers->n + 1, sizeof *peers->all))
            return false;
        peers->all[peers->n++] = (struct peer){socket->udiag_ino, other};
    }
    return true;
}

/* 0 at the end of the dump, 1 if there is more, or -errno. */
static int take(struct peers *peers, const struct nlmsghdr *header, size_t length)
{
    for (int left = (int)length; NLMSG_OK(header, (unsigned)left);
         header = NLMSG_NEXT(header, left)) {
        if (header->nlmsg_type == NLMSG_DONE)
            return 0;
        if (header->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *error = NLMSG_DATA(header);
            return header->nlmsg_len < NLMSG_LENGTH(sizeof *error) ? -EPROTO : error->error;
        }
        if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg)))
            return -EPROTO;
        if (!add(peers, header))
            return -ENOMEM;
    }
    return 1;
}

static int read_answer(struct peers *peers, int fd)
{
    int result = 1;
    while (result == 1) {
        union {
            struct nlmsghdr header;
            char octets[ANSWER_MAX];
        } answer;
        ssize_t n = recv(fd, &answer, sizeof answer, 0);
        if (n < 0 && errno == EINTR)
            continue;
        result = n < 0 ? -errno : n == 0 ? -EPROTO : take(peers, &answer.header, (size_t)n);
    }
    return result;
}

int peers_read(struct peers *peers)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return -errno;
    int error = ask(fd);
    if (error == 0)
        error = read_answer(peers, fd);
    close(fd);
    return error;
}

/* ---- the answers ---- */

static int compare(const void *left, const void *right)
{
    const struct peer *a = left, *b = right;
    return (a->inode > b->inode) - (a->inode < b->inode);
}

void peers_sort(struct peers *peers)
{
    if (peers->n > 0)
        qsort(peers->all, peers->n, sizeof *peers->all, compare);
}

void peers_fini(struct peers *peers)
{
    free(peers->all);
}

ino_t peers_find(const struct peers *peers, ino_t inode)
{
    const struct peer wanted = {.inode = inode}, *found = NULL;
    if (peers->n > 0)
        found = bsearch(&wanted, peers->all, peers->n, sizeof *peers->all, compare);
    return found ? found->other : 0;
}

/* ---- namespaces ---- */

/* A copy of a descriptor of another process, or -errno. */
static int copy_descriptor(const struct socket_use *use)
{
    int process = pidfd_open(use->pid, 0);
    if (process < 0)
        return -errno;
    int copy = pidfd_getfd(process, use->fd, 0);
    int result = copy < 0 ? -errno : copy;
    close(process);
    return result;
}

int peers_enter(const struct socket_use *use)
{
    int copy = copy_descriptor(use);
    if (copy < 0)
        return copy;
    int namespace = ioctl(copy, SIOCGSKNS);
    int error = namespace < 0 || setns(namespace, CLONE_NEWNET) < 0 ? -errno : 0;
    if (namespace >= 0)
        close(namespace);
    close(copy);
    return error;
}
