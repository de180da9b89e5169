/* A libuv loop for a test: it waits for conditions, with a limit, instead of sleeping; its clock is
 * held (clock.h), so the test decides when time passes; the test can read the log; and the teardown
 * fails if a handle or a descriptor is left. */
#ifndef TESTS_LOOP_LOOP_H
#define TESTS_LOOP_LOOP_H

#include "../unit/files.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { LOOP_LIMIT_MS = 60000 }; /* limit of each wait, also with sanitizers on a busy machine */

struct test_loop {
    uv_loop_t loop;
    uv_timer_t alive; /* a loop without an active handle runs no unreferenced timer */
    uint64_t limit;   /* of LOOP_RUN_UNTIL, on the kernel's clock */
    int log;          /* memfd in place of standard error */
    int real_stderr;
    int n_descriptors;                   /* number of descriptors that were open before */
    struct launcher *launcher;           /* NULL: none */
    char directory[FILES_DIRECTORY_MAX]; /* for files, removed at the end */
};

void loop_setup(struct test_loop *t);
/* Starts a launcher that may run and open everything; the teardown ends it. */
void loop_start_launcher(struct test_loop *t);
/* Ends it before that. */
void loop_end_launcher(struct test_loop *t);
/* 0; or -1 if a handle or a descriptor is left, after naming it on standard error. */
int loop_teardown(struct test_loop *t);

/* Runs the loop until the condition holds; fails the test after LOOP_LIMIT_MS. */
#define LOOP_RUN_UNTIL(t, condition)                                                               \
    do {                                                                                           \
        loop_begin_wait(t);                                                                        \
        while (!(condition))                                                                       \
            loop_wait(t, #condition, __FILE__, __LINE__);                                          \
    } while (0)
void loop_begin_wait(struct test_loop *t);
void loop_wait(struct test_loop *t, const char *condition, const char *file, int line);

/* Runs a number of turns without waiting, so that everything that is ready has happened. */
void loop_settle(struct test_loop *t);
/* Moves the clock, and settles the loop. */
void loop_pass(struct test_loop *t, uint64_t ms);
/* Runs the loop for this time; returns how often it had something to do. */
unsigned loop_run(struct test_loop *t, uint64_t ms);
/* The same when nothing is ready any more: how often the loop wakes without a reason. */
unsigned loop_wakes(struct test_loop *t, uint64_t ms);

/* How often the log has this text. */
unsigned loop_logged(const struct test_loop *t, const char *text);
void loop_forget_log(struct test_loop *t);

/* Open descriptors of this process. */
int loop_count_descriptors(void);

/* The effective uid becomes one that may not read everything, and root again. Without root the test
 * is skipped. */
void loop_become_nobody(void);
void loop_become_root(void);

#endif
