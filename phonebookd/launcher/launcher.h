/* The launcher: a process beside phonebookd that keeps privileges which phonebookd gives up. It
 * runs the administrator's programs, and opens the control FIFOs of s6.
 *
 *     phonebookd's loop --runs, kills--> launcher --fork, execve--> programs
 *                       <--has ended----
 *
 * It starts before phonebookd gives up privileges, and does not trust phonebookd: it runs and opens
 * only what launcher_rules allow, which come from its own reading of the configuration. It ends
 * when phonebookd does; the programs go on. Failure modes: if the launcher ends by itself, this is
 * logged, its functions fail with -EPIPE until phonebookd is restarted, and phonebookd goes on
 * serving. While the launcher does not read its messages, runs wait in memory, and a question fails
 * after LAUNCHER_ANSWER_MS. */
#ifndef PHONEBOOKD_LAUNCHER_H
#define PHONEBOOKD_LAUNCHER_H

#include "launch-rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

struct launcher;

/* Starts the process. There must be only one thread yet. NULL, with errno, on failure. */
struct launcher *launcher_start(const struct launcher_rules *rules);
/* From now on programs can be run, on this loop. */
void launcher_attach(struct launcher *launcher, uv_loop_t *loop);
uv_loop_t *launcher_loop(const struct launcher *launcher);
/* Ends the launcher after it has handled all messages. Running programs go on, and `ended` is
 * called with -EPIPE for all launches. The memory is freed when the loop has run the close
 * callbacks. */
void launcher_close(struct launcher *launcher);
bool launcher_has_ended(const struct launcher *launcher);
/* The text for a -errno of these functions; -ECONNREFUSED: the rules forbid it. */
const char *launcher_error(int error);

/* phonebookd is about to use another configuration: the launcher reads it too, and allows the
 * programs and FIFOs of this one and the last. */
void launcher_read_again(struct launcher *launcher);

/* A run of a program; embedded in its owner. */
struct launch {
    /* The program has ended, with `status` as from waitpid(2); or `error`, a -errno, if it was not
     * started. May free the launch. */
    void (*ended)(struct launch *launch, int error, int status);
    /* launch_kill() failed with -errno. No other function is called for this launch any more. */
    void (*is_alive)(struct launch *launch, int error);

    LIST_ENTRY(launch) link; /* this and `id`: used by the launcher only */
    uint32_t id;
};

/* Runs a program in a session of its own: without standard input, with its output going to
 * phonebookd's standard error, with only the capabilities that the rules give it, and with the
 * launcher's environment plus `additions` (NULL-terminated, each beginning with PHONEBOOK_; NULL:
 * none). 0; or -errno, and `ended` is not called. */
int launch_start(struct launcher *launcher, struct launch *launch, char *const *arguments,
                 char *const *additions);
/* Kills the program and everything it started. `ended` follows, or `is_alive`. */
void launch_kill(struct launcher *launcher, struct launch *launch);
/* The program goes on, and no function is called for this launch any more. */
void launch_forget(struct launch *launch);

/* Calls fifo_open() in the launcher; -ETIMEDOUT: it does not answer. */
int launcher_open_fifo(struct launcher *launcher, const char *path, bool *seen);

#endif
