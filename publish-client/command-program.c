#include "command-program.h"

#include "command-signals.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL_CODE_BASE = 128 }; /* what a shell adds to a signal's number */

int program_become(char **arguments)
{
    execvp(arguments[0], arguments);
    int error = errno;
    return fatal(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "unable to run %s: %s",
                 arguments[0], strerror(error));
}

pid_t program_start(char **arguments, const struct signals *signals)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid)
        return pid < 0 ? -errno : pid;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it was killed before prctl() */
        _exit(EXIT_SYSTEM);
    signals_restore(signals);
    _exit(program_become(arguments));
}

/* The terminal sends its signals to the whole foreground group, so a child in our group has got
 * them already; twice could mean "at once" to it. */
static bool has_got(pid_t program, const struct signalfd_siginfo *signal)
{
    switch (signal->ssi_signo) {
    case SIGINT:
    case SIGQUIT:
    case SIGTSTP:
        return signal->ssi_code == SI_KERNEL && getpgid(program) == getpgrp();
    default:
        return false;
    }
}

void program_forward(pid_t program, const struct signalfd_siginfo *signal)
{
    if (!has_got(program, signal))
        kill(program, (int)signal->ssi_signo);
}

/* Not SIGSTOP: who stops PROG with that, such as a debugger, will continue PROG and not us. */
static bool stopped_by_terminal(int status)
{
    return WIFSTOPPED(status) && (WSTOPSIG(status) == SIGTSTP || WSTOPSIG(status) == SIGTTIN ||
                                  WSTOPSIG(status) == SIGTTOU);
}

/* Job control: a shell has given us its terminal. It watches us and not PROG, takes the terminal
 * back once we are stopped, and will continue us both. Nobody else is sure to: stopped, we would
 * pass no signal on and not see PROG's end. */
static bool has_terminal(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal < 0)
        return false;
    bool ours = tcgetpgrp(terminal) == getpgrp();
    close(terminal);
    return ours;
}

/* All children are waited for: as the first process of a pid namespace we inherit strangers. */
bool program_reap(pid_t program, int *status)
{
    int changed;
    bool ended = false;
    for (;;) {
        pid_t pid = waitpid(-1, &changed, WNOHANG | WUNTRACED);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0)
            return ended;
        if (pid != program)
            continue;
        if (stopped_by_terminal(changed)) {
            if (has_terminal())
                kill(getpid(), SIGSTOP);
        } else if (WIFEXITED(changed) || WIFSIGNALED(changed)) {
            *status = changed;
            ended = true;
        }
    }
}

int program_end_like(int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);

    int number = WTERMSIG(status);
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    prctl(PR_SET_DUMPABLE, 0); /* PROG's core is the one to look at */
    sigaction(number, &standard, NULL);
    kill(getpid(), number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return SIGNAL_CODE_BASE + number; /* the first process of a pid namespace does not die of it */
}
