/* The keeper's connection to phonebookd: who may connect, and the exchange of messages
 * (protocol.h).
 *
 * Happy path: phonebookd connects and says HELLO. The keeper gives it everything it holds, and from
 * then on obeys its messages one by one. The keeper never blocks here: while an answer finds no
 * room in the socket, the keeper reads nothing from it. Failure modes: the keeper reads everything
 * that a dead phonebookd sent before it answers the next one. It refuses a second phonebookd while
 * the first lives, other users, and other versions. An invalid message ends the connection, and
 * nothing that is held is lost. */
#ifndef KEEPER_CONTROL_H
#define KEEPER_CONTROL_H

#include "holdings.h"

struct control {
    struct holdings holdings;
    int listener;
    int peer; /* phonebookd's connection, or -1 */
    bool greeted;
    bool left;              /* phonebookd is about to end and relies on the keeper (LEAVE) */
    bool deaf;              /* phonebookd no longer reads; we still read its last messages */
    bool answering, giving; /* still to be sent: `answer`; then everything held, after a HELLO */
    struct message_header answer;
    struct giving cursor;
    bool watched_for_room;
    /* when we logged last that there is no room, in seconds; 0: never */
    uint32_t full_said, notes_full_said;
};

void control_accept(struct control *control);
/* phonebookd sent something, its socket has room again, or it hung up */
void control_serve(struct control *control);
void control_hung_up(struct control *control, int fd);

/* Reads everything that phonebookd has sent so far, and answers as far as there is room. */
void control_hear_out(struct control *control);
/* May the keeper end? True if it holds nothing, or if the connected phonebookd has everything and
 * is not about to end. */
bool control_is_relieved(const struct control *control);

#endif
