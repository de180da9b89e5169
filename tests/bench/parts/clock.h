/* The clock that all parts of a bench share: Python's time.monotonic() reads the same one. */
#ifndef BENCH_PARTS_CLOCK_H
#define BENCH_PARTS_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { NS_PER_US = 1000, NS_PER_MS = 1000 * 1000 };

static inline int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

/* Of this process, all threads. */
static inline int64_t clock_cpu(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000 * NS_PER_MS + used.tv_nsec;
}

static inline void clock_rest(int64_t ns)
{
    struct timespec rest = {.tv_sec = ns / (1000LL * NS_PER_MS),
                            .tv_nsec = ns % (1000LL * NS_PER_MS)};
    if (ns > 0)
        nanosleep(&rest, NULL);
}

#endif
