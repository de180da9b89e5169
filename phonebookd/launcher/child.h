/* A process of phonebookd's own program beside it, made by fork(2) alone, which serves it over a
 * socket and ends when phonebookd does. */
#ifndef PHONEBOOKD_CHILD_H
#define PHONEBOOKD_CHILD_H

#include <sys/types.h>

enum { CHILD_SOCKETS = 2 };

/* `serve` is called in the new process, with its ends of n socket pairs (SOCK_SEQPACKET), and
 * returns when nobody is at the other end of the first. That process has no other descriptor but
 * the standard ones, none of the signals that a terminal or a person sends to phonebookd and all
 * that belongs to it, and nothing that a supervisor gave to phonebookd alone in its environment.
 * `name` is what ps(1) shows, of 15 octets at most. *pid, and our ends in `ours`; 0 or -errno. */
int child_start(pid_t *pid, const char *name, int ours[], int n,
                void (*serve)(const int sockets[], void *context), void *context);

#endif
