#include "holdings.h"

#include "cells.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* ---- storing ---- */

/* Takes *fd over, which then becomes -1, unless a socket with this key is held already. */
static enum keep_result store_socket(struct holdings *holdings, uint64_t key, int *fd)
{
    /* epoll(7) always reports EPOLLHUP and EPOLLERR. */
    struct epoll_event event = {.events = 0, .data.fd = *fd};
    if (table_find(&holdings->table, key) != 0)
        return KEEP_OK;
    if (table_add(&holdings->table, key, *fd) != KEEP_OK)
        return KEEP_FULL;
    if (epoll_ctl(holdings->epoll, EPOLL_CTL_ADD, *fd, &event) < 0) {
        table_remove(&holdings->table, *fd);
        return KEEP_FULL;
    }
    *fd = -1;
    return KEEP_OK;
}

static enum keep_result store_text(struct holdings *holdings, const struct message_header *header,
                                   const uint8_t *text)
{
    int held = table_find(&holdings->table, header->key);
    if (held == 0)
        return KEEP_UNKNOWN;
    return table_store(&holdings->table, held, text, header->length, header->count);
}

static enum keep_result forget_text(struct holdings *holdings, const struct message_header *header,
                                    const uint8_t *text)
{
    int held = table_find(&holdings->table, header->key);
    if (held == 0)
        return KEEP_UNKNOWN;
    table_forget(&holdings->table, held, text, header->length);
    return KEEP_OK;
}

static enum keep_result store_note(struct holdings *holdings, const struct message_header *header,
                                   const uint8_t *text, uint32_t now)
{
    if (header->length > 0)
        return notes_store(&holdings->notes, header->key, text, header->length, header->count, now);
    notes_remove(&holdings->notes, header->key);
    return KEEP_OK;
}

static void remove_listener(struct holdings *holdings, const uint8_t *subject, size_t length)
{
    for (unsigned i = 0; i < holdings->n_listeners; i++) {
        struct kept_listener *kept = &holdings->listeners[i];
        if (kept->subject != length || memcmp(kept->text, subject, length) != 0)
            continue;
        close(kept->fd);
        *kept = holdings->listeners[--holdings->n_listeners];
        return;
    }
}

static enum keep_result store_listener(struct holdings *holdings,
                                       const struct message_header *header, const uint8_t *text,
                                       int *fd)
{
    struct kept_listener kept = {
        .fd = *fd, .key = header->key, .length = header->length, .subject = header->count};
    remove_listener(holdings, text, header->count);
    if (*fd < 0)
        return KEEP_OK;
    if (holdings->n_listeners == KEEP_LISTENERS_MAX)
        return KEEP_FULL;
    memcpy(kept.text, text, header->length);
    holdings->listeners[holdings->n_listeners++] = kept;
    *fd = -1;
    return KEEP_OK;
}

enum keep_result holdings_store(struct holdings *holdings, const struct message_header *header,
                                const uint8_t *text, int *fd, uint32_t now)
{
    switch (header->type) {
    case MESSAGE_SOCKET:
        return store_socket(holdings, header->key, fd);
    case MESSAGE_REQUEST:
        return store_text(holdings, header, text);
    case MESSAGE_FORGET:
        return forget_text(holdings, header, text);
    case MESSAGE_NOTE:
        return store_note(holdings, header, text, now);
    case MESSAGE_LISTENER:
        return store_listener(holdings, header, text, fd);
    }
    return KEEP_UNKNOWN;
}

void holdings_drop(struct holdings *holdings, int fd)
{
    /* While phonebookd has a copy, close() alone leaves the descriptor in the epoll set, and the
     * next socket with this number would be taken for it (epoll(7), Q6). */
    epoll_ctl(holdings->epoll, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
    table_remove(&holdings->table, fd);
}

void holdings_drop_listeners(struct holdings *holdings)
{
    while (holdings->n_listeners > 0)
        close(holdings->listeners[--holdings->n_listeners].fd);
}

bool holdings_are_empty(const struct holdings *holdings)
{
    return holdings->table.count == 0 && holdings->notes.count == 0 && holdings->n_listeners == 0;
}

/* ---- giving ---- */

struct giving giving_begin(const struct holdings *holdings, uint32_t knows)
{
    return (struct giving){
        .listener = knows & KEEP_KNOWS_LISTENERS ? 0 : holdings->n_listeners,
        .socket = holdings->table.oldest,
        .note = knows & KEEP_KNOWS_NOTES ? holdings->notes.oldest : 0,
    };
}

static void give_listener(const struct kept_listener *kept, struct message_header *header,
                          uint8_t *text, int *fd)
{
    *header = message_header(MESSAGE_LISTENER, kept->key, kept->length);
    header->count = (uint32_t)kept->subject;
    memcpy(text, kept->text, kept->length);
    *fd = kept->fd;
}

static void give_text(const struct table *table, uint64_t key, uint32_t index,
                      struct message_header *header, uint8_t *octets)
{
    const struct text *text = &table->texts[index];
    *header = message_header(MESSAGE_REQUEST, key, text->length);
    header->count = text->subject;
    cells_read(&table->cells, text->bytes, octets, text->length);
}

static void give_note(const struct notes *notes, uint32_t index, struct message_header *header,
                      uint8_t *octets)
{
    const struct note *note = &notes->all[index];
    *header = message_header(MESSAGE_NOTE, note->key, note->length);
    header->count = note->deadline;
    cells_read(&notes->cells, note->bytes, octets, note->length);
}

bool giving_message(const struct giving *giving, const struct holdings *holdings,
                    struct message_header *header, uint8_t text[static KEEP_NOTE_MAX], int *fd)
{
    const struct held *held = &holdings->table.sockets[giving->socket];
    *fd = -1;
    if (giving->listener < holdings->n_listeners) {
        give_listener(&holdings->listeners[giving->listener], header, text, fd);
    } else if (giving->socket != 0 && giving->text == 0) {
        *header = message_header(MESSAGE_SOCKET, held->key, 0);
        *fd = giving->socket;
    } else if (giving->socket != 0) {
        give_text(&holdings->table, held->key, giving->text, header, text);
    } else if (giving->note != 0) {
        give_note(&holdings->notes, giving->note, header, text);
    } else {
        return false;
    }
    return true;
}

static void next_socket(struct giving *giving, const struct holdings *holdings)
{
    giving->socket = holdings->table.sockets[giving->socket].newer;
    giving->text = 0;
}

void giving_advance(struct giving *giving, const struct holdings *holdings)
{
    const struct table *table = &holdings->table;
    if (giving->listener < holdings->n_listeners) {
        giving->listener++;
    } else if (giving->socket != 0) {
        giving->text = giving->text == 0 ? table->sockets[giving->socket].first_text
                                         : table->texts[giving->text].next;
        if (giving->text == 0)
            next_socket(giving, holdings);
    } else {
        giving->note = holdings->notes.all[giving->note].newer;
    }
}

void giving_pass_over(struct giving *giving, const struct holdings *holdings, int fd)
{
    if (giving->socket == fd)
        next_socket(giving, holdings);
}
