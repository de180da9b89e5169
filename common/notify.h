/* The word to a supervisor that sd_notify(3) describes. */
#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

enum { NOTIFY_LIMIT_S = 1 };

/* Sends a state, such as "READY=1", to the socket that NOTIFY_SOCKET names; to none where it names
 * none. A supervisor whose queue is full is waited for, NOTIFY_LIMIT_S at most. 0 or -errno. */
int notify(const char *state);

#endif
