#include "transport.h"

#include "../common/passed-fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union many_rights {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MESSAGE_DESCRIPTORS_MAX * sizeof(int))];
};

static int send_now(int to, const struct msghdr *message)
{
    if (sendmsg(to, message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return 0;
    return errno == ETOOMANYREFS ? -EAGAIN : -errno;
}

int message_send(int to, struct message_header header, const void *text, int fd)
{
    struct iovec parts[] = {{&header, sizeof header}, {(void *)text, header.length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    union passed_fd room;
    passed_fd_add(&message, &room, fd);
    return send_now(to, &message);
}

int message_send_many(int to, struct message_header header, const int *fds, unsigned n)
{
    size_t size = n * sizeof *fds;
    struct iovec part = {&header, sizeof header};
    union many_rights rights = {.header = {CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.bytes,
                             .msg_controllen = CMSG_SPACE(size)};
    memcpy(CMSG_DATA(&rights.header), fds, size);
    return send_now(to, &message);
}

int message_receive_many(int from, struct message_header *header,
                         int fds[static MESSAGE_DESCRIPTORS_MAX])
{
    uint8_t bytes[sizeof *header];
    struct iovec part = {bytes, sizeof bytes};
    union many_rights rights = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.bytes,
                             .msg_controllen = sizeof rights.bytes};
    ssize_t length = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0)
        return -errno;
    size_t size = 0;
    if (message.msg_controllen > CMSG_LEN(0))
        size = rights.header.cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(&rights.header), size);
    const uint8_t *text;
    bool other_version;
    if (message_parse(bytes, (size_t)length, header, &text, &other_version))
        return (int)(size / sizeof *fds);
    for (size_t i = 0; i < size / sizeof *fds; i++)
        close(fds[i]);
    return -EPROTO;
}

/* With "the other end is closed", the receiver expects no descriptor. */
static void drop_descriptor(struct message *message)
{
    if (message->fd >= 0)
        close(message->fd);
    message->fd = -1;
}

int message_receive(int from, struct message *messages, unsigned max)
{
    max = max < MESSAGES_MAX ? max : MESSAGES_MAX;
    struct mmsghdr headers[MESSAGES_MAX];
    struct iovec parts[MESSAGES_MAX];
    union passed_fd rooms[MESSAGES_MAX];
    for (unsigned i = 0; i < max; i++) {
        parts[i] = (struct iovec){messages[i].bytes, sizeof messages[i].bytes};
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
        passed_fd_expect(&headers[i].msg_hdr, &rooms[i]);
    }
    int count;
    /* If the other end died with unread messages of ours, recvmmsg(2) first reports ECONNRESET,
     * once; its last messages come after that (unix_release_sock()). */
    do
        count = recvmmsg(from, headers, max, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
    while (count < 0 && errno == ECONNRESET);
    for (int i = 0; i < count; i++) {
        messages[i].length = headers[i].msg_len;
        messages[i].fd = passed_fd_take(&headers[i].msg_hdr);
        if (messages[i].length == 0)
            drop_descriptor(&messages[i]);
    }
    return count < 0 ? -errno : count;
}
