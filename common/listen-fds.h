/* Listening sockets from a supervisor: LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES
 * (sd_listen_fds(3)). */
#ifndef COMMON_LISTEN_FDS_H
#define COMMON_LISTEN_FDS_H

#include <stdbool.h>

enum {
    LISTEN_FDS_FIRST = 3, /* the first descriptor; the others follow it */
    LISTEN_FDS_MAX = 64,  /* descriptors beyond this number are ignored */
    LISTEN_FDS_TEXT_MAX = 160,
};

/* How many descriptors this process was given. 0 if LISTEN_PID names another process. */
int listen_fds_count(void);

/* The descriptor that is bound to `path`; if there is none, the one named `name`; or -1. */
int listen_fds_find(const char *name, const char *path);

/* Does LISTEN_FDNAMES call this descriptor `name`? */
bool listen_fds_is_named(int fd, const char *name);

/* Makes the descriptor close-on-exec and non-blocking. False if it is not a listening AF_UNIX
 * socket of this type (SOCK_STREAM, SOCK_SEQPACKET); `why` then names the descriptor, its kind, and
 * the kind that is needed. */
bool listen_fds_take(int fd, int type, char why[static LISTEN_FDS_TEXT_MAX]);

#endif
