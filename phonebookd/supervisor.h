/* The interface to the supervisor: sockets from it (LISTEN_FDS, sd_listen_fds(3)), readiness (a
 * newline on a descriptor for s6; READY=1, sd_notify(3)), and the watchdog (WATCHDOG_USEC,
 * sd_watchdog_enabled(3)). */
#ifndef PHONEBOOKD_SUPERVISOR_H
#define PHONEBOOKD_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { SUPERVISOR_STATE_MAX = 96, SUPERVISOR_WAITING = 2 };

/* Messages that wait because the supervisor's queue is full. They are sent later, without
 * blocking. */
struct supervisor {
    uv_timer_t timer; /* runs while a message waits */
    char waiting[SUPERVISOR_WAITING][SUPERVISOR_STATE_MAX];
    unsigned n_waiting;
    bool late; /* we have logged that a message waits */
};
void supervisor_init(struct supervisor *supervisor, uv_loop_t *loop);
void supervisor_close(struct supervisor *supervisor);

/* The listening stream socket that the supervisor passed: the one bound to `path`, otherwise the
 * one it named `name`. It is made close-on-exec and non-blocking. -ENOENT: there is none; -EINVAL:
 * the descriptor is something else (this is logged). */
int supervisor_socket(const char *name, const char *path);

/* Reports readiness: a newline to `fd`, which is closed, unless it is negative; and READY=1. */
void supervisor_ready(struct supervisor *supervisor, int fd);
/* Sends any state of sd_notify(3), such as "STOPPING=1" or "RELOADING=1\nMONOTONIC_USEC=...".
 * "READY=1" is queued behind waiting messages; any other state replaces them. */
void supervisor_notify(struct supervisor *supervisor, const char *state);

/* The supervisor wants "WATCHDOG=1" at least once in this many ms; 0: it does not want it, or wants
 * it from another process. */
uint64_t supervisor_watchdog_ms(void);

#endif
