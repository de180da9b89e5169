/* Listening sockets that a supervisor hands over: LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES
 * (sd_listen_fds(3)). */
#ifndef COMMON_LISTEN_FDS_H
#define COMMON_LISTEN_FDS_H

#include <stdbool.h>

enum {
    LISTEN_FDS_FIRST = 3, /* the others follow it */
    LISTEN_FDS_MAX = 64,  /* of which we look at */
    LISTEN_FDS_TEXT_MAX = 160,
};

/* How many descriptors are handed over to this process; 0 where there are none, or where they are
 * another process's. */
int listen_fds_count(void);

/* The descriptor that is bound to `path`, else the one that is named `name`; -1 where there is
 * none. */
int listen_fds_find(const char *name, const char *path);

/* Is that the name of this one of them? */
bool listen_fds_is_named(int fd, const char *name);

/* Makes the descriptor close-on-exec and non-blocking. False where it is no listening AF_UNIX
 * socket of this type (SOCK_STREAM, SOCK_SEQPACKET); then `why` says which descriptor it is, what
 * it is, and what is needed. */
bool listen_fds_take(int fd, int type, char why[static LISTEN_FDS_TEXT_MAX]);

#endif
