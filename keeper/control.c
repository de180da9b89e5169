#include "control.h"

#include "../common/boot-clock.h"
#include "../common/log-line.h"
#include "cells.h"
#include "protocol.h"
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MESSAGES_PER_TURN = 64, /* so that hang-ups get their turn */
    SAID_AGAIN_S = 60,
};

static struct log_lines logger = {.program = "phonebook-keeper", .fd = STDERR_FILENO};

void say_open(void)
{
    log_lines_open(&logger);
}

void say(const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    log_line(&logger, "", line);
}

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
    control->answer.count = hello ? (uint32_t)control->table.count : to->type;
    control->answer.limit = (uint32_t)control->table.limit;
    if (hello)
        control->answer.key = KEEP_KNOWS_NOTES;
    control->answering = true;
}

static void give_next_socket(struct control *control)
{
    control->give_socket = control->table.sockets[control->give_socket].newer;
    control->give_text = 0;
}

static int give_end(struct control *control)
{
    int result = message_send(control->peer, message_header(MESSAGE_END, 0, 0), NULL, -1);

    control->giving = result != 0;
    return result;
}

static int give_note(struct control *control)
{
    const struct note *note = &control->notes.all[control->give_note];
    struct message_header header = message_header(MESSAGE_NOTE, note->key, note->length);
    uint8_t bytes[KEEP_NOTE_MAX];
    int result;

    header.count = note->deadline;
    cells_read(&control->notes.cells, note->bytes, bytes, note->length);
    result = message_send(control->peer, header, bytes, -1);
    if (result == 0)
        control->give_note = note->newer;
    return result;
}

static int give_text(struct control *control, uint64_t key, const struct text *text)
{
    uint8_t bytes[KEEP_TEXT_MAX];

    cells_read(&control->table.cells, text->bytes, bytes, text->length);
    return message_send(control->peer, message_header(MESSAGE_REQUEST, key, text->length), bytes,
                        -1);
}

/* Sends what the cursor is at, and moves it on: a socket, its texts, the next socket, ..., the
 * notes, END. */
static int give(struct control *control)
{
    int fd = control->give_socket;
    const struct held *held = &control->table.sockets[fd];
    const struct text *text = &control->table.texts[control->give_text];
    int result;

    if (fd == 0)
        return control->give_note != 0 ? give_note(control) : give_end(control);
    if (control->give_text == 0)
        result =
            message_send(control->peer, message_header(MESSAGE_SOCKET, held->key, 0), NULL, fd);
    else
        result = give_text(control, held->key, text);
    if (result != 0)
        return result;
    control->give_text = control->give_text == 0 ? held->first_text : text->next;
    if (control->give_text == 0)
        give_next_socket(control);
    return 0;
}

void control_hung_up(struct control *control, int fd)
{
    if (control->giving && control->give_socket == fd)
        give_next_socket(control);
    /* While phonebookd has a copy, close() alone leaves the descriptor in the epoll set, and the
     * next socket of that number would be taken for this one (epoll(7), Q6). */
    epoll_ctl(control->epoll, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
    table_remove(&control->table, fd);
}

static uint32_t now_s(void)
{
    return (uint32_t)(boot_ms() / 1000);
}

/* Once in a while: clients decide how often it is full. Notes the time. */
static bool is_time_to_say(uint32_t *said)
{
    uint32_t now = now_s();

    if (*said != 0 && now - *said < SAID_AGAIN_S)
        return false;
    *said = now > 0 ? now : 1;
    return true;
}

/* Takes `fd` over where the result is KEEP_OK. */
static enum keep_result keep_socket(struct control *control, uint64_t key, int fd)
{
    struct epoll_event event = {.events = 0,
                                .data.fd = fd}; /* EPOLLHUP and EPOLLERR come unasked */

    if (table_add(&control->table, key, fd) == KEEP_OK) {
        if (epoll_ctl(control->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
            return KEEP_OK;
        table_remove(&control->table, fd);
    }
    if (is_time_to_say(&control->full_said))
        say("full: %d of %d sockets are kept", control->table.count, control->table.limit);
    return KEEP_FULL;
}

static enum keep_result keep_note(struct control *control, const struct message_header *header,
                                  const uint8_t *text)
{
    enum keep_result result = KEEP_OK;

    if (header->length == 0)
        notes_remove(&control->notes, header->key);
    else
        result =
            notes_store(&control->notes, header->key, text, header->length, header->count, now_s());
    if (result == KEEP_FULL && is_time_to_say(&control->notes_full_said))
        say("full: %u notes are kept", control->notes.count);
    return result;
}

static void greet(struct control *control, const struct message_header *header)
{
    notes_expire(&control->notes, now_s());
    say("phonebookd is here; it is given %d sockets", control->table.count);
    control->greeted = control->giving = true;
    control->give_socket = control->table.oldest;
    control->give_text = 0;
    control->give_note = header->count & KEEP_KNOWS_NOTES ? control->notes.oldest : 0;
    answer(control, header, KEEP_OK);
}

/* Sets *fd to -1 where it is kept; it is -1 for a socket that we had no descriptor left for. False
 * where the message makes no sense. */
static bool obey(struct control *control, const struct message_header *header, const uint8_t *text,
                 int *fd)
{
    int held = table_find(&control->table, header->key);
    enum keep_result result = KEEP_OK;

    if ((header->type == MESSAGE_HELLO) == control->greeted)
        return false;
    switch (header->type) {
    case MESSAGE_HELLO:
        greet(control, header);
        return true;
    case MESSAGE_SOCKET:
        if (held == 0)
            result = keep_socket(control, header->key, *fd);
        if (held == 0 && result == KEEP_OK)
            *fd = -1;
        if (result != KEEP_OK)
            answer(control, header, result);
        return true;
    case MESSAGE_REQUEST:
        result = KEEP_UNKNOWN;
        if (held != 0)
            result = table_store(&control->table, held, text, header->length, header->count);
        answer(control, header, result);
        return true;
    case MESSAGE_NOTE:
        answer(control, header, keep_note(control, header, text));
        return true;
    }
    return false;
}

/* Reads and obeys one message. 0, or -errno: -EAGAIN, or how the conversation ended. */
static int receive(struct control *control)
{
    struct message message;
    struct message_header header;
    const uint8_t *text;
    bool other_version, understood;
    int result = message_receive(control->peer, &message, 1);

    if (result < 0 || message.length == 0)
        return result < 0 ? result : -EPIPE;
    understood = message_parse(message.bytes, message.length, &header, &text, &other_version) &&
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

/* One step of what there is to do. Sends nothing to a peer that hears nothing any more. */
static int step(struct control *control)
{
    int result;

    if (control->deaf || (!control->answering && !control->giving))
        return receive(control);
    if (control->answering) {
        result = message_send(control->peer, control->answer, NULL, -1);
        control->answering = result != 0;
    } else {
        result = give(control);
    }
    if (result == 0 || result == -EAGAIN)
        return result;
    control->deaf = true;
    return 0;
}

static void watch(struct control *control, int operation)
{
    bool for_room = !control->deaf && (control->answering || control->giving);
    struct epoll_event event = {.events = for_room ? EPOLLOUT : EPOLLIN, .data.fd = control->peer};

    if (operation == EPOLL_CTL_ADD || for_room != control->watched_for_room)
        epoll_ctl(control->epoll, operation, control->peer, &event);
    control->watched_for_room = for_room;
}

void control_serve(struct control *control)
{
    int result = 0;

    if (control->peer < 0)
        return;
    for (unsigned i = 0; i < MESSAGES_PER_TURN && result == 0; i++)
        result = step(control);
    if (result == 0 || result == -EAGAIN) {
        watch(control, EPOLL_CTL_MOD);
        return;
    }
    say("phonebookd is gone; %d sockets are kept", control->table.count);
    epoll_ctl(control->epoll, EPOLL_CTL_DEL, control->peer, NULL);
    close(control->peer);
    control->peer = -1;
}

/* Is there a living phonebookd? A dead one is read to the end first: what it sent is stored. */
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
    socklen_t size = sizeof(who);

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
        control->greeted = control->deaf = control->answering = control->giving = false;
        watch(control, EPOLL_CTL_ADD);
    }
}
