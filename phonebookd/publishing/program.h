/* Runs an administrator's program with the launcher: without a shell, one at a time, and with a
 * time limit.
 *
 * Happy path: program_start(); `prepare` returns the arguments, the program runs, and `ended` is
 * called. If program_start() is called while it runs, even several times, it runs once more
 * afterwards. Failure modes: a program that cannot be run counts as ended with a fault. A program
 * that exceeds its time limit is killed with everything it started (it has a session of its own);
 * if we may not kill it, it is left alone; both are faults. After a fault the program runs again
 * after PROGRAM_RETRY_MS, which is doubled with each further fault, up to PROGRAM_RETRY_MAX_MS.
 * program_start() and program_retry() run it without waiting for that, and reset the time. */
#ifndef PHONEBOOKD_PROGRAM_H
#define PHONEBOOKD_PROGRAM_H

#include <stdbool.h>
struct launcher;
struct program;

struct program_ops {
    /* The program starts: returns its words, and additions to the environment (launch_start()).
     * Both are NULL-terminated, and needed only during the call. */
    void (*prepare)(void *owner, char ***arguments, char ***additions);
    /* The program has ended. `fault` is NULL, or the text for the log, such as "exited with 3;
     * again in 15 s". `recovered`: it had no fault, but the run before had one. May call
     * program_start() and program_close(). */
    void (*ended)(void *owner, const char *fault, bool recovered);
};

/* `ops` must outlive it. NULL if memory ran out. */
struct program *program_new(struct launcher *launcher, unsigned limit_ms,
                            const struct program_ops *ops, void *owner);
/* A running program goes on, within its limit, and no function is called for it any more. If it was
 * to run once more, it does so now. The memory is freed when the loop has run the close
 * callbacks. */
void program_close(struct program *program);

/* Runs the program, because there is something new for it. */
void program_start(struct program *program);
/* Runs the program again if its last run had a fault, because the cause may be over. */
void program_retry(struct program *program);
/* A running program goes on as after program_close(), and the next program_start() does not wait
 * for it. A run that is waiting is cancelled. */
void program_forget(struct program *program);

#endif
