/* pidfd_open(2), pidfd_send_signal(2) and pidfd_getfd(2), for C libraries without these
 * functions. */
#ifndef COMPAT_SYS_PIDFD_H
#define COMPAT_SYS_PIDFD_H

#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int pidfd_open(pid_t pid, unsigned flags)
{
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int pidfd_send_signal(int fd, int signal, siginfo_t *info, unsigned flags)
{
    return (int)syscall(SYS_pidfd_send_signal, fd, signal, info, flags);
}

static inline int pidfd_getfd(int fd, int other, unsigned flags)
{
    return (int)syscall(SYS_pidfd_getfd, fd, other, flags);
}

#endif
