/* Signals as something to poll for, and a way back to how they were inherited. */
#ifndef PUBLISH_CLIENT_COMMAND_SIGNALS_H
#define PUBLISH_CLIENT_COMMAND_SIGNALS_H

#include <signal.h>
#include <stddef.h>

struct signals {
    int fd;                    /* a signalfd(2), not blocking */
    sigset_t mask;             /* as inherited */
    struct sigaction children; /* SIGCHLD as inherited */
};

/* From now on `wanted` come through the descriptor. Those that were inherited as ignored (nohup(1),
 * a shell's background job) are left so, but for SIGCHLD. 0 or -errno. */
int signals_take(struct signals *signals, const int *wanted, size_t n_wanted);

/* In a child, before it becomes another program. */
void signals_restore(const struct signals *signals);

#endif
