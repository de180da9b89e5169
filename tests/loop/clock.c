#include "clock.h"

#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, WAIT_MS = 5 };

static bool held;
static uint64_t held_ns;   /* what it says while it is held */
static uint64_t behind_ns; /* ours less the kernel's, while it goes; wraps around below zero */

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

int clock_gettime(clockid_t clock, struct timespec *now)
{
    uint64_t ns;
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE)
        return (int)syscall(SYS_clock_gettime, clock, now);
    ns = held ? held_ns : kernel_ns() + behind_ns;
    now->tv_sec = (time_t)(ns / NS_PER_S);
    now->tv_nsec = (long)(ns % NS_PER_S);
    return 0;
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

/* The loop itself must not wait: with a clock that stands, epoll_wait(2) in libuv ends only where
 * something is ready. */
bool clock_turn(uv_loop_t *loop)
{
    uint64_t start = kernel_ns(), took;
    struct pollfd ready = {.fd = uv_backend_fd(loop), .events = POLLIN};
    int n;
    uv_run(loop, UV_RUN_NOWAIT);
    n = uv_backend_timeout(loop);
    n = poll(&ready, 1, n >= 0 && n < WAIT_MS ? n : WAIT_MS);
    took = kernel_ns() - start;
    held_ns += took < CLOCK_TURN_MS * NS_PER_MS ? took : CLOCK_TURN_MS * NS_PER_MS;
    uv_update_time(loop);
    return n > 0 || uv_backend_timeout(loop) == 0;
}
