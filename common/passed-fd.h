/* One descriptor that goes with a message over an AF_UNIX socket (unix(7), SCM_RIGHTS). Pure: the
 * caller sends and receives. */
#ifndef COMMON_PASSED_FD_H
#define COMMON_PASSED_FD_H

#include <sys/socket.h>

/* The room that the message needs until it is sent, or read. */
union passed_fd {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* Adds `fd` to a message that is to be sent; -1: adds none. */
void passed_fd_add(struct msghdr *message, union passed_fd *room, int fd);

/* To be called before the message is received, with MSG_CMSG_CLOEXEC. If the sender added more than
 * one descriptor, the kernel drops all but the first (scm_detach_fds()). */
void passed_fd_expect(struct msghdr *message, union passed_fd *room);
/* The descriptor that came, which the caller owns; -1: none. */
int passed_fd_take(const struct msghdr *message);

#endif
