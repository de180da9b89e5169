/* Sending a server a signal, without two ways in which that goes wrong: a pid that changes hands
 * just then, and a process that the signal would end. Of a pid file that nobody removed it cannot
 * be told that its number is somebody else's by now. */
#ifndef PHONEBOOKD_SERVER_SIGNAL_H
#define PHONEBOOKD_SERVER_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

struct server_answer {
    enum server_outcome {
        SERVER_TOLD,
        SERVER_ABSENT, /* not there or not ready: it reads the new file when it starts */
        SERVER_UNTOLD, /* perhaps there, and beyond our reach: it may serve the old file for ever */
    } outcome;
    const char *why; /* and what helps, for a person: a static text; NULL where it was told */
};

/* Since when we have seen the process of a pid file. */
struct server_sighting {
    int pidfd; /* owned; -1: of no process */
    int pid;
    uint64_t since; /* ms */
};
void server_forget(struct server_sighting *sighting);

/* Sends the process of the pid file this signal. One that /proc hides from us is taken for ready
 * once we have seen it for SERVER_HIDDEN_MS; `now` in ms. `sighting` NULL: nobody looks again, and
 * nothing is sent: finds out what would become of that. */
struct server_answer server_signal(const char *pidfile, int signal,
                                   struct server_sighting *sighting, uint64_t now);

/* The same through an s6 or runit supervisor: an `h` on SERVICEDIR/supervise/control. */
struct server_answer server_signal_s6(const char *servicedir, bool send);

#endif
