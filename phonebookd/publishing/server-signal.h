/* Sending a server a signal, without two ways in which that goes wrong: a pid that changes hands
 * just then, and a process that the signal would end. Of a pid file that nobody removed it cannot
 * be told that its number is somebody else's by now. */
#ifndef PHONEBOOKD_SERVER_SIGNAL_H
#define PHONEBOOKD_SERVER_SIGNAL_H

/* NULL: sent. Else why not, as a text for a person: no pid file, no such process, not ready. The
 * text is static. */
const char *server_signal(const char *pidfile, int signal);

/* The same through an s6 or runit supervisor: an `h` on SERVICEDIR/supervise/control. */
const char *server_signal_s6(const char *servicedir);

#endif
