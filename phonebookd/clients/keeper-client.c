/* Happy path: open_channel() connects and says HELLO. The keeper answers with everything that it
 * holds, and END. From then on the channel carries the messages of keeper_store_*(), and the
 * answers. keeper_connect_now() waits for END with poll(2), before the loop runs; later channels
 * are read by uv_poll only. Failure modes: if the channel ends (the keeper died, refused us, or
 * sent something invalid), or an answer does not come in time, the rest of the channel is read, the
 * owner's `lost` is called, and the timer opens a new channel. If our queue is full, the caller
 * gets -EAGAIN, and `writable` is called later. If there is no descriptor for a socket that is
 * given back, or the owner has no room for it, it stays with the keeper, and one line at the end of
 * the takeover gives the number of such sockets. The next takeover includes them.
 *
 * Each channel is an object of its own, because its handle is freed in a close callback, when the
 * next channel may be open already. A channel that breaks during a keeper_store_*() is only marked;
 * the loop also gets its hang-up, and ends it. */
#include "keeper-client.h"

#include "../../common/unix-socket.h"
#include "../../keeper/transport.h"
#include "../log.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CALLS_PER_TURN = 2, /* of MESSAGES_MAX each; each result causes an answer to a client */
    RESTART_PAUSE_MS = 20,
};

enum phase { PHASE_HELLO, PHASE_TAKING, PHASE_READY };

struct channel {
    uv_poll_t poll;
    struct keeper *keeper;
    int fd;
    enum phase phase;
    bool broken;        /* a message could not be sent, so the channel is about to end */
    bool wants_room;    /* a keeper_store_*() returned -EAGAIN */
    bool progressed;    /* something was received since the timer started */
    size_t taken;       /* number of sockets */
    size_t left_behind; /* sockets for which there was no descriptor, or no room */
    size_t unanswered;  /* requests and notes that were sent and not answered yet */
    bool leaving;       /* keeper_leave() was not answered yet */
    uint64_t knows;     /* the keeper's knowledge: a set of keep_knowledge */
};

struct keeper {
    uv_loop_t *loop;
    /* fires for the next attempt; or, with a channel, to check that the keeper still answers */
    uv_timer_t timer;
    const char *path;
    const struct keeper_ops *ops;
    void *owner;
    struct channel *channel; /* or NULL */
    unsigned n_handles;
    unsigned retry;   /* ms to the next attempt */
    uint64_t lost_at; /* ms of uv_hrtime(); 0: no channel was lost yet */
    int said; /* -errno of the last failure that was logged, so that it is logged once; or 0 */
    struct message messages[MESSAGES_MAX];
};

static const char *why(int error)
{
    switch (error) {
    case -ECONNREFUSED:
        return "there is none";
    case -EBUSY:
        return "another phonebookd is connected to it";
    case -EACCES:
        return "it runs as another user";
    case -EPROTONOSUPPORT:
        return "it is of another version";
    case -EPROTO:
        return "it does not speak our protocol";
    case -EPIPE:
        return "it ended";
    case -ETIMEDOUT:
        return "it does not answer";
    }
    return strerror(-error);
}

/* True if trying again after a second would not help. */
static bool is_refusal(int error)
{
    return error == -EBUSY || error == -EACCES || error == -EPROTONOSUPPORT || error == -EPROTO;
}

/* ---- handles ---- */

static void handle_gone(struct keeper *keeper)
{
    if (--keeper->n_handles == 0)
        free(keeper);
}

static void on_channel_closed(uv_handle_t *handle)
{
    struct channel *channel = handle->data;
    struct keeper *keeper = channel->keeper;
    free(channel);
    handle_gone(keeper);
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_gone(handle->data);
}

static void drop_channel(struct keeper *keeper)
{
    struct channel *channel = keeper->channel;
    keeper->channel = NULL;
    uv_close((uv_handle_t *)&channel->poll, on_channel_closed);
    close(channel->fd); /* uv_close() has removed it from the loop's epoll set */
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct keeper *keeper, unsigned delay)
{
    if (keeper->channel)
        keeper->channel->progressed = false;
    uv_timer_start(&keeper->timer, on_timer, delay, 0);
}

/* There is no channel, for this reason: logs it once, and plans another attempt. */
static void try_again(struct keeper *keeper, int error)
{
    if (error == -ENOENT)
        error = -ECONNREFUSED; /* no socket, or a dead keeper's: we treat both alike */
    if (error != keeper->said)
        log_caused(LOG_KEEPER, LOG_NOBODY, "keeper at %s: %s; a restart will lose names",
                   keeper->path, why(error));
    keeper->said = error;
    start_timer(keeper, is_refusal(error) ? KEEPER_RETRY_REFUSED_MS : keeper->retry);
}

static uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000; /* the loop's clock does not advance during the start */
}

static void lose(struct keeper *keeper, int error)
{
    bool connected = keeper->channel->phase != PHASE_HELLO;
    drop_channel(keeper);
    if (!connected) {
        try_again(keeper, error);
        return;
    }
    log_caused(LOG_KEEPER, LOG_NOBODY, "keeper at %s: lost: %s; a restart will lose names",
               keeper->path, why(error));
    keeper->said = -ECONNREFUSED; /* do not log that there is none right now */
    keeper->lost_at = now_ms();
    start_timer(keeper, keeper->retry);
    keeper->ops->lost(keeper->owner, why(error));
}

/* ---- sending ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct channel *channel)
{
    uv_poll_start(&channel->poll, UV_READABLE | (channel->wants_room ? UV_WRITABLE : 0), on_poll);
}

static bool is_answered(enum message_type type)
{
    return type != MESSAGE_SOCKET && type != MESSAGE_LISTENER && type != MESSAGE_FORGET;
}

/* During a takeover only FORGET may be sent: its text may be one of those that are taken over. */
static bool may_send(const struct channel *channel, enum message_type type)
{
    return channel && !channel->broken &&
           (channel->phase == PHASE_READY ||
            (channel->phase == PHASE_TAKING && type == MESSAGE_FORGET));
}

static int store(struct keeper *keeper, struct message_header header, const char *text, int fd)
{
    struct channel *channel = keeper->channel;
    if (!may_send(channel, header.type))
        return -ENOTCONN;
    int error = message_send(channel->fd, header, text, fd);
    if (error == -EPIPE || error == -ECONNRESET) {
        channel->broken = true;
        return -ENOTCONN;
    }
    if (error == -EAGAIN) {
        channel->wants_room = true;
        watch(channel);
    }
    if (error == 0 && is_answered(header.type))
        channel->unanswered++;
    if (channel->unanswered > 0 || error == -EAGAIN)
        if (!uv_is_active((uv_handle_t *)&keeper->timer))
            start_timer(keeper, KEEPER_ANSWER_LIMIT_MS);
    return error;
}

int keeper_store_socket(struct keeper *keeper, int fd, uint64_t key)
{
    return store(keeper, message_header(MESSAGE_SOCKET, key, 0), NULL, fd);
}

int keeper_store_request(struct keeper *keeper, uint64_t key, const char *text, size_t length,
                         size_t subject)
{
    struct message_header header = message_header(MESSAGE_REQUEST, key, length);
    if (length == 0 || length > KEEP_TEXT_MAX || subject > length)
        return -EINVAL;
    header.count = (uint32_t)subject;
    return store(keeper, header, text, -1);
}

static bool knows_not(const struct keeper *keeper, uint64_t what)
{
    const struct channel *channel = keeper->channel;
    return channel && channel->phase != PHASE_HELLO && !(channel->knows & what);
}

int keeper_forget_request(struct keeper *keeper, uint64_t key, const char *subject, size_t length)
{
    if (length == 0 || length > KEEP_TEXT_MAX)
        return -EINVAL;
    if (knows_not(keeper, KEEP_KNOWS_FORGETTING))
        return -EOPNOTSUPP;
    return store(keeper, message_header(MESSAGE_FORGET, key, length), subject, -1);
}

int keeper_store_note(struct keeper *keeper, uint64_t key, const char *text, size_t length,
                      uint32_t deadline)
{
    struct message_header header = message_header(MESSAGE_NOTE, key, length);
    if (length > KEEP_NOTE_MAX)
        return -EINVAL;
    if (knows_not(keeper, KEEP_KNOWS_NOTES))
        return -EOPNOTSUPP;
    header.count = deadline;
    return store(keeper, header, text, -1);
}

int keeper_store_listener(struct keeper *keeper, int fd, const char *text, size_t length,
                          size_t subject)
{
    uint64_t key = 0;
    socklen_t size = sizeof key;
    if (length == 0 || length > KEEP_LISTENER_MAX || subject > length)
        return -EINVAL;
    if (knows_not(keeper, KEEP_KNOWS_LISTENERS))
        return -EOPNOTSUPP;
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_COOKIE, &key, &size) < 0)
        return -errno;
    struct message_header header = message_header(MESSAGE_LISTENER, key, length);
    header.count = (uint32_t)subject;
    return store(keeper, header, text, fd);
}

bool keeper_is_expected(struct keeper *keeper)
{
    const struct channel *channel = keeper->channel;
    keeper->retry = KEEPER_RETRY_HURRY_MS;
    if (!channel && keeper->lost_at > 0 && !is_refusal(keeper->said))
        start_timer(keeper, keeper->retry);
    if (channel && channel->phase != PHASE_HELLO)
        return true;
    return keeper->lost_at > 0 && now_ms() - keeper->lost_at < KEEPER_RESTART_LIMIT_MS;
}

int keeper_leave(struct keeper *keeper)
{
    if (knows_not(keeper, KEEP_KNOWS_LEAVING))
        return -EOPNOTSUPP;
    int error = store(keeper, message_header(MESSAGE_LEAVE, 0, 0), NULL, -1);
    if (error == 0)
        keeper->channel->leaving = true;
    return error;
}

/* ---- receiving ---- */

static int refused(const struct message_header *header)
{
    switch (header->count) {
    case KEEP_BUSY:
        return -EBUSY;
    case KEEP_DENIED:
        return -EACCES;
    case KEEP_VERSIONS:
        return -EPROTONOSUPPORT;
    }
    return -EPROTO;
}

static void took_all(struct keeper *keeper, struct channel *channel)
{
    channel->phase = PHASE_READY;
    keeper->said = 0;
    log_caused_over(LOG_KEEPER, LOG_NOBODY, "keeper at %s: took over %zu sockets", keeper->path,
                    channel->taken);
    if (channel->left_behind > 0)
        log_caused(LOG_LIMIT, LOG_NOBODY,
                   "%zu sockets stay with the keeper, and their names unpublished: RLIMIT_NOFILE "
                   "leaves no room for them here",
                   channel->left_behind);
    if (!(channel->knows & KEEP_KNOWS_NOTES))
        log_caused(LOG_KEEPER, LOG_NOBODY,
                   "keeper at %s: it is older than phonebookd: lingering names do not survive a "
                   "restart of phonebookd",
                   keeper->path);
    if (!(channel->knows & KEEP_KNOWS_FORGETTING))
        log_caused(LOG_KEEPER, LOG_NOBODY,
                   "keeper at %s: it is older than phonebookd: a name that is withdrawn while its "
                   "connection stays comes back at a restart of phonebookd",
                   keeper->path);
    keeper->ops->taken_all(keeper->owner, channel->taken);
}

/* Handles a message while the keeper gives back what it holds. Takes over `fd`. */
static int take(struct channel *channel, const struct message_header *header, const uint8_t *text,
                int fd)
{
    struct keeper *keeper = channel->keeper;
    switch (header->type) {
    case MESSAGE_SOCKET:
        if (fd >= 0 && keeper->ops->taken_socket(keeper->owner, fd, header->key))
            channel->taken++;
        else
            channel->left_behind++;
        return 0;
    case MESSAGE_REQUEST:
        keeper->ops->taken_request(keeper->owner, header->key, (const char *)text, header->length);
        return 0;
    case MESSAGE_NOTE:
        keeper->ops->taken_note(keeper->owner, header->key, (const char *)text, header->length);
        return 0;
    case MESSAGE_LISTENER:
        if (fd >= 0)
            keeper->ops->taken_listener(keeper->owner, fd, (const char *)text, header->length);
        return 0;
    case MESSAGE_END:
        took_all(keeper, channel);
        return 0;
    }
    return -EPROTO;
}

static int hear_left(struct channel *channel)
{
    if (!channel->leaving)
        return -EPROTO;
    channel->leaving = false;
    channel->keeper->ops->left(channel->keeper->owner);
    return 0;
}

static int result_of(struct channel *channel, const struct message_header *header)
{
    struct keeper *keeper = channel->keeper;
    enum keep_result result = (enum keep_result)header->result;
    if (header->count == MESSAGE_SOCKET) {
        keeper->ops->socket_refused(keeper->owner, header->key, result);
        return 0;
    }
    if (channel->unanswered == 0)
        return -EPROTO;
    channel->unanswered--;
    switch (header->count) {
    case MESSAGE_REQUEST:
        keeper->ops->stored(keeper->owner, header->key, result);
        return 0;
    case MESSAGE_NOTE:
        keeper->ops->stored_note(keeper->owner, header->key, result);
        return 0;
    case MESSAGE_LEAVE:
        return hear_left(channel);
    }
    return -EPROTO;
}

static int stray(const struct message *message, int error)
{
    if (message->fd >= 0)
        close(message->fd);
    return error;
}

static bool may_bring_descriptor(const struct channel *channel, enum message_type type)
{
    return channel->phase == PHASE_TAKING && (type == MESSAGE_SOCKET || type == MESSAGE_LISTENER);
}

/* Handles a message, and takes over its descriptor. 0 or -errno. */
static int understand(struct channel *channel, const struct message *message)
{
    if (message->length == 0)
        return -EPIPE;
    struct message_header header;
    const uint8_t *text;
    bool other_version;
    if (!message_parse(message->bytes, message->length, &header, &text, &other_version))
        return stray(message, other_version ? -EPROTONOSUPPORT : -EPROTO);
    if (message->fd >= 0 && !may_bring_descriptor(channel, header.type))
        return stray(message, -EPROTO);
    if (header.type == MESSAGE_REFUSED)
        return refused(&header);
    if (channel->phase == PHASE_TAKING)
        return take(channel, &header, text, message->fd);
    if (channel->phase == PHASE_READY)
        return header.type == MESSAGE_RESULT ? result_of(channel, &header) : -EPROTO;
    if (header.type != MESSAGE_HELLO)
        return -EPROTO;
    channel->phase = PHASE_TAKING;
    channel->knows = header.key;
    channel->keeper->ops->connected(channel->keeper->owner, header.count);
    return 0;
}

/* Reads once. 0, -EAGAIN, or the -errno that ends the channel. */
static int receive(struct channel *channel)
{
    struct message *messages = channel->keeper->messages;
    int count = message_receive(channel->fd, messages, MESSAGES_MAX);
    if (count < 0)
        return count;
    channel->progressed = true;
    int error = 0;
    for (int i = 0; i < count; i++) {
        if (error == 0)
            error = understand(channel, &messages[i]);
        else if (messages[i].fd >= 0)
            close(messages[i].fd);
    }
    return error;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct channel *channel = poll->data;
    struct keeper *keeper = channel->keeper;
    int error = 0;
    for (unsigned i = 0; i < CALLS_PER_TURN && error == 0; i++)
        error = receive(channel);
    if (error != 0 && error != -EAGAIN) {
        lose(keeper, error);
        return;
    }
    if (status < 0) /* libuv stopped the handle because of a POLLERR, which was read now */
        watch(channel);
    if (status == 0 && events & UV_WRITABLE && channel->wants_room) {
        channel->wants_room = false;
        watch(channel);
        keeper->ops->writable(keeper->owner);
    }
}

/* ---- channels ---- */

/* A connected socket, or -errno. Only a keeper of root or of our own user is trusted with the
 * clients' names. SO_PEERCRED here is the process that called listen(2), which may be a
 * supervisor. */
static int connect_to(const char *path)
{
    struct ucred who = {.uid = (uid_t)-1};
    socklen_t size = sizeof who;
    int fd = unix_socket_connect(path, SOCK_SEQPACKET);
    if (fd < 0)
        return fd;
    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
    if (who.uid == 0 || who.uid == geteuid())
        return fd;
    close(fd);
    return -EACCES;
}

static int open_channel(struct keeper *keeper)
{
    struct channel *channel = calloc(1, sizeof *channel);
    struct message_header hello = message_header(MESSAGE_HELLO, 0, 0);
    if (!channel)
        return -ENOMEM;
    channel->keeper = keeper;
    int result;
    channel->fd = result = connect_to(keeper->path);
    if (result < 0)
        goto err_free;
    result = uv_poll_init(keeper->loop, &channel->poll, channel->fd);
    if (result < 0)
        goto err_close;
    channel->poll.data = channel;
    keeper->channel = channel;
    keeper->n_handles++;
    watch(channel);
    /* If the keeper refuses us, it may have closed the socket already, but its reason can be
     * read. */
    hello.count = KEEP_KNOWS_ALL;
    message_send(channel->fd, hello, NULL, -1);
    return 0;

err_close:
    close(channel->fd);
err_free:
    free(channel);
    return result;
}

static void on_timer(uv_timer_t *timer)
{
    struct keeper *keeper = timer->data;
    struct channel *channel = keeper->channel;
    if (!channel) {
        int error = open_channel(keeper);
        if (error != 0)
            try_again(keeper, error);
    } else if (channel->unanswered > 0 || channel->wants_room) {
        if (channel->progressed)
            start_timer(keeper, KEEPER_ANSWER_LIMIT_MS);
        else
            lose(keeper, -ETIMEDOUT);
    }
}

/* Reads until END. 0 or -errno. */
static int take_over_now(struct channel *channel)
{
    struct pollfd poll_fd = {.fd = channel->fd, .events = POLLIN};
    int error = 0;
    while (channel->phase != PHASE_READY) {
        if (poll(&poll_fd, 1, KEEPER_PROGRESS_LIMIT_MS) == 0)
            return -ETIMEDOUT;
        error = receive(channel);
        if (error == -EPIPE && channel->phase == PHASE_READY)
            return 0; /* the keeper gave everything, and ended; the loop will see its end again */
        if (error != 0 && error != -EAGAIN)
            return error;
    }
    return 0;
}

/* True in three cases: the former phonebookd, which is still connected, may be about to die; the
 * keeper left its socket, so it will be started again, and may have what we need; or the keeper
 * ended while it had us wait. (A keeper that stopped for good has removed its socket.) */
static bool may_be_restarting(int error)
{
    return error == -EBUSY || error == -ECONNREFUSED || error == -EPIPE;
}

int keeper_connect_now(struct keeper *keeper)
{
    uint64_t start = now_ms();
    int error;
    for (;;) {
        error = open_channel(keeper);
        if (error == 0)
            error = take_over_now(keeper->channel);
        if (!may_be_restarting(error) || now_ms() - start > KEEPER_PROGRESS_LIMIT_MS)
            break;
        if (keeper->channel && keeper->channel->phase == PHASE_HELLO)
            drop_channel(keeper);
        else if (keeper->channel)
            lose(keeper, error);
        poll(NULL, 0, RESTART_PAUSE_MS);
    }
    uv_update_time(keeper->loop);
    if (error == -ETIMEDOUT)
        log_caused(LOG_KEEPER, LOG_NOBODY, "keeper at %s: %s; a restart will lose names",
                   keeper->path, why(error));
    else if (error != 0 && keeper->channel)
        lose(keeper, error);
    else if (error != 0)
        try_again(keeper, error);
    return error;
}

int keeper_new(struct keeper **made, uv_loop_t *loop, const char *path,
               const struct keeper_ops *ops, void *owner)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return -ENOMEM;
    *keeper = (struct keeper){
        .loop = loop, .path = path, .ops = ops, .owner = owner, .retry = KEEPER_RETRY_MS};
    int error = uv_timer_init(loop, &keeper->timer);
    if (error < 0) {
        free(keeper);
        return error;
    }
    keeper->timer.data = keeper;
    keeper->n_handles = 1;
    *made = keeper;
    return 0;
}

void keeper_close(struct keeper *keeper)
{
    if (keeper->channel)
        drop_channel(keeper);
    uv_close((uv_handle_t *)&keeper->timer, on_timer_closed);
}
