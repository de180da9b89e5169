/* The contents of files in /proc/PID (proc(5)). Pure. */
#ifndef COMMON_PROC_TEXT_H
#define COMMON_PROC_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* /proc/PID/stat: in how many clock ticks of CLOCK_BOOTTIME did the process begin? -1 if it is a
 * zombie or dead, or if the text does not say it. Changes the text. */
int64_t proc_stat_began(char *stat);

/* /proc/PID/status: does the process catch, ignore or block the signal? */
bool proc_status_survives(const char *status, int signal);

#endif
