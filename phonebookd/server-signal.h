/* Sending a server a signal, without the two ways in which that goes wrong: a pid that meanwhile
 * belongs to somebody else, and a process that the signal would end. */
#ifndef PHONEBOOKD_SERVER_SIGNAL_H
#define PHONEBOOKD_SERVER_SIGNAL_H

/* NULL: sent. Else why not, as a text for a person: no pid file, no such process, not ready. The
 * text is static. */
const char *server_signal(const char *pidfile, int signal);

/* The same through an s6 or runit supervisor: an `h` on SERVICEDIR/supervise/control. */
const char *server_signal_s6(const char *servicedir);

#endif
