/* The log line at readiness: the names that phonebookd takes, and its sockets. */
#ifndef PHONEBOOKD_READY_TEXT_H
#define PHONEBOOKD_READY_TEXT_H

#include <stdbool.h>

struct config;
struct doors;

/* Room for READY_TOLD_MAX zones with the longest names, as many databases, and the sockets. */
enum { READY_TEXT_MAX = 1600, READY_TOLD_MAX = 4 };

/* `kept`: a keeper holds the names. */
void ready_text(char text[static READY_TEXT_MAX], const struct config *config,
                const struct doors *doors, bool kept);

#endif
