/* Helper processes of phonebookd: made by fork(2) without exec, each serves phonebookd over a
 * socket, and ends when phonebookd does. */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include <sys/types.h>

enum { CHILD_SOCKETS = 2 };

/* Starts a process with one end of each of n socket pairs (SOCK_SEQPACKET) and calls `serve` in it.
 * `serve` must return when the other end of the first socket is closed. The process has no other
 * descriptors except the standard ones, ignores the signals that a terminal or a person sends to
 * phonebookd and its group, and has no environment variables that a supervisor meant for phonebookd
 * alone. `name` is what ps(1) shows, at most 15 octets. Returns *pid and our ends in `ours`; 0 or
 * -errno. */
int child_start(pid_t *pid, const char *name, int ours[], int n,
                void (*serve)(const int sockets[], void *context), void *context);
/* Calls on our end of a socket fail with EAGAIN after `ms` milliseconds. `option`: SO_RCVTIMEO or
 * SO_SNDTIMEO (socket(7)). */
void child_limit_wait(int socket, int option, unsigned ms);

#endif
