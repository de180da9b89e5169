#include "command-guard.h"

#include "../common/log-line.h"
#include "../common/standard-fds.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The guard must not keep descriptors of this process open: the connection with the names, and
 * those for PROG. The pidfds are above 2; close_range(2) of an empty range fails without harm. */
static void close_others(const struct guard *guard)
{
    unsigned a = (unsigned)guard->parent, b = (unsigned)guard->program;
    unsigned low = a < b ? a : b, high = a < b ? b : a;
    close_range(STDIN_FILENO, STDOUT_FILENO, 0);
    close_range(STDERR_FILENO + 1, low - 1, 0);
    close_range(low + 1, high - 1, 0);
    close_range(high + 1, UINT_MAX, 0);
}

/* say() cannot be used, because its descriptor is closed. */
static void say_unable(int error)
{
    char text[LOG_LINE_MAX];
    snprintf(text, sizeof text, "the program runs on without its name: unable to end it: %s",
             strerror(error));
    struct log_lines lines = {.program = "phonebook", .fd = STDERR_FILENO};
    log_line(&lines, "warning: ", text);
}

static _Noreturn void stand_guard(const struct guard *guard)
{
    struct pollfd parent = {.fd = guard->parent, .events = POLLIN};
    sigset_t all;
    sigfillset(&all); /* signals for the terminal's group are meant for the other processes in it */
    sigprocmask(SIG_SETMASK, &all, NULL);
    /* so that killing all processes named phonebook spares it */
    prctl(PR_SET_NAME, "publish-guard");
    close_others(guard);
    while (poll(&parent, 1, -1) < 0 && errno == EINTR)
        ;
    if (pidfd_send_signal(guard->program, SIGTERM, NULL, 0) < 0 && errno != ESRCH)
        say_unable(errno);
    _exit(0);
}

int guard_restart(struct guard *guard)
{
    guard->pid = fork();
    if (guard->pid == 0)
        stand_guard(guard);
    return guard->pid < 0 ? -errno : 0;
}

int guard_start(struct guard *guard, pid_t program)
{
    *guard = (struct guard){.pid = -1, .parent = -1, .program = -1};
    guard->parent = above_standard_fds(pidfd_open(getpid(), 0));
    if (guard->parent < 0)
        return guard->parent;
    guard->program = above_standard_fds(pidfd_open(program, 0));
    return guard->program < 0 ? guard->program : guard_restart(guard);
}
