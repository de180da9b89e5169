#include "launch-message.h"

#include "../../common/passed-fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { HEAD = offsetof(struct launch_message, texts) };

void launch_message_begin(struct launch_message *message, enum launch_type type, uint32_t id)
{
    memset(message, 0, HEAD);
    message->type = type;
    message->id = id;
}

size_t launch_message_size(const struct launch_message *message)
{
    return HEAD + message->length;
}

int launch_message_add(struct launch_message *message, char *const *texts)
{
    for (; texts && *texts; texts++) {
        size_t size = strlen(*texts) + 1;
        if (message->n_texts == LAUNCH_WORDS_MAX || size > sizeof message->texts - message->length)
            return -E2BIG;
        memcpy(message->texts + message->length, *texts, size);
        message->length += (uint32_t)size;
        message->n_texts++;
    }
    return 0;
}

void launch_message_words(struct launch_message *message, char *words[static LAUNCH_WORDS_MAX + 1])
{
    char *text = message->texts;
    for (uint32_t i = 0; i < message->n_texts; i++) {
        words[i] = text;
        text += strlen(text) + 1;
    }
    words[message->n_texts] = NULL;
}

int launch_message_send(int socket, const struct launch_message *message, int fd, int flags)
{
    struct iovec vector = {(void *)message, launch_message_size(message)};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
    union passed_fd room;
    passed_fd_add(&header, &room, fd);
    ssize_t sent;
    do
        sent = sendmsg(socket, &header, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

/* Does it have the length and the number of texts that it states, each text with its NUL? */
static int is_whole(const struct launch_message *message, size_t length)
{
    const char *text = message->texts;
    if (length < HEAD || length - HEAD != message->length || message->n_texts > LAUNCH_WORDS_MAX ||
        message->n_arguments > message->n_texts)
        return 0;
    uint32_t n = 0;
    for (; n < message->n_texts; n++) {
        const char *end = memchr(text, '\0', message->length - (size_t)(text - message->texts));
        if (!end)
            return 0;
        text = end + 1;
    }
    return (size_t)(text - message->texts) == message->length;
}

/* If the other end closes with unread messages of ours, one call fails with ECONNRESET; then what
 * it sent before can still be read (unix_release_sock() in net/unix/af_unix.c). */
int launch_message_receive(int socket, struct launch_message *message, int *fd, int flags)
{
    struct iovec vector = {message, sizeof *message};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
    union passed_fd room;
    passed_fd_expect(&header, &room);
    *fd = -1;
    ssize_t length;
    do
        length = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
    while (length < 0 && (errno == EINTR || errno == ECONNRESET));
    if (length <= 0)
        return length < 0 ? -errno : 0;
    *fd = passed_fd_take(&header);
    return is_whole(message, (size_t)length) ? 1 : -EBADMSG;
}
