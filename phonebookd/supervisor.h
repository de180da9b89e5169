/* What a supervisor gives us and wants of us: sockets (LISTEN_FDS, sd_listen_fds(3)), the word that
 * we are ready (a newline on a descriptor, s6; READY=1, sd_notify(3)), and signs that we are not
 * stuck (WATCHDOG_USEC, sd_watchdog_enabled(3)). */
#ifndef PHONEBOOKD_SUPERVISOR_H
#define PHONEBOOKD_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { SUPERVISOR_STATE_MAX = 96, SUPERVISOR_WAITING = 2 };

/* What it is to be told, where its queue is full just now: it is waited for without blocking. */
struct supervisor {
    uv_timer_t timer; /* runs while something waits */
    char waiting[SUPERVISOR_WAITING][SUPERVISOR_STATE_MAX];
    unsigned n_waiting;
    bool late; /* the log has it that something waits */
};
void supervisor_init(struct supervisor *supervisor, uv_loop_t *loop);
void supervisor_close(struct supervisor *supervisor);

/* The listening stream socket that the supervisor passed and that is bound to `path`, else the one
 * that it named `name`. Made close-on-exec and non-blocking. -ENOENT where there is none; -EINVAL,
 * which is logged, where the descriptor is something else. */
int supervisor_socket(const char *name, const char *path);

/* Says "ready": a newline to `fd` (which is closed), where it is not negative, and READY=1. */
void supervisor_ready(struct supervisor *supervisor, int fd);
/* Any state of sd_notify(3), such as "STOPPING=1" or "RELOADING=1\nMONOTONIC_USEC=...". "READY=1"
 * comes after what still waits; any other state comes instead of it. */
void supervisor_notify(struct supervisor *supervisor, const char *state);

/* Within so many ms the supervisor wants "WATCHDOG=1", again and again; 0 where it wants none, or
 * wants it of another process. */
uint64_t supervisor_watchdog_ms(void);

#endif
