/* PROG: becoming it, or being its parent. */
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

/* execvp(3). Comes back only on failure: said on standard error, exit code returned. */
int program_become(char **arguments);

/* Starts PROG as a child, with signals as inherited; 0 or -errno. It gets a SIGTERM should its
 * parent be killed, so that it does not live on without its name unnoticed. */
int program_start(struct program *program, char **arguments, const struct signals *signals);

/* Passes on a signal that came through signals.fd. */
void program_forward(const struct program *program, const struct signalfd_siginfo *signal);

/* After SIGCHLD: true when PROG has ended, with its status as in waitpid(2). Stops this process too
 * where the user of the terminal before which it runs has stopped PROG. */
bool program_reap(struct program *program, int *status);

/* Ends as PROG did: the exit code to return; does not come back where a signal killed it and the
 * same signal kills us. */
int program_end_like(int status);

#endif
