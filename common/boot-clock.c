#include "boot-clock.h"

#include "clock.h"

uint64_t boot_ns(void)
{
    return clock_ns(CLOCK_BOOTTIME);
}

int64_t boot_epoch(void)
{
    return ((int64_t)clock_ns(CLOCK_REALTIME) - (int64_t)boot_ns()) / 1000000000;
}

int64_t boot_s(void)
{
    return (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000000) - boot_epoch();
}
