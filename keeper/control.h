/* The keeper's conversation with phonebookd: who may have it, and what is said (keep.h).
 *
 * Happy path: phonebookd connects and says HELLO, is given everything that is held, and from then
 * on its messages are obeyed one by one. The control socket never blocks the loop: while an answer,
 * or the giving back, waits for room in it, nothing is read from it. Failure modes: what a
 * phonebookd sent before it died is read to the end before the next one is answered. A second one
 * beside a living first is refused, as is a stranger or another version. A message that makes no
 * sense ends the conversation, and nothing that is held. */
#ifndef KEEPER_CONTROL_H
#define KEEPER_CONTROL_H

#include "holdings.h"

struct control {
    struct holdings holdings;
    int listener;
    int peer; /* phonebookd's connection, or -1 */
    bool greeted;
    bool left;              /* phonebookd is about to end, and relies on what is held */
    bool deaf;              /* it hears nothing any more, but what it sent is still to be read */
    bool answering, giving; /* what is to be sent: `answer`, then what follows a HELLO: */
    struct message_header answer;
    struct giving cursor;
    bool watched_for_room;
    uint32_t full_said, notes_full_said; /* when it was, in seconds; 0: never */
};

void control_accept(struct control *control);
void control_serve(struct control *control); /* the peer sent, has room again, or hung up */
void control_hung_up(struct control *control, int fd);

/* Reads what phonebookd has sent so far, and answers it as far as there is room. */
void control_hear_out(struct control *control);
/* May the keeper end? Nothing is held, or a phonebookd has everything and goes on. */
bool control_is_relieved(const struct control *control);

#endif
