/* Runs PROG, in this process or as a child. */
#ifndef PUBLISH_CLIENT_COMMAND_PROGRAM_H
#define PUBLISH_CLIENT_COMMAND_PROGRAM_H

#include "command-guard.h"

#include <stdbool.h>
#include <sys/types.h>

struct signals;
struct signalfd_siginfo;

struct program {
    pid_t pid;
    struct guard guard;
};

/* execvp(3). Returns only after a failure, which is printed to standard error, with the exit
 * code. */
int program_become(char **arguments);

/* Starts PROG as a child, with the signals as inherited; 0 or -errno. PROG gets a SIGTERM if its
 * parent is killed, so that it does not go on unnoticed without its name. */
int program_start(struct program *program, char **arguments, const struct signals *signals);

/* Passes on a signal from signals.fd. */
void program_forward(const struct program *program, const struct signalfd_siginfo *signal);

/* To be called after SIGCHLD. True when PROG has ended, with its status as from waitpid(2). If the
 * user of the foreground terminal has stopped PROG, stops this process too. */
bool program_reap(struct program *program, int *status);

/* Ends in the same way as PROG: returns its exit code, or kills this process by the signal that
 * killed PROG. */
int program_end_like(int status);

#endif
