/* What a supervisor is told: as sd_notify(3) describes, or a newline on a descriptor, as s6 waits
 * for (s6-supervise, "notification-fd"). */
#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

enum { NOTIFY_LIMIT_S = 1 };

/* Sends a state, such as "READY=1", to the socket that NOTIFY_SOCKET names; to none where it names
 * none. A supervisor whose queue is full is waited for, NOTIFY_LIMIT_S at most. 0 or -errno. */
int notify(const char *state);
/* The same without waiting, for what is said again later: -EAGAIN where the queue is full. */
int notify_now(const char *state);

/* Writes the newline that says "ready", and closes the descriptor; nothing where it is -1. A
 * standard descriptor stays open, on /dev/null: the next socket would be given its number, and be
 * taken for what it was. 0 or -errno. */
int notify_newline(int fd);

#endif
