/* Messages to the supervisor: those of sd_notify(3), and the newline on a descriptor that s6 waits
 * for (s6-supervise, "notification-fd"). */
#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

#include <stdbool.h>

enum {
    NOTIFY_RETRY_MS = 250, /* a caller that got -EAGAIN tries again after this time */
    NOTIFY_LIMIT_S = 1,
};

/* Sends a state, such as "READY=1", to the socket in NOTIFY_SOCKET; does nothing if that is not
 * set. 0 or -errno; -EAGAIN: the supervisor's queue is full, so the caller has to try again
 * later. */
int notify(const char *state);

/* Does NOTIFY_SOCKET name a socket? */
bool notify_is_wanted(void);
/* Does it name an abstract socket (unix(7))? */
bool notify_is_abstract(void);

/* Stores a copy of `fd` under `name` in the supervisor's descriptor store ("FDSTORE=1"); the next
 * process gets it back (listen-fds.h). A supervisor without a store, or whose store is full,
 * silently closes the copy. Returns as notify() does, but waits up to NOTIFY_LIMIT_S while the
 * queue is full, so it is for use at the start only. */
int notify_store(const char *name, int fd);
/* Makes the supervisor close the descriptors stored under `name`. Returns as notify_store()
 * does. */
int notify_forget(const char *name);

/* Writes the newline that means "ready" to `fd` and closes it; does nothing if `fd` is -1. A
 * standard descriptor is opened on /dev/null instead of closed: the next socket would get its
 * number, and log lines or other output would go there. 0 or -errno, with the descriptor closed in
 * any case; -EAGAIN: the pipe is full. */
int notify_newline(int fd);

#endif
