/* Sends and receives the messages of protocol.h with their descriptors, for both ends. No function
 * here waits. */
#ifndef KEEPER_TRANSPORT_H
#define KEEPER_TRANSPORT_H

#include "protocol.h"

enum {
    MESSAGES_MAX = 32,             /* received by one call of message_receive() */
    MESSAGE_DESCRIPTORS_MAX = 253, /* SCM_MAX_FD, unix(7) */
};

struct message {
    int fd; /* to be closed by the receiver, or -1 */
    /* 0: the other end is closed, or sent an empty message, which is treated the same */
    size_t length;
    uint8_t bytes[sizeof(struct message_header) + KEEP_NOTE_MAX + 1];
};

/* Sends the header, header.length octets of `text`, and `fd` unless it is -1. 0 or -errno. -EAGAIN:
 * no room, or too many descriptors are in flight (ETOOMANYREFS) until the receiver takes some. */
int message_send(int to, struct message_header header, const void *text, int fd);

/* Returns the number of messages received, at most `max`; or -errno. If we have no descriptor left
 * (EMFILE), a message comes without its descriptor. */
int message_receive(int from, struct message *messages, unsigned max);

/* Sends one message with several descriptors. Only keepers do this, to the next keeper. */
int message_send_many(int to, struct message_header header, const int *fds, unsigned n);
/* Receives such a message without its text. Returns the number of descriptors, or -errno; -EPROTO:
 * it is not one of our messages. */
int message_receive_many(int from, struct message_header *header,
                         int fds[static MESSAGE_DESCRIPTORS_MAX]);

#endif
