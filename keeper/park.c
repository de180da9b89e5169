#include "park.h"

#include "../common/notify.h"
#include "protocol.h"
#include "say.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

enum { QUEUE_OCTETS = 8 << 20 }; /* what we ask for; the kernel grants at most net.core.wmem_max */

/* ---- parking ---- */

/* Writes messages in larger pieces. */
struct writer {
    int fd, error;
    size_t length;
    uint8_t bytes[1 << 16];
};

static void flush(struct writer *writer)
{
    ssize_t n = 0;
    for (size_t at = 0; at < writer->length && writer->error == 0; at += (size_t)n) {
        n = write(writer->fd, writer->bytes + at, writer->length - at);
        if (n <= 0)
            writer->error = n < 0 ? -errno : -EIO;
    }
    writer->length = 0;
}

static void put(struct writer *writer, const void *bytes, size_t length)
{
    if (length > sizeof writer->bytes - writer->length)
        flush(writer);
    memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

static int make_memfd(void)
{
    int fd = memfd_create("phonebook-keeper", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    return fd < 0 && errno == EINVAL ? memfd_create("phonebook-keeper", MFD_CLOEXEC) : fd;
}

/* A memfd with all texts, or -errno. */
static int write_texts(const struct holdings *holdings)
{
    struct writer writer = {.fd = make_memfd()};
    struct giving giving = giving_begin(holdings, KEEP_KNOWS_ALL);
    if (writer.fd < 0)
        return -errno;
    struct message_header header;
    uint8_t text[KEEP_NOTE_MAX];
    int unused;
    for (; giving_message(&giving, holdings, &header, text, &unused);
         giving_advance(&giving, holdings)) {
        put(&writer, &header, sizeof header);
        put(&writer, text, header.length);
    }
    flush(&writer);
    if (writer.error == 0)
        return writer.fd;
    close(writer.fd);
    return writer.error;
}

/* Descriptors that go into one message. */
struct batch {
    int in;
    unsigned n;
    int fds[PARK_FDS_MAX];
    unsigned sent, failed;
};

static void send_batch(struct batch *batch)
{
    int error = batch->n == 0 ? 0
                              : message_send_many(batch->in, message_header(MESSAGE_SOCKET, 0, 0),
                                                  batch->fds, batch->n);
    *(error == 0 ? &batch->sent : &batch->failed) += batch->n;
    batch->n = 0;
}

static void add_to_batch(struct batch *batch, int fd)
{
    if (batch->n == PARK_FDS_MAX)
        send_batch(batch);
    batch->fds[batch->n++] = fd;
}

bool park_all(int in, const struct holdings *holdings)
{
    struct batch batch = {.in = in};
    int texts = write_texts(holdings), result = texts;
    if (result >= 0)
        result = message_send(in, message_header(MESSAGE_HELLO, 0, 0), NULL, texts);
    if (result < 0) {
        say("nothing can be parked for the next keeper: %s", strerror(-result));
        return false;
    }
    for (unsigned i = 0; i < holdings->n_listeners; i++)
        add_to_batch(&batch, holdings->listeners[i].fd);
    for (int fd = holdings->table.oldest; fd != 0; fd = holdings->table.sockets[fd].newer)
        add_to_batch(&batch, fd);
    send_batch(&batch);
    say("%u sockets are parked for the next keeper", batch.sent);
    if (batch.failed > 0)
        say("%u sockets are lost: the queue to the next keeper is full (net.core.wmem_max)",
            batch.failed);
    return true;
}

/* ---- reading what the former keeper parked ---- */

/* What was read from the queue. */
struct parked {
    struct holdings *holdings;
    int texts; /* the memfd, or -1 */
    int listeners[KEEP_LISTENERS_MAX];
    unsigned n_listeners, n_kept, n_gone, n_lost;
};

static int option_of(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    getsockopt(fd, SOL_SOCKET, option, &value, &size);
    return value;
}

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size);
    return cookie;
}

static bool has_hung_up(int fd)
{
    struct pollfd poll_fd = {.fd = fd};
    return poll(&poll_fd, 1, 0) > 0;
}

static void take_socket(struct parked *parked, int fd)
{
    struct message_header header = message_header(MESSAGE_SOCKET, cookie_of(fd), 0);
    bool listens = option_of(fd, SO_ACCEPTCONN);
    if (listens && parked->n_listeners < KEEP_LISTENERS_MAX) {
        parked->listeners[parked->n_listeners++] = fd;
        return;
    }
    if (listens || has_hung_up(fd))
        parked->n_gone++;
    else if (holdings_store(parked->holdings, &header, NULL, &fd, 0) == KEEP_OK)
        parked->n_kept++;
    else
        parked->n_lost++;
    if (fd >= 0)
        close(fd);
}

static void take_message(struct parked *parked, enum message_type type, const int *fds, int n)
{
    for (int i = 0; i < n; i++) {
        if (type == MESSAGE_SOCKET) {
            take_socket(parked, fds[i]);
            continue;
        }
        if (parked->texts >= 0) /* left by a keeper that was killed while it parked */
            close(parked->texts);
        parked->texts = fds[i];
    }
}

/* Where the listening socket with this key is in `fds`; `none` if it is not there. */
static int *find_listener(int *fds, size_t n, uint64_t key, int *none)
{
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0 && cookie_of(fds[i]) == key)
            return &fds[i];
    return none;
}

void park_read_texts(struct holdings *holdings, const uint8_t *bytes, size_t length, int *fds,
                     size_t n_fds, uint32_t now)
{
    struct message_header header;
    const uint8_t *text;
    bool known;
    for (size_t n; (n = message_next(bytes, length, &header, &text, &known)) > 0;
         bytes += n, length -= n) {
        int none = -1, *fd = &none;
        if (!known || header.type == MESSAGE_SOCKET)
            continue;
        if (header.type == MESSAGE_LISTENER)
            fd = find_listener(fds, n_fds, header.key, &none);
        holdings_store(holdings, &header, text, fd, now);
    }
}

static void read_texts(struct parked *parked, uint32_t now)
{
    void *bytes = MAP_FAILED;
    struct stat status;
    if (parked->texts >= 0 && fstat(parked->texts, &status) == 0 && status.st_size > 0)
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, parked->texts, 0);
    if (bytes == MAP_FAILED)
        return;
    park_read_texts(parked->holdings, bytes, (size_t)status.st_size, parked->listeners,
                    parked->n_listeners, now);
    munmap(bytes, (size_t)status.st_size);
}

static void take_all(struct holdings *holdings, int out, uint32_t now)
{
    struct parked parked = {.holdings = holdings, .texts = -1};
    struct message_header header;
    int fds[PARK_FDS_MAX], n;
    while ((n = message_receive_many(out, &header, fds)) >= 0)
        take_message(&parked, header.type, fds, n);
    read_texts(&parked, now);
    for (unsigned i = 0; i < parked.n_listeners; i++)
        if (parked.listeners[i] >= 0)
            close(parked.listeners[i]);
    if (parked.texts < 0)
        return;
    close(parked.texts);
    say("took %u sockets over from the last keeper, and %u that have hung up", parked.n_kept,
        parked.n_gone);
    if (parked.n_lost > 0)
        say("%u sockets are lost: RLIMIT_NOFILE leaves no room for them", parked.n_lost);
}

/* ---- the store ---- */

/* Makes and stores a new pair. Returns the end to park in, or -1. Only the supervisor keeps the
 * other end: if it has no store, that end is closed, and ours hangs up. */
static int store_pair(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        return -1;
    int octets = QUEUE_OCTETS;
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    if (notify_store(PARK_IN, ends[0]) < 0 || notify_store(PARK_OUT, ends[1]) < 0)
        say("the supervisor cannot be given descriptors to store");
    close(ends[1]);
    return ends[0];
}

int park_open(struct holdings *holdings, int in, int out, uint32_t now)
{
    if (out >= 0) {
        take_all(holdings, out, now);
        close(out);
    }
    if (in >= 0 && park_has_store(in))
        return in;
    if (in >= 0 || out >= 0) { /* one end was lost: forget the other before a new pair is stored */
        notify_forget(PARK_IN);
        notify_forget(PARK_OUT);
    }
    if (in >= 0)
        close(in);
    return notify_is_wanted() ? store_pair() : -1;
}

bool park_has_store(int in)
{
    struct pollfd poll_fd = {.fd = in};
    return in >= 0 && !(poll(&poll_fd, 1, 0) > 0 && poll_fd.revents & (POLLHUP | POLLNVAL));
}
