#include "control.h"

#include "../common/boot-clock.h"
#include "notes.h"
#include "protocol.h"
#include "say.h"
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MESSAGES_PER_TURN = 64, /* then hang-ups are handled */
    SAID_AGAIN_S = 60,
};

static void refuse(int fd, enum keep_result why)
{
    struct message_header refused = message_header(MESSAGE_REFUSED, 0, 0);
    refused.count = why;
    message_send(fd, refused, NULL, -1);
}

static void answer(struct control *control, const struct message_header *to,
                   enum keep_result result)
{
    bool hello = to->type == MESSAGE_HELLO;
    control->answer = message_header(hello ? MESSAGE_HELLO : MESSAGE_RESULT, to->key, 0);
    control->answer.result = (uint16_t)result;
    control->answer.count = hello ? (uint32_t)control->holdings.table.count : to->type;
    control->answer.limit = (uint32_t)control->holdings.table.limit;
    if (hello)
        control->answer.key = KEEP_KNOWS_ALL;
    control->answering = true;
}

/* Sends the next message, or END after the last. */
static int give(struct control *control)
{
    struct message_header header = message_header(MESSAGE_END, 0, 0);
    int fd = -1;
    uint8_t text[KEEP_NOTE_MAX];
    bool more = giving_message(&control->cursor, &control->holdings, &header, text, &fd);
    int error = message_send(control->peer, header, text, fd);
    if (error == 0 && more)
        giving_advance(&control->cursor, &control->holdings);
    if (error == 0)
        control->giving = more;
    return error;
}

void control_hung_up(struct control *control, int fd)
{
    if (control->giving)
        giving_pass_over(&control->cursor, &control->holdings, fd);
    holdings_drop(&control->holdings, fd);
}

static uint32_t now_s(void)
{
    return (uint32_t)(boot_ms() / 1000);
}

/* True once in SAID_AGAIN_S: clients decide how often we are full, and must not fill the log. */
static bool is_time_to_say(uint32_t *said)
{
    uint32_t now = now_s();
    if (*said != 0 && now - *said < SAID_AGAIN_S)
        return false;
    *said = now > 0 ? now : 1;
    return true;
}

static void say_full(struct control *control, enum message_type type)
{
    const struct holdings *holdings = &control->holdings;
    if (type == MESSAGE_SOCKET && is_time_to_say(&control->full_said))
        say("full: %d of %d sockets are kept", holdings->table.count, holdings->table.limit);
    if (type == MESSAGE_NOTE && is_time_to_say(&control->notes_full_said))
        say("full: %u notes are kept", holdings->notes.count);
}

static void greet(struct control *control, const struct message_header *header)
{
    notes_expire(&control->holdings.notes, now_s());
    if (!(header->count & KEEP_KNOWS_LISTENERS))
        holdings_drop_listeners(&control->holdings);
    say("phonebookd is here; it is given %d sockets", control->holdings.table.count);
    control->greeted = control->giving = true;
    control->cursor = giving_begin(&control->holdings, header->count);
    answer(control, header, KEEP_OK);
}

/* A SOCKET is answered only if it is refused, a LISTENER and a FORGET never. */
static bool is_answered(enum message_type type, enum keep_result result)
{
    return type != MESSAGE_LISTENER && type != MESSAGE_FORGET &&
           (type != MESSAGE_SOCKET || result != KEEP_OK);
}

/* *fd becomes -1 if it is kept. For a SOCKET it is -1 if we had no descriptor left to receive it.
 * False if the message is invalid. */
static bool obey(struct control *control, const struct message_header *header, const uint8_t *text,
                 int *fd)
{
    if ((header->type == MESSAGE_HELLO) == control->greeted)
        return false;
    enum keep_result result = KEEP_OK;
    switch (header->type) {
    case MESSAGE_HELLO:
        greet(control, header);
        return true;
    case MESSAGE_LEAVE:
        control->left = true;
        break;
    case MESSAGE_SOCKET:
    case MESSAGE_REQUEST:
    case MESSAGE_NOTE:
    case MESSAGE_LISTENER:
    case MESSAGE_FORGET:
        result = holdings_store(&control->holdings, header, text, fd, now_s());
        break;
    default:
        return false;
    }
    if (result == KEEP_FULL)
        say_full(control, header->type);
    if (is_answered(header->type, result))
        answer(control, header, result);
    return true;
}

/* Reads and obeys one message. 0 or -errno: -EAGAIN, or why the connection ended. */
static int receive(struct control *control)
{
    struct message message;
    int result = message_receive(control->peer, &message, 1);
    if (result < 0 || message.length == 0)
        return result < 0 ? result : -EPIPE;
    struct message_header header;
    const uint8_t *text;
    bool other_version;
    bool understood =
        message_parse(message.bytes, message.length, &header, &text, &other_version) &&
        obey(control, &header, text, &message.fd);
    if (message.fd >= 0)
        close(message.fd);
    if (understood)
        return 0;
    if (other_version)
        refuse(control->peer, KEEP_VERSIONS);
    say(other_version ? "refused: another version of phonebookd" : "a message makes no sense");
    return -EPROTO;
}

/* Sends what is due; if nothing is, or the peer no longer reads, receives a message. */
static int step(struct control *control)
{
    if (control->deaf || (!control->answering && !control->giving))
        return receive(control);
    int error;
    if (control->answering) {
        error = message_send(control->peer, control->answer, NULL, -1);
        control->answering = error != 0;
    } else {
        error = give(control);
    }
    if (error == 0 || error == -EAGAIN)
        return error;
    control->deaf = true;
    return 0;
}

static void watch(struct control *control, int operation)
{
    bool for_room = !control->deaf && (control->answering || control->giving);
    struct epoll_event event = {.events = for_room ? EPOLLOUT : EPOLLIN, .data.fd = control->peer};
    if (operation == EPOLL_CTL_ADD || for_room != control->watched_for_room)
        epoll_ctl(control->holdings.epoll, operation, control->peer, &event);
    control->watched_for_room = for_room;
}

/* 0: there may be more to do; -EAGAIN: there is nothing to do, or no room in the socket; else why
 * the connection ended. */
static int serve(struct control *control)
{
    int error = 0;
    for (unsigned i = 0; i < MESSAGES_PER_TURN && error == 0; i++)
        error = step(control);
    if (error == 0 || error == -EAGAIN) {
        watch(control, EPOLL_CTL_MOD);
        return error;
    }
    say("phonebookd is gone; %d sockets are kept", control->holdings.table.count);
    epoll_ctl(control->holdings.epoll, EPOLL_CTL_DEL, control->peer, NULL);
    close(control->peer);
    control->peer = -1;
    return error;
}

void control_serve(struct control *control)
{
    if (control->peer >= 0)
        serve(control);
}

void control_hear_out(struct control *control)
{
    while (control->peer >= 0 && serve(control) == 0)
        ;
}

/* Is a living phonebookd connected? If it is dead, everything it sent is read and stored first. */
static bool is_occupied(struct control *control)
{
    struct pollfd peer = {.fd = control->peer};
    if (control->peer >= 0 && (poll(&peer, 1, 0) == 0 || !(peer.revents & POLLHUP)))
        return true;
    while (control->peer >= 0)
        control_serve(control);
    return false;
}

void control_accept(struct control *control)
{
    int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct ucred who = {.uid = (uid_t)-1};
    socklen_t size = sizeof who;
    if (fd < 0)
        return;
    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
    if (who.uid != 0 && who.uid != geteuid()) {
        say("refused: uid %u, pid %d", who.uid, (int)who.pid);
        refuse(fd, KEEP_DENIED);
        close(fd);
    } else if (is_occupied(control)) {
        say("refused: a second phonebookd, pid %d", (int)who.pid);
        refuse(fd, KEEP_BUSY);
        close(fd);
    } else {
        control->peer = fd;
        control->greeted = control->left = control->deaf = false;
        control->answering = control->giving = false;
        watch(control, EPOLL_CTL_ADD);
    }
}

bool control_is_relieved(const struct control *control)
{
    bool has_all = control->peer >= 0 && control->greeted && !control->answering &&
                   !control->giving && !control->left && !control->deaf;
    return has_all || holdings_are_empty(&control->holdings);
}
