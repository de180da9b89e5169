/* What a supervisor is told: as sd_notify(3) describes, or a newline on a descriptor, as s6 waits
 * for (s6-supervise, "notification-fd"). */
#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

#include <stdbool.h>

enum {
    NOTIFY_RETRY_MS = 250, /* so long may a caller wait before it tries again */
    NOTIFY_LIMIT_S = 1,
};

/* Sends a state, such as "READY=1", to the socket that NOTIFY_SOCKET names; to none where it names
 * none. 0 or -errno; -EAGAIN: the supervisor's queue is full, and it is to be told later. */
int notify(const char *state);

/* Does NOTIFY_SOCKET name one? */
bool notify_is_wanted(void);

/* Gives the supervisor a copy of `fd` for its descriptor store, under `name` ("FDSTORE=1"), so that
 * the next process is handed it (listen-fds.h). One that has no store, or no room in it, closes the
 * copy, without a word. As notify(), but a queue that is full is waited for, NOTIFY_LIMIT_S at
 * most: for a start. */
int notify_store(const char *name, int fd);
/* What is stored under `name` is closed. As notify_store(). */
int notify_forget(const char *name);

/* Writes the newline that says "ready", and closes the descriptor; nothing where it is -1. A
 * standard descriptor stays open, on /dev/null: the next socket would be given its number, and be
 * taken for what it was. 0 or -errno, -EAGAIN where a pipe is full; the descriptor is closed then
 * too. */
int notify_newline(int fd);

#endif
