#include "boot-clock.h"

#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t boot_ns(void)
{
    return read_ns(CLOCK_BOOTTIME);
}

int64_t boot_epoch(void)
{
    return ((int64_t)read_ns(CLOCK_REALTIME) - (int64_t)boot_ns()) / 1000000000;
}

int64_t boot_s(void)
{
    return (int64_t)(read_ns(CLOCK_REALTIME) / 1000000000) - boot_epoch();
}
