/* CLOCK_BOOTTIME, which goes on while the machine is suspended and is the same for a process and
 * for the one that comes after it. Async-signal-safe. */
#ifndef COMMON_BOOT_CLOCK_H
#define COMMON_BOOT_CLOCK_H

#include <stdint.h>

uint64_t boot_ns(void);

static inline uint64_t boot_ms(void)
{
    return boot_ns() / 1000000;
}

#endif
