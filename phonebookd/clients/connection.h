/* The clients' connections on `publish`: reading requests, answering them, and noticing the end.
 *
 * Happy path: connections_add() takes an accepted socket; the keeper gets a copy; then it is read.
 * A request is looked at without being consumed (MSG_PEEK), registered, stored by the keeper,
 * answered, and only then consumed: a phonebookd that ends in between, or before there was room in
 * the socket for the answer, leaves it there for the next one. At the hang-up of the last copy the
 * registrations go, the namespace is released and the socket closed. Failure modes: whatever a
 * client sends gets an `error` line at most; a client that does not read its replies is not read
 * from; a half-close ends the reading and nothing else.
 *
 * All sockets sit in one private epoll, edge-triggered, that the loop polls: a half-closed socket
 * or one with part of a line in it would keep a level-triggered poll busy for ever (uv_poll:
 * 112,809 callbacks in 100 ms), while a hang-up is an edge of its own.
 *
 * Each of these calls only those above it in this list:
 *
 *     connection-waits      where one waits: for a turn, or for a time
 *     connection-life       one connection: its client, its beginning and its end
 *     connection-keep       what the keeper is given
 *     connection-takeover   what the keeper gives back
 *     connection-request    what a client says, and is told
 *     connection-turn       what is done in a turn of the loop
 *     connection-set        all of them */
#ifndef PHONEBOOKD_CONNECTION_H
#define PHONEBOOKD_CONNECTION_H

#include "../../publish-client/request.h"
#include "../state/registry.h"
#include "outbox.h"
#include "owners.h"

#include <sys/queue.h>
#include <uv.h>

/* The rest of the daemon, as connections see it; daemon.c provides it. */
struct connections_ops {
    /* Told: the registry is not what it was. */
    void (*changed)(void *owner);
    /* Asked: is it served, and, for who has waited in vain, why not? `wait_for` is a zone; "" for
     * all of its zones; or NULL for any of them. */
    bool (*is_live)(void *owner, const struct registration *registration, const char *wait_for);
    void (*why_not_live)(void *owner, const struct registration *registration, const char *wait_for,
                         char why[static REGISTRY_WHY_MAX]);
    /* Asked for the namespace of fd's peer, which is counted until it is left, before the socket is
     * closed; `taken`: a former phonebookd had accepted him. REQUEST_OK, or an error to reply, with
     * `why` set. */
    enum request_error (*enter_namespace)(void *owner, int fd, const struct holder *peer,
                                          bool taken, struct namespace **namespace,
                                          char why[static REGISTRY_WHY_MAX]);
    void (*leave_namespace)(void *owner, struct namespace *namespace);
    /* Asked to store, as keeper_store_socket(), keeper_store_request() and keeper_store_note(). */
    int (*keep_socket)(void *owner, int fd, uint64_t key);
    int (*keep_request)(void *owner, uint64_t key, const char *text, size_t length, size_t subject);
    int (*keep_note)(void *owner, uint64_t key, const char *text, size_t length, uint32_t deadline);
};

enum connection_state {
    CONNECTION_READING,
    CONNECTION_STORING, /* `current` is registered, its answer waits for the keeper's */
    CONNECTION_WAITING, /* `current` is registered, its answer waits until it is live */
};

TAILQ_HEAD(connection_list, connection);

/* Whose connections have turns among those of the other users: connection-waits.h. */
struct user {
    uint32_t owner;               /* of his uids (owners.h) */
    size_t n;                     /* connections; freed with the last */
    struct connection_list ready; /* those that wait for a turn; if any do, he is in
                                   * connections::ready */
    TAILQ_ENTRY(user) queue;
};

TAILQ_HEAD(user_list, user);

struct connection {
    struct connections *set;
    struct user *user;
    int fd;
    uint64_t key; /* SO_COOKIE: equal in every process that holds a copy of our end */
    struct holder holder;
    enum connection_state state;
    struct registration *current;
    bool renewed;       /* `current` was accepted before, with other keys */
    size_t line_length; /* of the request that is handled, or whose reply waits: it is still in the
                         * socket */
    int64_t wait;       /* of that request, seconds; -1: none */
    int64_t id;         /* the same: the number that its reply has too, or -1 */
    char *wait_for;     /* the same, owned: a zone, "" for all zones, or NULL */
    uint64_t deadline;  /* ms on the loop's clock: of the wait, or of the first request */
    uint64_t enter_at;  /* of `unentered`; ms too */
    struct outbox outbox; /* replies that the socket had no room for */
    unsigned keeper;      /* connections::keeper to which the next three, and registration::kept and
                           * `given`, apply; another one knows nothing of us */
    /* answers that the keeper still owes, including those for texts that were stored again */
    unsigned results_due;
    unsigned current_due; /* that many until the one for `current`; 0: it was not sent */
    bool kept;            /* the keeper has the socket */
    bool accepted;        /* at least one request was */
    bool watched;         /* in the epoll */
    bool aside;           /* taken from the keeper, but neither read nor published: see crashes.h */
    bool in_unentered, in_idle;
    struct connection_list *waits_in; /* user::ready, storing, waiting, due; NULL: for its client */
    TAILQ_ENTRY(connection) all, queue, unentered, idle;
};

struct connections {
    uv_loop_t *loop;
    struct registry *registry;
    struct accounts *accounts;
    struct owners *owners; /* not owned; NULL: each uid is its own */
    const struct connections_ops *ops;
    void *owner;
    int epoll;
    uv_poll_t poll;   /* of `epoll` */
    uv_timer_t clock; /* the next deadline: connection-waits.h */
    uv_timer_cb on_clock;
    uv_idle_t turn; /* for the queues: a timer of 0 would let nothing else have one */
    void *by_key;   /* a tsearch(3) tree of struct connection */
    size_t n;
    bool full, names_full;      /* of connections, of names: was logged */
    struct connection_list all; /* connections, oldest first */
    /* The queues (connection-turn.h), who waits longest first. */
    void *users;                      /* a tsearch(3) tree of struct user */
    struct user_list ready;           /* the sockets, or requests, of their connections wait */
    struct connection_list storing;   /* CONNECTION_STORING, and sent to the keeper */
    struct connection_list waiting;   /* CONNECTION_WAITING */
    struct connection_list due;       /* CONNECTION_WAITING, and live or late */
    bool blocked;                     /* the keeper's queue is full */
    unsigned keeper;                  /* which one it is: counted up with each that comes or goes */
    bool noting;                      /* it may be given what lingers */
    uint64_t sent, answered;          /* requests and notes, to and by it */
    struct connection *again;         /* the next that is looked at for something to store again */
    uint64_t again_at;                /* when `answered` is that */
    struct connection_list unentered; /* taken, but their namespace could not be entered yet; who
                                       * is to try next is first */
    struct connection_list idle;      /* no accepted request yet, oldest first */
    /* Of a takeover: connection-takeover.h. */
    size_t n_aside;   /* so many of the newest connections are set aside: held, but neither read nor
                       * published; set by the owner, for one takeover */
    size_t n_to_take; /* sockets that the keeper has yet to send */
    size_t n_set_aside; /* those that were */
};

#endif
