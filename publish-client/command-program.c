#include "command-program.h"

#include "../common/number.h"
#include "command-guard.h"
#include "command-signals.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Supervisors set these variables to the process that they have started, but they are meant for
 * PROG (sd_listen_fds(3), sd_watchdog_enabled(3)). */
static bool take_over(const char *variable, pid_t parent)
{
    const char *value = getenv(variable);
    if (!value || number_of(value, strlen(value), INT_MAX) != parent)
        return false;
    char pid[24];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv(variable, pid, 1);
    return true;
}

/* In the child: waits at the gate until the guard runs. */
static _Noreturn void run(char **arguments, const struct signals *signals, pid_t parent, int gate)
{
    char open;
    if (read(gate, &open, 1) != 1)
        _exit(EXIT_SYSTEM);
    if (take_over("LISTEN_PID", parent))
        unsetenv("LISTEN_PIDFDID"); /* the inode of our pidfd; it is optional */
    take_over("WATCHDOG_PID", parent);
    signals_restore(signals);
    _exit(program_become(arguments));
}

/* Lets the child go on; or, after an error, ends it. */
static int open_gate(const struct program *program, int gate, int error)
{
    if (error == 0 && write(gate, "", 1) != 1)
        error = -errno;
    close(gate);
    if (error && program->pid > 0)
        waitpid(program->pid, NULL, 0);
    return error;
}

int program_start(struct program *program, char **arguments, const struct signals *signals)
{
    pid_t parent = getpid();
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) < 0)
        return -errno;
    program->pid = fork();
    int error = program->pid < 0 ? -errno : 0;
    if (program->pid == 0) {
        close(gate[1]);
        run(arguments, signals, parent, gate[0]);
    }
    close(gate[0]);
    if (error == 0)
        error = guard_start(&program->guard, program->pid);
    return open_gate(program, gate[1], error);
}

/* The terminal sends its signals to the whole foreground group, so a child in our group has got
 * them already. A second one could mean "at once" to it. */
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

void program_forward(const struct program *program, const struct signalfd_siginfo *signal)
{
    if (!has_got(program->pid, signal) && kill(program->pid, (int)signal->ssi_signo) < 0)
        say("warning", "unable to pass signal %u on to the program: %s", signal->ssi_signo,
            strerror(errno));
}

/* Not SIGSTOP: a debugger or person who stops PROG with it will continue PROG, but not us. */
static bool stopped_by_terminal(int status)
{
    return WIFSTOPPED(status) && (WSTOPSIG(status) == SIGTSTP || WSTOPSIG(status) == SIGTTIN ||
                                  WSTOPSIG(status) == SIGTTOU);
}

/* Job control: a shell has given us its terminal. It watches us and not PROG, takes the terminal
 * back when we are stopped, and will continue us both. Without a shell nobody may continue us:
 * stopped, we would not pass on signals, and not notice PROG's end. */
static bool has_terminal(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal < 0)
        return false;
    bool ours = tcgetpgrp(terminal) == getpgrp();
    close(terminal);
    return ours;
}

static void replace_guard(struct guard *guard)
{
    int error = guard_restart(guard);
    if (error)
        say("warning", "should phonebook be killed, the program will run on: unable to fork: %s",
            strerror(-error));
}

/* True if PROG has ended. */
static bool note_change(int changed)
{
    if (stopped_by_terminal(changed)) {
        if (has_terminal())
            kill(getpid(), SIGSTOP);
        return false;
    }
    return WIFEXITED(changed) || WIFSIGNALED(changed);
}

/* Waits for all children: the first process of a pid namespace inherits other processes. */
bool program_reap(struct program *program, int *status)
{
    bool ended = false;
    for (;;) {
        int changed;
        pid_t pid = waitpid(-1, &changed, WNOHANG | WUNTRACED);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0)
            return ended;
        if (pid == program->guard.pid && !WIFSTOPPED(changed))
            replace_guard(&program->guard);
        if (pid == program->pid && note_change(changed)) {
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
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    prctl(PR_SET_DUMPABLE, 0); /* no core dump of ours beside PROG's */
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(number, &standard, NULL);
    kill(getpid(), number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    /* the first process of a pid namespace does not die of the signal */
    return SIGNAL_CODE_BASE + number;
}
