/* The processes that hold one connection, as text. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_HOLDING_H
#define PUBLISH_CLIENT_COMMAND_HOLDING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PROCESS_NAME_MAX = 16 };

struct holding_process {
    pid_t pid;
    char name[PROCESS_NAME_MAX + 1]; /* from /proc/PID/comm: any octets except a line feed */
};

struct holding {
    bool known;
    struct holding_process *all; /* owned; sorted by pid */
    size_t n;
};

void holding_fini(struct holding *holding);
/* "4711(httpd),4712(sh)"; "?" if they are unknown; "" if there are none. Characters in the names
 * that would separate them become "?". To be freed; NULL if memory ran out. */
char *holding_text(const struct holding *holding);

#endif
