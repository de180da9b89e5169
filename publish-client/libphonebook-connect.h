/* Connects to one of the daemon's sockets; and the clock of deadlines. */
#ifndef PUBLISH_CLIENT_LIBPHONEBOOK_CONNECT_H
#define PUBLISH_CLIENT_LIBPHONEBOOK_CONNECT_H

/* Returns a blocking, close-on-exec descriptor above 2, or -errno. Waits as phonebook_connect()
 * does. */
int connect_daemon(const char *runtime, const char *socket_name, int timeout_ms);

/* CLOCK_MONOTONIC. */
long long monotonic_ms(void);
long long monotonic_ns(void);

#endif
