/* The keeper's log: lines on standard error (common/log-line.h). */
#ifndef KEEPER_SAY_H
#define KEEPER_SAY_H

#include <stdbool.h>

void say_open(void); /* to be called before the first line */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Logs how many lines were dropped, if there is room now. True if there is still no room. */
bool say_late(void);

#endif
