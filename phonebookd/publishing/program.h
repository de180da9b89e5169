/* Running an administrator's program, by the launcher: without a shell, one at a time, and not for
 * ever.
 *
 * Happy path: program_start(); the owner is asked for the arguments, the program runs, the owner
 * hears that it ended. Asked to start while one runs, it runs once more afterwards, however often
 * it was asked. Failure modes: one that cannot be run has ended at once, with a fault; one that
 * takes longer than its limit is killed with all that it started (it is a session of its own), or
 * left to itself where we may not kill it, which is a fault too. What had a fault is run again
 * after PROGRAM_RETRY_MS, which doubles with each further one, up to PROGRAM_RETRY_MAX_MS. Neither
 * program_start() nor program_retry() waits for that, and after them it begins anew. */
#ifndef PHONEBOOKD_PROGRAM_H
#define PHONEBOOKD_PROGRAM_H

#include <stdbool.h>
struct launcher;
struct program;

struct program_ops {
    /* It starts: its words, and what is added to the environment (launch_start()); NULL-terminated,
     * needed during the call. */
    void (*prepare)(void *owner, char ***arguments, char ***additions);
    /* It ended; `fault` is NULL, or what a log should say of it, such as "exited with 3; again in
     * 15 s". `recovered`: it had none, but the run before had. May call program_start() and
     * program_close(). */
    void (*ended)(void *owner, const char *fault, bool recovered);
};

/* `ops` must outlive it. NULL where memory ran out. */
struct program *program_new(struct launcher *launcher, unsigned limit_ms,
                            const struct program_ops *ops, void *owner);
/* A running program goes on, within its limit, and is not spoken of any more; where it was to run
 * once more, it does so now. Memory goes when the loop has run the close callbacks. */
void program_close(struct program *program);

/* There is something new for it. */
void program_start(struct program *program);
/* What made it fail may be over: where the last run had a fault, it runs again. */
void program_retry(struct program *program);
/* What runs goes on as after program_close(), and the next program_start() does not wait for it.
 * What waits to be run again is not. */
void program_forget(struct program *program);

#endif
