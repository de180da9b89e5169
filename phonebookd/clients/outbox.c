#include "outbox.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { WHOLE_MAX = 2048 }; /* one buffer, even for the smallest socket (unix_stream_sendmsg()) */

/* Will the kernel take the text as a whole? A short text is one buffer in the kernel, which is
 * taken whole or not at all. A long one needs several buffers, which all fit if twice its length is
 * free. If a socket never has that much room, waiting is useless. */
static bool is_taken_whole(int fd, size_t length)
{
    int size = 0;
    socklen_t n = sizeof size;
    if (length <= WHOLE_MAX)
        return true;
    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &n);
    int used = 0;
    ioctl(fd, SIOCOUTQ, &used);
    return 2 * length >= (size_t)size || 2 * length <= (size_t)(size - used);
}

/* Returns how much of the text need not wait any more: all of it, if nobody reads the socket. */
static size_t try_to_send(struct outbox *outbox, int fd, const char *text, size_t length)
{
    if (!outbox->begun && !is_taken_whole(fd, length))
        return 0;
    ssize_t sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN ? 0 : length;
    outbox->begun = (size_t)sent < length && (outbox->begun || sent > 0);
    return (size_t)sent;
}

static bool keep_unsent(struct outbox *outbox, const char *text, size_t length)
{
    char *longer = realloc(outbox->unsent, outbox->n_unsent + length);
    if (!longer)
        return false;
    memcpy(longer + outbox->n_unsent, text, length);
    outbox->unsent = longer;
    outbox->n_unsent += length;
    return true;
}

bool outbox_send(struct outbox *outbox, int fd, const char *text, size_t length)
{
    size_t sent = outbox->unsent ? 0 : try_to_send(outbox, fd, text, length);
    return sent == length || keep_unsent(outbox, text + sent, length - sent);
}

bool outbox_flush(struct outbox *outbox, int fd)
{
    if (!outbox->unsent)
        return false;
    size_t sent = try_to_send(outbox, fd, outbox->unsent, outbox->n_unsent);
    outbox->n_unsent -= sent;
    memmove(outbox->unsent, outbox->unsent + sent, outbox->n_unsent);
    if (outbox->n_unsent > 0)
        return false;
    outbox_fini(outbox);
    return true;
}

void outbox_fini(struct outbox *outbox)
{
    free(outbox->unsent);
    *outbox = (struct outbox){0};
}
