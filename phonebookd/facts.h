/* Reports when facts of the system may have changed that the configuration depends on: at once when
 * the host's name changes, and every minute while a user or group is unknown.
 *
 * The kernel wakes a process that polls /proc/sys/kernel/hostname (proc_sys_poll() in
 * fs/proc/proc_sysctl.c) when the name changes in any UTS namespace, so we compare the name. If
 * that file is missing, as in a unit with ProcSubset=pid, a new name is noticed within a minute. */
#ifndef PHONEBOOKD_FACTS_H
#define PHONEBOOKD_FACTS_H

#include <limits.h>
#include <stdbool.h>
#include <uv.h>

struct facts {
    int fd; /* negative: none */
    uv_poll_t poll;
    uv_timer_t timer;
    char hostname[HOST_NAME_MAX + 1];
    bool unknown; /* set by the owner: some user or group is unknown */
    void (*changed)(void *owner);
    void *owner;
};

/* `changed` is called from now on; during this call already if the host's name is not
 * `hostname`. */
void facts_init(struct facts *facts, uv_loop_t *loop, const char *hostname,
                void (*changed)(void *owner), void *owner);
/* `facts` must live until the loop has run the close callbacks. */
void facts_close(struct facts *facts);

#endif
