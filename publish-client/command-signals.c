#include "command-signals.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/signalfd.h>

static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int signals_take(struct signals *signals, const int *wanted, size_t n_wanted)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < n_wanted; i++)
        if (wanted[i] == SIGCHLD || !is_ignored(wanted[i]))
            sigaddset(&set, wanted[i]);

    const struct sigaction standard = {.sa_handler = SIG_DFL};
    /* Ignored SIGCHLD would have the kernel reap the child and lose its status (waitpid(2)). */
    if (sigaction(SIGCHLD, &standard, &signals->children) < 0 ||
        sigprocmask(SIG_BLOCK, &set, &signals->mask) < 0)
        return -errno;
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return signals->fd < 0 ? -errno : 0;
}

void signals_restore(const struct signals *signals)
{
    sigaction(SIGCHLD, &signals->children, NULL);
    sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}
