/* The keeper's log: one line each on standard error (common/log-line.h). */
#ifndef KEEPER_SAY_H
#define KEEPER_SAY_H

#include <stdbool.h>

void say_open(void); /* before the first line */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says how many lines found no room, where there is room now. True where there still is none. */
bool say_late(void);

#endif
