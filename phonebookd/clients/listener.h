/* A listening socket, and the connections that it accepts.
 *
 * Happy path: made under its path (or taken from the supervisor), then each accepted socket is
 * handed to the owner, NEWCOMERS_PER_TURN of them in a loop turn. Failure modes: when accept(2)
 * fails, for want of descriptors or memory, or since whoever shares a supervisor's socket has shut
 * it down, the listener rests for ACCEPT_REST_MS, and clients wait in its backlog. (libuv's own
 * listener would accept and close them, or never return: 1.44.2 loops inside one callback.) */
#ifndef PHONEBOOKD_LISTENER_H
#define PHONEBOOKD_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

struct listener_options {
    mode_t mode;
    bool has_group;
    gid_t group;
};

/* What a path leads to; zeros where that is nothing. */
struct listener_place {
    dev_t device;
    ino_t inode;
};

struct listener {
    uv_poll_t poll;
    uv_timer_t rest;
    int fd;
    char *path;                  /* owned; NULL where the socket is the supervisor's */
    struct listener_place place; /* of the path, when it was opened */
    bool stays; /* the path, at the end: set by the owner where a keeper holds us */
    bool complained;
    void (*accepted)(void *owner, int fd); /* which takes the fd */
    void *owner;
};

/* Makes a stream socket at `path` with this mode and group, listening. The descriptor, or -errno;
 * -EADDRINUSE where a living process has its socket there; -EEXIST where it is no socket; -EPERM
 * where the group is none of ours. */
int listener_bind(const char *path, const struct listener_options *config);

/* Takes `fd`, listening, of listener_bind(), of the keeper, or of the supervisor (then `path` is
 * NULL). 0 or -errno. */
int listener_init(struct listener *listener, uv_loop_t *loop, int fd, const char *path,
                  void (*accepted)(void *owner, int fd), void *owner);
/* Gives a socket that we made another mode and group; a supervisor's is left as it is. 0 or
 * -errno. */
int listener_open_up(const struct listener *listener, const struct listener_options *config);
/* The same for one that is not open yet. */
int listener_open_up_path(const char *path, const struct listener_options *config);
struct listener_place listener_place_of(const char *path);
/* What a person is told of these errors: static, or as strerror(3) gives it. */
const char *listener_error(int error);
/* Accepts nobody meanwhile: clients wait in the backlog. */
void listener_hold(struct listener *listener, bool on);
/* Closes. A path that we made is removed, unless it `stays`, or leads to something else by now.
 * `listener` must live until the loop has run close callbacks. */
void listener_close(struct listener *listener);

#endif
