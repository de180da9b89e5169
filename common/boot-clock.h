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

/* The second, since 1970, at which this clock was 0, by what the wall clock says now. It changes
 * where somebody sets the wall clock, and then only: both go on during suspend, and both are slewed
 * alike. */
int64_t boot_epoch(void);
/* The wall clock's second, counted from that one: an age, and with boot_epoch() a time on the wall
 * clock, however that is set meanwhile. */
int64_t boot_s(void);

#endif
