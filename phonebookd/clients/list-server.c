#include "list-server.h"

#include "../../common/boot-clock.h"
#include "../limits.h"
#include "../log.h"
#include "places.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGER_BUFFER = 1 << 20, READER_HANDLES = 2 };

struct list_reader {
    struct list_server *server;
    int fd;
    uint32_t uid;
    struct place place; /* its `since` is on the clock of the loop */
    uint64_t state;     /* list_slices::state when it came: no older slice is sent to it */
    struct list_place at;
    struct list_slice *slice; /* a reference; NULL while it waits for one */
    size_t sent;              /* octets of it */
    int unread;               /* octets in the socket at the last look */
    uv_poll_t poll;
    uv_timer_t idle;
    unsigned n_handles;
    TAILQ_ENTRY(list_reader) waiting; /* list_server::waiting, while it has no slice */
};

static void on_writable(uv_poll_t *poll, int status, int events);

static struct list_reader *reader_at(struct place *place)
{
    return (struct list_reader *)((char *)place - offsetof(struct list_reader, place));
}

/* ---- the end of a reader ---- */

/* Sends a last text without LF, so that the reader knows that the list is incomplete, even if
 * nothing or only whole lines came before. A reader that does not read has left no room in the
 * socket, so the socket is made larger first (sock_setsockopt()). */
static void say_cut(int fd)
{
    static const char busy[] = {'b', 'u', 's', 'y'};
    static const int larger = LARGER_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &larger, sizeof larger);
    (void)!send(fd, busy, sizeof busy, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void refuse(int fd)
{
    say_cut(fd);
    close(fd);
}

static void on_closed(uv_handle_t *handle)
{
    struct list_reader *reader = handle->data;
    if (--reader->n_handles == 0)
        free(reader);
}

static void end(struct list_reader *reader)
{
    struct list_server *server = reader->server;
    if (reader->slice)
        list_slice_unref(reader->slice);
    else
        TAILQ_REMOVE(&server->waiting, reader, waiting);
    TAILQ_REMOVE(&server->places, &reader->place, others);
    if (--server->n_readers == 0)
        list_slices_forget_old(&server->slices);
    uv_close((uv_handle_t *)&reader->poll, on_closed);
    uv_close((uv_handle_t *)&reader->idle, on_closed);
    close(reader->fd);
}

/* Ends a list that is incomplete. */
static void cut(struct list_reader *reader)
{
    say_cut(reader->fd);
    end(reader);
}

static const struct place_limits limits = {LIST_READERS_ROOT, LIST_READERS_PER_USER,
                                           LIST_READERS_MAX, LIST_TIMEOUT_S * 1000};

/* False if there is no place. */
static bool make_place(struct list_server *server, uint32_t owner)
{
    if (places_have_room(&server->places, &limits, owner))
        return true;
    struct place *place = places_replaceable(&server->places, &limits, owner, uv_now(server->loop));
    if (place)
        cut(reader_at(place));
    return place;
}

/* ---- sending ---- */

/* The octets that the reader has not read yet, with the kernel's overhead: unix_ioctl(). The number
 * decreases when a piece was read completely. */
static int count_unread(const struct list_reader *reader)
{
    int unread = 0;
    ioctl(reader->fd, SIOCOUTQ, &unread);
    return unread;
}

static void on_idle(uv_timer_t *timer)
{
    struct list_reader *reader = timer->data;
    int unread = count_unread(reader);
    if (reader->slice && unread >= reader->unread) {
        cut(reader);
        return;
    }
    reader->unread = unread;
}

/* False if the socket has no room, or the reader is gone; errno tells which. */
static bool send_piece(struct list_reader *reader)
{
    size_t left = reader->slice->length - reader->sent;
    ssize_t sent = send(reader->fd, reader->slice->text + reader->sent,
                        left < LIST_PIECE ? left : LIST_PIECE, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EINTR;
    reader->sent += (size_t)sent;
    uv_timer_again(&reader->idle);
    return true;
}

static void take_slice(struct list_reader *reader, struct list_slice *slice)
{
    reader->slice = slice;
    reader->sent = 0;
    uv_poll_start(&reader->poll, UV_WRITABLE, on_writable);
}

static void on_turn(uv_idle_t *turn);

static void wait_for_slice(struct list_reader *reader)
{
    struct list_server *server = reader->server;
    reader->slice = NULL;
    uv_poll_stop(&reader->poll);
    TAILQ_INSERT_TAIL(&server->waiting, reader, waiting);
    uv_idle_start(&server->turn, on_turn);
}

/* Gives the reader its next slice, or a place in the queue for it. */
static void go_on(struct list_reader *reader)
{
    struct list_slice *slice =
        list_slices_find(&reader->server->slices, &reader->at, reader->state);
    if (slice)
        take_slice(reader, slice);
    else
        wait_for_slice(reader);
}

/* Sends at most one slice, so that each reader gets its turn. */
static void on_writable(uv_poll_t *poll, int status, int events)
{
    struct list_reader *reader = poll->data;
    struct list_slice *slice = reader->slice;
    (void)events;
    while (status == 0 && reader->sent < slice->length)
        if (!send_piece(reader))
            status = -errno;
    reader->unread = count_unread(reader);
    if (status == -EAGAIN)
        return;
    if (status < 0 || slice->length == 0) {
        end(reader);
        return;
    }
    reader->at = slice->to;
    list_slice_unref(slice);
    go_on(reader);
}

/* ---- turns ---- */

/* Gives the slice to all readers that wait for it. */
static void hand_out(struct list_server *server, struct list_slice *slice)
{
    struct list_reader *next;
    for (struct list_reader *reader = TAILQ_FIRST(&server->waiting); reader; reader = next) {
        next = TAILQ_NEXT(reader, waiting);
        if (!list_slice_fits(slice, &reader->at, reader->state))
            continue;
        TAILQ_REMOVE(&server->waiting, reader, waiting);
        take_slice(reader, list_slice_ref(slice));
    }
}

static void on_turn(uv_idle_t *turn)
{
    struct list_server *server = turn->data;
    struct list_reader *first = TAILQ_FIRST(&server->waiting);
    server->slices.source.epoch = boot_epoch();
    server->slices.source.now = boot_s();
    struct list_slice *slice = first ? list_slices_write(&server->slices, &first->at) : NULL;
    if (slice) {
        hand_out(server, slice);
        list_slice_unref(slice);
    } else if (first) {
        log_caused(LOG_CLIENT, first->uid, "a list for uid %u is cut off: out of memory",
                   first->uid);
        cut(first);
    }
    if (TAILQ_EMPTY(&server->waiting))
        uv_idle_stop(turn);
}

/* ---- the outside ---- */

void list_server_init(struct list_server *server, uv_loop_t *loop, const struct list_source *source)
{
    *server = (struct list_server){.loop = loop};
    list_slices_init(&server->slices, source);
    TAILQ_INIT(&server->places);
    TAILQ_INIT(&server->waiting);
    uv_idle_init(loop, &server->turn);
    server->turn.data = server;
}

/* NULL if memory, or room in the loop, ran out. */
static struct list_reader *new_reader(struct list_server *server, int fd, uint32_t uid,
                                      uint32_t owner)
{
    static const int octets = LIST_SOCKET_OCTETS;
    struct list_reader *reader = calloc(1, sizeof *reader);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    if (!reader || uv_poll_init(server->loop, &reader->poll, fd) != 0) {
        free(reader);
        return NULL;
    }
    reader->server = server;
    reader->fd = fd;
    reader->uid = uid;
    reader->place.owner = owner;
    reader->place.since = uv_now(server->loop);
    reader->state = server->slices.state;
    uv_timer_init(server->loop, &reader->idle);
    reader->n_handles = READER_HANDLES;
    reader->poll.data = reader->idle.data = reader;
    uv_timer_start(&reader->idle, on_idle, LIST_TIMEOUT_S * 1000, LIST_TIMEOUT_S * 1000);
    uv_unref((uv_handle_t *)&reader->idle);
    TAILQ_INSERT_TAIL(&server->places, &reader->place, others);
    server->n_readers++;
    return reader;
}

/* NULL if the reader is refused. */
static struct list_reader *let_in(struct list_server *server, int fd)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return NULL;
    uint32_t owner = owners_find(server->owners, peer.uid);
    if (!make_place(server, owner)) {
        log_caused(LOG_LIMIT, peer.uid,
                   "uid %u is refused the list: all places are taken, its own or those of all",
                   peer.uid);
        return NULL;
    }
    struct list_reader *reader = new_reader(server, fd, peer.uid, owner);
    if (!reader)
        log_caused(LOG_CLIENT, peer.uid, "uid %u is refused the list: out of memory", peer.uid);
    return reader;
}

void list_server_add(struct list_server *server, int fd)
{
    struct list_reader *reader = let_in(server, fd);
    if (reader)
        go_on(reader);
    else
        refuse(fd);
}

void list_server_changed(struct list_server *server)
{
    server->slices.state++;
    if (server->n_readers == 0)
        list_slices_forget_old(&server->slices);
}

void list_server_close(struct list_server *server)
{
    while (!TAILQ_EMPTY(&server->places))
        cut(reader_at(TAILQ_FIRST(&server->places)));
    list_slices_fini(&server->slices);
    uv_close((uv_handle_t *)&server->turn, NULL);
}
