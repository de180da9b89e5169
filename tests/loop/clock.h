/* The clock of libuv's timers in these tests: this module defines clock_gettime(2) in place of
 * libc's, for CLOCK_MONOTONIC. It is the kernel's until a test holds it. A held clock moves in two
 * ways: by what the test adds, and by the time of a turn of the loop or of a thread's wait with a
 * limit (uv_cond_timedwait(); pthread_cond_timedwait(3) is defined here too), CLOCK_TURN_MS at
 * most. So a minute passes at once; and a test that gets no processor for a second on a busy
 * machine does not lose that second: what is due in 100 ms is due after the loop has run four
 * times. */
#ifndef TESTS_LOOP_CLOCK_H
#define TESTS_LOOP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { CLOCK_TURN_MS = 25 };

/* Sets CLOCK_REALTIME and time(2) to the kernel's plus this. */
void clock_set_wall(int64_t off_s);
/* As a suspend of the machine: only CLOCK_REALTIME and CLOCK_BOOTTIME move. */
void clock_sleep(int64_t seconds);

void clock_hold(void);
void clock_go(void);
void clock_pass(uint64_t ms);

/* With a held clock: runs what is ready, then waits some milliseconds for more. True if there is
 * more. */
bool clock_turn(uv_loop_t *loop);

/* The kernel's clock, for the limits of tests. */
uint64_t clock_kernel_ms(void);

#endif
