/* All that the keeper holds, and the order in which it is given: to a phonebookd that takes over,
 * or to the next keeper (park.h).
 *
 * Every socket of the table is in an epoll set, for its hang-up; the listening sockets of
 * phonebookd are in none. */
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

/* Stores what a SOCKET, REQUEST, NOTE or LISTENER brings. *fd, which may be -1, is set to -1 where
 * it is kept. `now` is in seconds of CLOCK_BOOTTIME. KEEP_OK, KEEP_FULL or KEEP_UNKNOWN. */
enum keep_result holdings_store(struct holdings *holdings, const struct message_header *header,
                                const uint8_t *text, int *fd, uint32_t now);
/* A socket that hung up: closes it, and forgets its texts. */
void holdings_drop(struct holdings *holdings, int fd);
void holdings_drop_listeners(struct holdings *holdings);
bool holdings_are_empty(const struct holdings *holdings);

/* What is given next: the listening sockets; each socket with its texts; the notes. */
struct giving {
    unsigned listener;
    int socket;    /* 0: the notes */
    uint32_t text; /* of that socket; 0: the socket itself */
    uint32_t note; /* 0: nothing more */
};

/* From the beginning, to one that knows so much (a set of keep_knowledge). */
struct giving giving_begin(const struct holdings *holdings, uint32_t knows);
/* The next message, with `*fd` for its descriptor, which stays ours, or -1. False at the end. */
bool giving_message(const struct giving *giving, const struct holdings *holdings,
                    struct message_header *header, uint8_t text[static KEEP_NOTE_MAX], int *fd);
void giving_advance(struct giving *giving, const struct holdings *holdings);
/* Before holdings_drop(): the socket is not to be given any more. */
void giving_pass_over(struct giving *giving, const struct holdings *holdings, int fd);

#endif
