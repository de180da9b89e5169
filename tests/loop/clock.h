/* The clock that libuv's timers go by in these tests: CLOCK_MONOTONIC (clock_gettime(2) is ours
 * here, before libc's). It goes as the kernel's does until a test holds it. Then it moves in two
 * ways only: by what the test adds, and by what a turn of the loop, or a thread's wait with a limit
 * (uv_cond_timedwait(), its pthread_cond_timedwait(3) is ours too), takes, CLOCK_TURN_MS at most.
 * So a minute passes at once, and a test to which a busy machine gives no processor for a second
 * loses no second: what is due in 100 ms is not due before the test has run the loop four times. */
#ifndef TESTS_LOOP_CLOCK_H
#define TESTS_LOOP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { CLOCK_TURN_MS = 25 };

/* CLOCK_REALTIME and time(2) are off by so much from now on, as if somebody had set the clock. */
void clock_set_wall(int64_t off_s);
/* The machine sleeps: CLOCK_REALTIME and CLOCK_BOOTTIME go on. */
void clock_sleep(int64_t seconds);

void clock_hold(void);
void clock_go(void);
void clock_pass(uint64_t ms);

/* With the clock held: what is ready happens; then waits some milliseconds for more. Is there
 * more? */
bool clock_turn(uv_loop_t *loop);

/* The kernel's clock, for limits after which a test fails. */
uint64_t clock_kernel_ms(void);

#endif
