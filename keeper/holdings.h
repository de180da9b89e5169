/* Everything that the keeper holds, and the order in which it gives it to the next phonebookd or
 * keeper (park.h).
 *
 * All client sockets are in an epoll set that reports their hang-ups. phonebookd's listening
 * sockets are not. */
#ifndef KEEPER_HOLDINGS_H
#define KEEPER_HOLDINGS_H

#include "notes.h"
#include "protocol.h"
#include "table.h"

#include <stdbool.h>

struct kept_listener {
    int fd;
    uint64_t key;
    size_t length, subject;
    uint8_t text[KEEP_LISTENER_MAX];
};

struct holdings {
    struct table table;
    struct notes notes;
    struct kept_listener listeners[KEEP_LISTENERS_MAX];
    unsigned n_listeners;
    int epoll;
};

/* Stores the content of a SOCKET, REQUEST, NOTE or LISTENER message, or removes the text that a
 * FORGET names. *fd is the message's descriptor or -1; it becomes -1 if it is stored. `now` is in
 * seconds of CLOCK_BOOTTIME. Returns KEEP_OK, KEEP_FULL or KEEP_UNKNOWN. */
enum keep_result holdings_store(struct holdings *holdings, const struct message_header *header,
                                const uint8_t *text, int *fd, uint32_t now);
/* Closes a socket that hung up, and forgets its texts. */
void holdings_drop(struct holdings *holdings, int fd);
void holdings_drop_listeners(struct holdings *holdings);
bool holdings_are_empty(const struct holdings *holdings);

/* The next item: first the listening sockets, then each client's socket with its texts, then the
 * notes. */
struct giving {
    unsigned listener;
    int socket;    /* 0: all sockets are given, notes follow */
    uint32_t text; /* a text of `socket`; 0: the socket itself */
    uint32_t note; /* 0: everything is given */
};

/* Starts from the beginning, for a receiver with this knowledge (a set of keep_knowledge). */
struct giving giving_begin(const struct holdings *holdings, uint32_t knows);
/* The next message. *fd becomes its descriptor, which stays ours, or -1. False at the end. */
bool giving_message(const struct giving *giving, const struct holdings *holdings,
                    struct message_header *header, uint8_t text[static KEEP_NOTE_MAX], int *fd);
void giving_advance(struct giving *giving, const struct holdings *holdings);
/* Skips this socket if it is the next to be given. To be called before holdings_drop(). */
void giving_pass_over(struct giving *giving, const struct holdings *holdings, int fd);

#endif
