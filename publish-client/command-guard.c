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

/* What this process holds would stay open: the connection on which the names are, and PROG's own.
 * The pidfds are above 2; a range of nothing is an error, and no harm. */
static void close_others(const struct guard *guard)
{
    unsigned a = (unsigned)guard->parent, b = (unsigned)guard->program;
    unsigned low = a < b ? a : b, high = a < b ? b : a;
    close_range(STDIN_FILENO, STDOUT_FILENO, 0);
    close_range(STDERR_FILENO + 1, low - 1, 0);
    close_range(low + 1, high - 1, 0);
    close_range(high + 1, UINT_MAX, 0);
}

/* Not by say(), whose descriptor is closed. */
static void say_unable(int error)
{
    struct log_lines lines = {.program = "phonebook", .fd = STDERR_FILENO};
    char text[LOG_LINE_MAX];
    snprintf(text, sizeof(text), "the program runs on without its name: unable to end it: %s",
             strerror(error));
    log_line(&lines, "warning: ", text);
}

static _Noreturn void stand_guard(const struct guard *guard)
{
    struct pollfd parent = {.fd = guard->parent, .events = POLLIN};
    sigset_t all;
    sigfillset(&all); /* the terminal's, and those for the group, are for the others in it */
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "publish-guard"); /* who kills all that is called phonebook spares it */
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
