#include "connection-parts.h"

#include "../../common/plain.h"
#include "../log.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
    ERROR_REPLY_MAX = 1024,
    WHOLE_REPLY_MAX = 2048, /* one buffer, even of the smallest socket (unix_stream_sendmsg()) */
};

static void watch_output(struct connection *c, bool output)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET | (output ? EPOLLOUT : 0u),
                                .data.ptr = c};

    epoll_ctl(c->set->epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void keep_unsent(struct connection *c, const char *text, size_t length)
{
    char *longer = realloc(c->unsent, c->n_unsent + length);

    if (!longer) {
        log_caused(LOG_CLIENT, c->holder.uid, "a reply to uid %u could not be kept: out of memory",
                   c->holder.uid);
        return;
    }
    memcpy(longer + c->n_unsent, text, length);
    c->unsent = longer;
    c->n_unsent += length;
}

/* Would the kernel take it as a whole? A short text is one buffer of the kernel's, which goes in or
 * does not. A long one takes several, and all go in where twice its length is free. Where a socket
 * never has that much, there is nothing to wait for. */
static bool is_taken_whole(int fd, size_t length)
{
    int size = 0, used = 0;
    socklen_t n = sizeof size;

    if (length <= WHOLE_REPLY_MAX)
        return true;
    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &n);
    ioctl(fd, SIOCOUTQ, &used);
    return 2 * length >= (size_t)size || 2 * length <= (size_t)(size - used);
}

/* As send(2). A reply that only a part of is out when we end is followed by a whole one from the
 * next phonebookd; so it is not begun where it can wait for room. */
static ssize_t try_to_send(struct connection *c, const char *text, size_t length)
{
    ssize_t sent = -1;

    errno = EAGAIN;
    if (c->begun || is_taken_whole(c->fd, length))
        sent = send(c->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    c->begun = c->begun || sent > 0;
    return sent;
}

static void forget_unsent(struct connection *c)
{
    free(c->unsent);
    c->unsent = NULL;
    c->n_unsent = 0;
    c->begun = false;
}

/* Sends what there is room for; the rest waits. That a holder has shut down its reading side
 * (EPIPE), or that the peer is gone (the hang-up follows), is no reason to do anything. */
void connection_reply(struct connection *c, const char *text, size_t length)
{
    ssize_t sent = 0;

    if (!c->unsent) {
        sent = try_to_send(c, text, length);
        if ((sent < 0 && errno != EAGAIN) || sent == (ssize_t)length) {
            forget_unsent(c);
            return;
        }
        sent = sent < 0 ? 0 : sent;
        watch_output(c, true);
    }
    keep_unsent(c, text + sent, length - (size_t)sent);
}

void connection_flush(struct connection *c)
{
    ssize_t sent = try_to_send(c, c->unsent, c->n_unsent);

    if (sent < 0 && errno == EAGAIN)
        return;
    if (sent >= 0 && (size_t)sent < c->n_unsent) {
        c->n_unsent -= (size_t)sent;
        memmove(c->unsent, c->unsent + sent, c->n_unsent);
        return;
    }
    forget_unsent(c);
    watch_output(c, false);
    connection_consume(c);
}

/* The text goes to terminals and has the interfaces of other users in it, whose names may be any
 * octets but a few: the kernel allows them, and so do requests. */
void connection_reply_error(struct connection *c, enum request_error code, const char *why)
{
    char text[ERROR_REPLY_MAX];
    int written = snprintf(text, sizeof text, "error %s %s", request_error_word(code), why);
    size_t length = written < ERROR_REPLY_MAX ? (size_t)written : sizeof text - 1;

    plain_ascii(text, length);
    text[length++] = '\n';
    connection_reply(c, text, length);
}

/* "ok" or "live", and the names that the registration became. */
void connection_reply_names(struct connection *c, const char *word, const struct registration *r)
{
    size_t room = strlen(word) + 2, length;
    char *text;

    for (size_t i = 0; i < r->n_claims; i++)
        room += strlen(r->claims[i].listing->name) + 1;
    text = malloc(room);
    if (!text) {
        connection_reply_error(c, REQUEST_LIMIT, "out of memory");
        return;
    }
    length = (size_t)sprintf(text, "%s", word);
    for (size_t i = 0; i < r->n_claims; i++)
        length += (size_t)sprintf(text + length, " %s", r->claims[i].listing->name);
    text[length++] = '\n';
    connection_reply(c, text, length);
    free(text);
}
