/* The contents of files in /proc/PID (proc(5)). Pure. */
#ifndef COMMON_PROC_TEXT_H
#define COMMON_PROC_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* /proc/PID/stat: the time on CLOCK_BOOTTIME, in clock ticks, when the process began. -1 if it is a
 * zombie or dead, or if the text lacks the time. Changes the text. */
int64_t proc_stat_began(char *stat);

/* /proc/PID/status: does the process catch, ignore or block the signal? */
bool proc_status_survives(const char *status, int signal);

#endif
