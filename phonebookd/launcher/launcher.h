/* The launcher: a process beside phonebookd, which does what phonebookd takes from itself the power
 * to do. It runs the administrator's programs and opens the control FIFOs of s6.
 *
 *     phonebookd's loop --runs, kills--> launcher --fork, execve--> programs
 *                       <--has ended----
 *
 * It starts before phonebookd gives up anything, and does not trust it: it runs and opens what
 * launcher_rules lets it, by its own reading of the configuration. It ends when phonebookd does;
 * the programs go on. Failure modes: where it ends by itself, which is logged, what it does fails
 * with -EPIPE until phonebookd is started again; phonebookd goes on serving. While it does not take
 * what it is sent, runs wait in memory, and a question fails after LAUNCHER_ANSWER_MS. */
#ifndef PHONEBOOKD_LAUNCHER_H
#define PHONEBOOKD_LAUNCHER_H

#include "launch-rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

struct launcher;

/* Starts the process, while there is no second thread yet. NULL, with errno, where that fails. */
struct launcher *launcher_start(const struct launcher_rules *rules);
/* From here on programs can be run, on this loop. */
void launcher_attach(struct launcher *launcher, uv_loop_t *loop);
uv_loop_t *launcher_loop(const struct launcher *launcher);
/* The launcher ends, with what it was sent done. What runs goes on, and for all launches `ended` is
 * called, with -EPIPE. Memory goes when the loop has run the close callbacks. */
void launcher_close(struct launcher *launcher);
bool launcher_has_ended(const struct launcher *launcher);
/* Why something failed, of a -errno of these functions, for a person; -ECONNREFUSED: the rules
 * forbid it. */
const char *launcher_error(int error);

/* phonebookd is to have another configuration than before: the launcher reads it, too, and allows
 * what stands in the new one and in the one before. */
void launcher_read_again(struct launcher *launcher);

/* One run of a program, embedded in its owner. */
struct launch {
    /* It has ended; `error`: it was not even started, -errno. Else `status` as of waitpid(2). May
     * free the launch. */
    void (*ended)(struct launch *launch, int error, int status);
    /* launch_kill() could not, -errno. It is not spoken of any more. */
    void (*is_alive)(struct launch *launch, int error);

    LIST_ENTRY(launch) link; /* the launcher's own, with */
    uint32_t id;
};

/* Runs a program in a session of its own: with no standard input, its output where phonebookd's
 * standard error goes, no capability but what the rules give it, and the launcher's environment
 * with `additions` (NULL-terminated, each beginning with PHONEBOOK_; NULL: none). 0, or -errno:
 * then `ended` is not called. */
int launch_start(struct launcher *launcher, struct launch *launch, char *const *arguments,
                 char *const *additions);
/* Kills it with all that it started; `ended` follows, or `is_alive`. */
void launch_kill(struct launcher *launcher, struct launch *launch);
/* It goes on, and is not spoken of any more. */
void launch_forget(struct launch *launch);

/* fifo_open() by the launcher; -ETIMEDOUT where it does not answer. */
int launcher_open_fifo(struct launcher *launcher, const char *path, bool *seen);

#endif
