/* Turns signals into events of a descriptor, and restores the inherited signal handling. */
#ifndef PUBLISH_CLIENT_COMMAND_SIGNALS_H
#define PUBLISH_CLIENT_COMMAND_SIGNALS_H

#include <signal.h>
#include <stddef.h>

struct signals {
    int fd;                    /* a non-blocking signalfd(2) */
    sigset_t mask;             /* as inherited */
    struct sigaction children; /* SIGCHLD as inherited */
};

/* From now on the signals in `wanted` are read from the descriptor. Signals inherited as ignored
 * (nohup(1), a shell's background job) stay ignored, except SIGCHLD. 0 or -errno. */
int signals_take(struct signals *signals, const int *wanted, size_t n_wanted);

/* For a child, before it executes another program. */
void signals_restore(const struct signals *signals);

#endif
