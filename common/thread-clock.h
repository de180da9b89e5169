/* CLOCK_THREAD_CPUTIME_ID: the processor time that the calling thread has used. */
#ifndef COMMON_THREAD_CLOCK_H
#define COMMON_THREAD_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t thread_ns(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

#endif
