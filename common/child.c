#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void ignore_signals(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_IGN);
}

static void leave_supervisor(void)
{
    static const char *const names[] = {"LISTEN_PID",    "LISTEN_FDS",   "LISTEN_FDNAMES",
                                        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

/* Closes all descriptors except the standard ones and the sockets, of which there are at most two.
 * close_range(2) refuses an empty range, and closes nothing. */
static void close_others(const int sockets[], int n)
{
    unsigned low = ~0U, high = 0;
    for (int i = 0; i < n; i++) {
        unsigned socket = (unsigned)sockets[i];
        low = socket < low ? socket : low;
        high = socket > high ? socket : high;
    }
    close_range(STDERR_FILENO + 1, low - 1, 0);
    close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0U, 0);
}

/* False if only *made of the n pairs could be made; both arrays contain these. */
static bool make_pairs(int ours[], int theirs[], int n, int *made)
{
    int pair[2];
    for (*made = 0; *made < n; ++*made) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
            return false;
        ours[*made] = pair[0];
        theirs[*made] = pair[1];
    }
    return true;
}

int child_start(pid_t *pid, const char *name, int ours[], int n,
                void (*serve)(const int sockets[], void *context), void *context)
{
    int theirs[CHILD_SOCKETS], made;
    *pid = make_pairs(ours, theirs, n, &made) ? fork() : -1;
    int error = *pid < 0 ? -errno : 0;
    if (*pid == 0) {
        prctl(PR_SET_NAME, name);
        ignore_signals();
        leave_supervisor();
        close_others(theirs, n);
        serve(theirs, context);
        _exit(0);
    }
    for (int i = 0; i < made; i++) {
        close(theirs[i]);
        if (error)
            close(ours[i]);
    }
    return error;
}

void child_limit_wait(int socket, int option, unsigned ms)
{
    struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    setsockopt(socket, SOL_SOCKET, option, &limit, sizeof limit);
}
