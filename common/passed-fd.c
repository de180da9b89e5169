#include "passed-fd.h"

#include <string.h>

void passed_fd_add(struct msghdr *message, union passed_fd *room, int fd)
{
    if (fd < 0)
        return;
    *room = (union passed_fd){.header = {.cmsg_len = CMSG_LEN(sizeof fd),
                                         .cmsg_level = SOL_SOCKET,
                                         .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&room->header), &fd, sizeof fd);
    message->msg_control = room->bytes;
    message->msg_controllen = sizeof room->bytes;
}

/* The padding of CMSG_SPACE() would be room for a second descriptor. */
void passed_fd_expect(struct msghdr *message, union passed_fd *room)
{
    message->msg_control = room->bytes;
    message->msg_controllen = CMSG_LEN(sizeof(int));
}

int passed_fd_take(const struct msghdr *message)
{
    const struct cmsghdr *first = CMSG_FIRSTHDR(message);
    int fd = -1;
    if (first && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_RIGHTS &&
        first->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(first), sizeof fd);
    return fd;
}
