/* The keeper's log: one line each on standard error (common/log-line.h). */
#ifndef KEEPER_SAY_H
#define KEEPER_SAY_H

void say_open(void); /* before the first line */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
