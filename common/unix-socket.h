/* Stream and packet sockets that are bound to a path. */
#ifndef COMMON_UNIX_SOCKET_H
#define COMMON_UNIX_SOCKET_H

/* Creates a socket of this type (SOCK_STREAM, SOCK_SEQPACKET), bound to `path` with mode 0600,
 * close-on-exec and non-blocking. It does not listen yet. A socket that a dead process left at the
 * path is replaced, even if another process still holds a copy of it. Returns the descriptor or
 * -errno: -EADDRINUSE: a living process has its socket there; -EEXIST: the path is not a socket;
 * -ENAMETOOLONG. */
int unix_socket_bind(const char *path, int type);

/* A socket connected to `path`, with the same flags; or -errno. */
int unix_socket_connect(const char *path, int type);

#endif
