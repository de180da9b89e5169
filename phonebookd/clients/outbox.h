/* Text that waits for room in a stream socket. This module knows no connections, and calls nobody.
 *
 * If phonebookd ends after sending a part of a text, the next one sends the whole text behind this
 * part. So a text waits for room for all of it, if the socket can have that much. */
#ifndef PHONEBOOKD_OUTBOX_H
#define PHONEBOOKD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

struct outbox {
    char *unsent; /* owned; NULL: nothing waits */
    size_t n_unsent;
    bool begun; /* a part of it was sent */
};

/* Sends as much as there is room for, after everything that waits already; the rest waits. It is
 * not an error if a holder has shut down reading (EPIPE) or the peer is gone (a hang-up follows).
 * False if memory ran out for text that has to wait. */
bool outbox_send(struct outbox *outbox, int fd, const char *text, size_t length);
/* The socket has room again. True if text was waiting and all of it is sent now. */
bool outbox_flush(struct outbox *outbox, int fd);
void outbox_fini(struct outbox *outbox);

#endif
