/* When facts of the system that the configuration depends on may have changed: at once where the
 * host has another name, and each minute while a user or group is not known.
 *
 * The kernel wakes who polls /proc/sys/kernel/hostname (proc_sys_poll() in fs/proc/proc_sysctl.c),
 * for the names of all UTS namespaces: so the name is compared. Where that file cannot be had, as
 * in a unit with ProcSubset=pid, another name is seen within the minute. */
#ifndef PHONEBOOKD_FACTS_H
#define PHONEBOOKD_FACTS_H

#include <limits.h>
#include <stdbool.h>
#include <uv.h>

struct facts {
    int fd; /* less than 0: none */
    uv_poll_t poll;
    uv_timer_t timer;
    char hostname[HOST_NAME_MAX + 1];
    bool unknown; /* set by the owner: some user or group is not known */
    void (*changed)(void *owner);
    void *owner;
};

/* From now on `changed` is called each time; already during this call, where the host has another
 * name than this one. */
void facts_init(struct facts *facts, uv_loop_t *loop, const char *hostname,
                void (*changed)(void *owner), void *owner);
/* `facts` must live until the loop has run the close callbacks. */
void facts_close(struct facts *facts);

#endif
