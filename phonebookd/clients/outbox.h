/* What waits for room in a stream socket. It knows no connection, and calls nobody.
 *
 * A text that only a part of is out when we end is followed by a whole one from the next
 * phonebookd; so it is not begun where it can wait for room. */
#ifndef PHONEBOOKD_OUTBOX_H
#define PHONEBOOKD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

struct outbox {
    char *unsent; /* owned; NULL: nothing waits */
    size_t n_unsent;
    bool begun; /* a part of it is out */
};

/* Sends what there is room for, behind what waits already; the rest waits. That a holder has shut
 * down its reading side (EPIPE), or that the peer is gone (the hang-up follows), is no reason to do
 * anything. False where memory ran out for what had to wait. */
bool outbox_send(struct outbox *outbox, int fd, const char *text, size_t length);
/* The socket has room again. True where something waited, and all of it is out. */
bool outbox_flush(struct outbox *outbox, int fd);
void outbox_fini(struct outbox *outbox);

#endif
