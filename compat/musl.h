/* Functions and constants that the sources take from glibc, and musl lacks. With musl, the Makefile
 * includes this file in every file. All are as in their manual pages. sys/ has missing headers; if
 * a distribution or a later musl has them, those are used instead. */
#ifndef COMPAT_MUSL_H
#define COMPAT_MUSL_H

#include <search.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE /* Linux 5.14 */
#define SO_NETNS_COOKIE 71
#endif

#ifndef MADV_POPULATE_READ /* Linux 5.14 */
#define MADV_POPULATE_READ 22
#endif

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
static inline int renameat2(int from_fd, const char *from, int to_fd, const char *to,
                            unsigned flags)
{
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
#endif

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
static inline ssize_t pwritev2(int fd, const struct iovec *parts, int n, off_t offset, int flags)
{
    return syscall(SYS_pwritev2, fd, parts, n, (long)offset, 0L, flags);
}
#endif

static inline int compat_close_range(unsigned first, unsigned last, int flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}
#define close_range compat_close_range

/* twalk(3) passes no context to its action, so the context is kept here, per thread; walks may be
 * nested. */
struct compat_walk {
    void (*action)(const void *node, VISIT visit, void *closure);
    void *closure;
};
static _Thread_local struct compat_walk compat_walking __attribute__((unused));

static inline void compat_visit(const void *node, VISIT visit, int depth)
{
    (void)depth;
    compat_walking.action(node, visit, compat_walking.closure);
}

static inline void compat_twalk_r(const void *root,
                                  void (*action)(const void *node, VISIT visit, void *closure),
                                  void *closure)
{
    struct compat_walk outer = compat_walking;
    compat_walking = (struct compat_walk){action, closure};
    twalk(root, compat_visit);
    compat_walking = outer;
}
#define twalk_r compat_twalk_r

#endif
