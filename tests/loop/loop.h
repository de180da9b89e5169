/* What a test with a loop needs: conditions with a limit instead of sleeps, a clock that the test
 * moves on, a log that it can read, and an end that fails unless the loop closes empty. The clock
 * is held (clock.h). */
#ifndef TESTS_LOOP_LOOP_H
#define TESTS_LOOP_LOOP_H

#include "../unit/files.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { LOOP_LIMIT_MS = 60000 }; /* for what is to happen; sanitizers and a busy machine included */

struct test_loop {
    uv_loop_t loop;
    uv_timer_t alive; /* as in a daemon: a loop with nothing alive runs no unreferenced timer */
    uint64_t limit;   /* of LOOP_RUN_UNTIL, on the kernel's clock */
    int log;          /* where standard error goes meanwhile */
    int real_stderr;
    int n_descriptors;                   /* that were open before */
    struct launcher *launcher;           /* NULL: none */
    char directory[FILES_DIRECTORY_MAX]; /* for files, removed at the end */
};

void loop_setup(struct test_loop *t);
/* Begins a launcher, which may do everything; the teardown ends it. */
void loop_start_launcher(struct test_loop *t);
/* Ends it before that. */
void loop_end_launcher(struct test_loop *t);
/* 0, or -1 where a handle or a descriptor is left, which is then told of. */
int loop_teardown(struct test_loop *t);

/* Runs the loop until the condition holds; the test fails where it does not within the limit. */
#define LOOP_RUN_UNTIL(t, condition)                                                               \
    do {                                                                                           \
        loop_begin_wait(t);                                                                        \
        while (!(condition))                                                                       \
            loop_wait(t, #condition, __FILE__, __LINE__);                                          \
    } while (0)
void loop_begin_wait(struct test_loop *t);
void loop_wait(struct test_loop *t, const char *condition, const char *file, int line);

/* So many turns without waiting: enough for all that can happen by itself. */
void loop_settle(struct test_loop *t);
/* Lets time pass, and what is due then happen. */
void loop_pass(struct test_loop *t, uint64_t ms);
/* Runs the loop for so long; how often it had something to do. */
unsigned loop_run(struct test_loop *t, uint64_t ms);
/* How often the loop wakes within `ms` in which nothing should happen. */
unsigned loop_wakes(struct test_loop *t, uint64_t ms);

/* How often the log has this text; forgetting it. */
unsigned loop_logged(const struct test_loop *t, const char *text);
void loop_forget_log(struct test_loop *t);

/* Open descriptors of this process. */
int loop_count_descriptors(void);

/* Until the other one is called, as somebody who may not read everything; skips the test where root
 * is not there to begin with. */
void loop_become_nobody(void);
void loop_become_root(void);

#endif
