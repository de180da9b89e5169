/* Sends and receives the messages of keep.h, with the descriptor that comes beside one. Both ends
 * use it; neither ever waits in it. */
#ifndef KEEPER_TRANSPORT_H
#define KEEPER_TRANSPORT_H

#include "protocol.h"

enum { MESSAGES_MAX = 32 }; /* received by one call */

struct message {
    int fd;        /* the receiver's to close, or -1 */
    size_t length; /* 0: the other end is closed, or has sent nothing, which counts as that */
    uint8_t bytes[sizeof(struct message_header) + KEEP_NOTE_MAX + 1];
};

/* header.length octets of `text` follow. `fd` -1 sends none. 0 or -errno; -EAGAIN also where there
 * are too many descriptors in flight (ETOOMANYREFS): the other end is about to take some. */
int message_send(int to, struct message_header header, const void *text, int fd);

/* How many there were, at most `max`; or -errno. A descriptor that there was no room for (EMFILE)
 * is missing from its message. */
int message_receive(int from, struct message *messages, unsigned max);

#endif
