/* Stream and packet sockets with a path. */
#ifndef COMMON_UNIX_SOCKET_H
#define COMMON_UNIX_SOCKET_H

/* A socket of this type (SOCK_STREAM, SOCK_SEQPACKET) that is bound to `path`, with mode 0600, and
 * does not listen yet; close-on-exec and non-blocking. The socket of a dead process at the path is
 * replaced, even where somebody holds a copy of it. The descriptor, or -errno: -EADDRINUSE where a living process has its socket
 * there, -EEXIST where something is there that is no socket, -ENAMETOOLONG. */
int unix_socket_bind(const char *path, int type);

/* A connected one, with the same flags; or -errno. */
int unix_socket_connect(const char *path, int type);

#endif
