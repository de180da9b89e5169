/* Signals a DNS server by its pid file. Two mistakes are avoided: signalling another process that
 * gets the pid at this moment, and killing a process by a signal that it does not handle. One
 * remains: an old pid file that nobody removed may contain another process's pid. */
#ifndef PHONEBOOKD_SERVER_SIGNAL_H
#define PHONEBOOKD_SERVER_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

struct server_answer {
    enum server_outcome {
        SERVER_TOLD,
        SERVER_ABSENT, /* not there or not ready: it will read the new file when it starts */
        SERVER_UNTOLD, /* it may run, and we cannot reach it: it may serve the old file for ever */
    } outcome;
    const char *why; /* why it was not told, with a remedy (a static text); NULL if it was */
};

/* The process of a pid file, and since when we have seen it. */
struct server_sighting {
    int pidfd; /* owned; -1: none */
    int pid;
    uint64_t since; /* ms */
};
void server_forget(struct server_sighting *sighting);

/* Sends this signal to the process of the pid file. A process that /proc hides from us counts as
 * ready when we have seen it for SERVER_HIDDEN_MS; `now` is in ms. If `sighting` is NULL, nothing
 * is sent, and the answer is the expected outcome. */
struct server_answer server_signal(const char *pidfile, int signal,
                                   struct server_sighting *sighting, uint64_t now);

/* The same through an s6 or runit supervisor: writes an `h` to SERVICEDIR/supervise/control, which
 * the launcher opens. If `launcher` is NULL, nothing is sent, and the answer is the expected
 * outcome. */
#define SERVER_CONTROL "%s/supervise/control"
struct launcher;
struct server_answer server_signal_s6(const char *servicedir, struct launcher *launcher);

#endif
