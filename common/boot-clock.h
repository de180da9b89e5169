/* CLOCK_BOOTTIME, which goes on while the machine is suspended. All processes since the boot see
 * the same time. Async-signal-safe. */
#ifndef COMMON_BOOT_CLOCK_H
#define COMMON_BOOT_CLOCK_H

#include <stdint.h>

uint64_t boot_ns(void);

static inline uint64_t boot_ms(void)
{
    return boot_ns() / 1000000;
}

/* The wall-clock time at which CLOCK_BOOTTIME was 0, in seconds since 1970. It changes only when
 * somebody sets the wall clock: both clocks go on during suspend, and adjtimex(2) slews both
 * alike. */
int64_t boot_epoch(void);
/* Seconds of wall-clock time since boot_epoch(). Differences of two such times are ages; adding the
 * current boot_epoch() gives a wall-clock time, even if the clock was set in between. */
int64_t boot_s(void);

#endif
