#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    NS_PER_MS = 1000000,
    NS_PER_S = 1000000000,
    WAIT_MS = 5,
    TURN_NS = CLOCK_TURN_MS * NS_PER_MS
};

/* Other threads read these while the test's thread sets them. */
static atomic_bool held;
static _Atomic uint64_t held_ns;   /* the held clock's time */
static _Atomic int64_t slept_s;    /* how far the wall clock and the boot clock are ahead */
static _Atomic int64_t set_s;      /* how much further the wall clock is ahead of the kernel's */
static _Atomic uint64_t behind_ns; /* while it runs: ours minus the kernel's, modulo 2^64 */

static uint64_t kernel_ns(void)
{
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_kernel_ms(void)
{
    return kernel_ns() / NS_PER_MS;
}

static uint64_t our_ns(void)
{
    return held ? held_ns : kernel_ns() + behind_ns;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = 0;
    if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE)
        *now = timespec_of(our_ns());
    else
        result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME)
        now->tv_sec += slept_s;
    if (clock == CLOCK_REALTIME)
        now->tv_sec += set_s;
    return result;
}

time_t time(time_t *also)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (also)
        *also = now.tv_sec;
    return now.tv_sec;
}

void clock_set_wall(int64_t off_s)
{
    set_s = off_s;
}

void clock_sleep(int64_t seconds)
{
    slept_s += seconds;
}

/* Moves the held clock by the time since `start` on the kernel's clock. */
static void count_wait(uint64_t start)
{
    uint64_t took = kernel_ns() - start;
    held_ns += took < TURN_NS ? took : TURN_NS;
}

/* uv_cond_timedwait() uses our clock, but the kernel waits by its own. One wait takes at most one
 * turn, and then ends like a spurious wakeup. */
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *until)
{
    uint64_t until_ns = (uint64_t)until->tv_sec * NS_PER_S + (uint64_t)until->tv_nsec;
    uint64_t now = our_ns(), start = kernel_ns();
    uint64_t wait = until_ns <= now ? 0 : until_ns - now < TURN_NS ? until_ns - now : TURN_NS;
    struct timespec end = timespec_of(start + wait);
    int error = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &end);
    count_wait(start);
    return error == ETIMEDOUT && our_ns() < until_ns ? 0 : error;
}

void clock_hold(void)
{
    if (!held)
        held_ns = kernel_ns() + behind_ns;
    held = true;
}

void clock_go(void)
{
    if (held)
        behind_ns = held_ns - kernel_ns();
    held = false;
}

void clock_pass(uint64_t ms)
{
    *(held ? &held_ns : &behind_ns) += ms * NS_PER_MS;
}

/* The loop must not wait: while the clock is held, libuv's epoll_wait(2) ends only if something is
 * ready. */
bool clock_turn(uv_loop_t *loop)
{
    uint64_t start = kernel_ns();
    struct pollfd ready = {.fd = uv_backend_fd(loop), .events = POLLIN};
    uv_run(loop, UV_RUN_NOWAIT);
    int n = uv_backend_timeout(loop);
    n = poll(&ready, 1, n >= 0 && n < WAIT_MS ? n : WAIT_MS);
    count_wait(start);
    uv_update_time(loop);
    return n > 0 || uv_backend_timeout(loop) == 0;
}
