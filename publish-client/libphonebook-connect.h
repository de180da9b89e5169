/* Connects to one of the daemon's sockets, and waits until a deadline. */
#ifndef PUBLISH_CLIENT_LIBPHONEBOOK_CONNECT_H
#define PUBLISH_CLIENT_LIBPHONEBOOK_CONNECT_H

/* Returns a blocking, close-on-exec descriptor above 2, or -errno. Waits as phonebook_connect()
 * does. */
int connect_daemon(const char *runtime, const char *socket_name, int timeout_ms);

/* When a call with this timeout has to end, in milliseconds of CLOCK_MONOTONIC; -1:
 * never. */
long long deadline_of(int timeout_ms);
/* Waits for one of these events (poll(2)), or a signal. 0: look again; -ETIMEDOUT, or -errno. */
int wait_before(int fd, short events, long long deadline);

#endif
