/* A listening socket that accepts connections.
 *
 * Happy path: the socket is made at its path, or comes from the supervisor; each accepted socket is
 * passed to the owner, NEWCOMERS_PER_TURN in one loop turn. Failure modes: accept(2) fails if
 * descriptors or memory run out, or if another process with a copy of a supervisor's socket has
 * shut it down. Then the listener pauses for ACCEPT_REST_MS, and clients wait in its backlog.
 * (libuv's own listener would accept and close their connections, or never return: 1.44.2 loops in
 * one callback.) */
#ifndef PHONEBOOKD_LISTENER_H
#define PHONEBOOKD_LISTENER_H

#include "listener-options.h"

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

/* The file at a path; all zero if there is none. */
struct listener_place {
    dev_t device;
    ino_t inode;
};

struct listener {
    uv_poll_t poll;
    uv_timer_t rest;
    int fd;
    char *path;                  /* owned; NULL: the socket is the supervisor's */
    struct listener_place place; /* the file at the path when the listener was opened */
    /* do not remove the path at the end: set by the owner if a keeper holds the socket */
    bool stays;
    bool complained;
    void (*accepted)(void *owner, int fd); /* takes over fd */
    void *owner;
};

/* Makes a listening stream socket at `path` with this mode and group. Returns the descriptor, or
 * -errno: -EADDRINUSE: a living process has its socket there; -EEXIST: the path is not a socket;
 * -EPERM: we are not a member of the group. */
int listener_bind(const char *path, const struct listener_options *config);

/* Takes over the listening socket `fd`, which is from listener_bind(), the keeper, or the
 * supervisor (then `path` is NULL). 0 or -errno. */
int listener_init(struct listener *listener, uv_loop_t *loop, int fd, const char *path,
                  void (*accepted)(void *owner, int fd), void *owner);
/* Sets mode and group of a socket that we made; a supervisor's stays as it is. 0 or -errno. */
int listener_open_up(const struct listener *listener, const struct listener_options *config);
/* The same for a socket that is not open yet. */
int listener_open_up_path(const char *path, const struct listener_options *config);
struct listener_place listener_place_of(const char *path);
/* The text for an error of these functions; static, or from strerror(3). */
const char *listener_error(int error);
/* While it is on, no connection is accepted, and clients wait in the backlog. */
void listener_hold(struct listener *listener, bool on);
/* Closes the socket, and removes a path that we made, unless `stays` is set or the path is another
 * file by now. `listener` must exist until the loop has run the close callbacks. */
void listener_close(struct listener *listener);

#endif
