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

#include "notes.h"
#include "table.h"

struct control {
    struct table table;
    struct notes notes;
    int epoll, listener;
    int peer; /* phonebookd's connection, or -1 */
    bool greeted;
    bool deaf;              /* it hears nothing any more, but what it sent is still to be read */
    bool answering, giving; /* what is to be sent: `answer`, then what follows a HELLO: */
    struct message_header answer;
    int give_socket;    /* 0: the notes */
    uint32_t give_text; /* of that socket; 0: the socket itself */
    uint32_t give_note; /* 0: END */
    bool watched_for_room;
    uint32_t full_said, notes_full_said; /* when it was, in seconds; 0: never */
};

void control_accept(struct control *control);
void control_serve(struct control *control); /* the peer sent, has room again, or hung up */
void control_hung_up(struct control *control, int fd);

/* One line of the log (common/log-line.h); say_open() before the first. */
void say_open(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
