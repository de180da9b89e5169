/* Sends and receives the messages of protocol.h, with the descriptor that comes beside one. Both
 * ends use it; neither ever waits in it. */
#ifndef KEEPER_TRANSPORT_H
#define KEEPER_TRANSPORT_H

#include "protocol.h"

enum {
    MESSAGES_MAX = 32,             /* received by one call */
    MESSAGE_DESCRIPTORS_MAX = 253, /* SCM_MAX_FD, unix(7) */
};

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

/* The same with several descriptors beside one message, as only keepers send it to each other. */
int message_send_many(int to, struct message_header header, const int *fds, unsigned n);
/* Receives one, without its text. How many descriptors there were, or -errno; -EPROTO where it is
 * no message of ours. */
int message_receive_many(int from, struct message_header *header,
                         int fds[static MESSAGE_DESCRIPTORS_MAX]);

#endif
