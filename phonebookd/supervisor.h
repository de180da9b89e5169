/* What a supervisor gives us and wants of us: sockets (LISTEN_FDS, sd_listen_fds(3)) and the word
 * that we are ready (a newline on a descriptor, s6; READY=1, sd_notify(3)). */
#ifndef PHONEBOOKD_SUPERVISOR_H
#define PHONEBOOKD_SUPERVISOR_H

/* The listening stream socket that the supervisor passed and that is bound to `path`, else the one
 * that it named `name`. Made close-on-exec and non-blocking. -ENOENT where there is none; -EINVAL,
 * which is logged, where the descriptor is something else. */
int supervisor_socket(const char *name, const char *path);

/* Says "ready": a newline to `fd` (which is closed), where it is not negative, and READY=1. */
void supervisor_ready(int fd);
/* Any other state of sd_notify(3), such as "STOPPING=1" or "RELOADING=1\nMONOTONIC_USEC=...". */
void supervisor_notify(const char *state);

#endif
