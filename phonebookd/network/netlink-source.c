#include "netlink-source.h"

#include "netwatch-socket.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

int netlink_source_open(struct netlink_source *source, void *buffer)
{
    *source = (struct netlink_source){.fd = -1, .buffer = buffer};
    return netwatch_socket_requests(&source->fd);
}

void netlink_source_close(struct netlink_source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
}

static int send_request(struct netlink_source *source, const uint8_t *request, size_t length)
{
    int error = source->fd < 0 ? netwatch_socket_requests(&source->fd) : 0;
    if (!error && send(source->fd, request, length, MSG_DONTWAIT) < 0)
        error = -errno;
    return error;
}

/* Appends the next datagram to the answer. */
static int read_datagram(const struct netlink_source *source, struct netlink_answer *answer)
{
    struct netwatch_datagram datagram;
    int error = netwatch_socket_receive(source->fd, (uint8_t *)source->buffer + answer->length,
                                        NETLINK_DATAGRAM_MAX, &datagram);
    if (error || !datagram.from_kernel)
        return error;
    if (datagram.cut)
        return -EMSGSIZE;
    answer->length += NLMSG_ALIGN(datagram.length);
    answer->n_datagrams++;
    return 0;
}

/* Reads while the buffer has room for another datagram. */
static void read_answer(struct netlink_source *source, struct netlink_answer *answer)
{
    while (!answer->error && answer->length <= NETLINK_BUFFER_SIZE - NETLINK_DATAGRAM_MAX)
        answer->error = read_datagram(source, answer);
    if (answer->error && answer->error != -EAGAIN)
        netlink_source_close(source);
}

void netlink_source_request(struct netlink_source *source, const uint8_t *request, size_t length,
                            struct netlink_answer *answer)
{
    *answer = (struct netlink_answer){.error = send_request(source, request, length)};
    read_answer(source, answer);
}

void netlink_source_answer(struct netlink_source *source, const struct netlink_question *question,
                           struct netlink_answer *answer)
{
    if (question->fresh)
        netlink_source_close(source);
    uint8_t request[RTNL_REQUEST_MAX];
    size_t length;
    switch (question->kind) {
    case NETLINK_LINKS:
        length = rtnl_request_links(request, question->sequence, question->nsid);
        break;
    case NETLINK_LINK:
        length = rtnl_request_link(request, question->sequence, question->nsid, question->index);
        break;
    case NETLINK_ADDRESSES:
        length = rtnl_request_addresses(request, question->sequence, question->nsid);
        break;
    default:
        *answer = (struct netlink_answer){.error = source->fd < 0 ? -ENODATA : 0};
        read_answer(source, answer);
        return;
    }
    netlink_source_request(source, request, length, answer);
}
