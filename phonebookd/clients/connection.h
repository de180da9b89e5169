/* The clients' connections on `publish`: reads requests, answers them, and notices the end.
 *
 * Happy path: connections_add() takes an accepted socket, the keeper gets a copy, and then the
 * socket is read (before that, if its request is published at once). A request is read without
 * removing it from the socket (MSG_PEEK), registered, stored by the keeper, answered, and only then
 * removed. If phonebookd ends before the whole answer is in the socket, the next phonebookd finds
 * the request there. When the last copy hangs up, the registrations are dropped, the namespace is
 * released, and the socket is closed. Failure modes: an invalid request gets an `error` line. While
 * a client does not read its replies, its requests are not read. A half-close only ends the
 * reading.
 *
 * All sockets are in one private epoll set, edge-triggered, which the loop polls. Level-triggered
 * polling would keep the loop busy for ever with a socket that is half-closed or contains part of a
 * line (uv_poll: 112,809 callbacks in 100 ms); a hang-up is an edge of its own.
 *
 * Each of these modules calls only those above it in this list:
 *
 *     connection-waits      queues for a turn, or for a time
 *     connection-life       one connection: its client, its beginning and its end
 *     connection-keep       stores with the keeper
 *     connection-takeover   restores from the keeper
 *     connection-request    reads requests and answers them
 *     connection-set        all connections, and whose turn it is */
#ifndef PHONEBOOKD_CONNECTION_H
#define PHONEBOOKD_CONNECTION_H

#include "../../publish-client/request.h"
#include "../state/registry.h"
#include "hang-ups.h"
#include "outbox.h"
#include "owners.h"

#include <sys/queue.h>
#include <uv.h>

/* Functions of the rest of the daemon that connections need; daemon.c provides them. */
struct connections_ops {
    /* The registry has changed. */
    void (*changed)(void *owner);
    /* Is a change published in the next turn of the loop, before connections have a turn? */
    bool (*builds_at_once)(void *owner);
    /* Is the registration live? If a client waited in vain: why is it not live? `wait_for` is a
     * zone, "" for all of its zones, or NULL for any of them. */
    bool (*is_live)(void *owner, const struct registration *registration, const char *wait_for);
    void (*why_not_live)(void *owner, const struct registration *registration, const char *wait_for,
                         char why[static REGISTRY_WHY_MAX]);
    /* Finds the network namespace of fd's peer. The namespace counts as used until
     * leave_namespace(), which is called before fd is closed. `taken`: a former phonebookd had
     * accepted the peer. REQUEST_OK, or the error to reply, with `why` set. */
    enum request_error (*enter_namespace)(void *owner, int fd, const struct holder *peer,
                                          bool taken, struct namespace **namespace,
                                          char why[static REGISTRY_WHY_MAX]);
    void (*leave_namespace)(void *owner, struct namespace *namespace);
    /* Store with the keeper: see keeper_store_socket(), keeper_store_request(),
     * keeper_store_note(). Or let it forget: see keeper_forget_request(). */
    int (*keep_socket)(void *owner, int fd, uint64_t key);
    int (*keep_request)(void *owner, uint64_t key, const char *text, size_t length, size_t subject);
    int (*forget_request)(void *owner, uint64_t key, const char *subject, size_t length);
    int (*keep_note)(void *owner, uint64_t key, const char *text, size_t length, uint32_t deadline);
};

enum connection_state {
    CONNECTION_READING,
    CONNECTION_STORING, /* `current` is registered; the keeper has to answer first */
    CONNECTION_WAITING, /* `current` is registered; the client waits until it is live */
};

TAILQ_HEAD(connection_list, connection);

/* The connections of one user; users have turns one after the other (connection-waits.h). */
struct user {
    uint32_t owner; /* the owner of all his uids (owners.h) */
    size_t n;       /* number of connections; the user is freed with the last */
    /* connections that wait for a turn; if there are any, the user is in connections::ready */
    struct connection_list ready;
    TAILQ_ENTRY(user) queue;
};

TAILQ_HEAD(user_list, user);

struct connection {
    struct connections *set;
    struct user *user;
    int fd;
    uint64_t key; /* SO_COOKIE: the same in every process that holds a copy of our end */
    struct holder holder;
    enum connection_state state;
    struct registration *current;
    bool renewed; /* `current` was accepted before, with other options */
    /* of the present request, which stays in the socket until the reply is sent */
    size_t line_length;
    int64_t wait;         /* option of the present request, in seconds; -1: none */
    int64_t id;           /* the same; the reply repeats it; -1: none */
    char *wait_for;       /* the same; owned; a zone, "" for all zones, or NULL */
    uint64_t deadline;    /* ms on the loop's clock: of the wait, or for the first request */
    uint64_t enter_at;    /* ms: when the namespace is tried again */
    struct outbox outbox; /* replies for which the socket had no room */
    /* The value of connections::keeper for which the next three fields, registration::kept and
     * registration::given are valid. Any other keeper knows nothing about us. */
    unsigned keeper;
    /* answers that the keeper still owes, including those for texts that were stored again */
    unsigned results_due;
    unsigned current_due; /* the place among these of the one for `current`; 0: none is due */
    bool kept;            /* the keeper has the socket */
    unsigned came_with;   /* connections::keeper of the takeover that brought it; 0: it connected */
    bool accepted;        /* it has, or had, a registration that was not withdrawn */
    bool watched;         /* it is in the epoll set */
    /* the client's program at its first request; "" if it is not known */
    char program[HANG_UP_PROGRAM_MAX];
    bool in_unentered, in_idle;
    /* its queue: user::ready, storing, waiting or due; NULL: it waits for its client */
    struct connection_list *waits_in;
    TAILQ_ENTRY(connection) all, queue, unentered, idle;
};

struct connections {
    uv_loop_t *loop;
    struct registry *registry;
    struct accounts *accounts;
    struct owners *owners; /* not owned; NULL: each uid is its own owner */
    const struct connections_ops *ops;
    void *owner;
    int epoll;
    uv_poll_t poll;   /* of `epoll` */
    uv_timer_t clock; /* fires at the next deadline: connection-waits.h */
    uv_timer_cb on_clock;
    uv_idle_t turn; /* serves the queues; a timer of 0 ms would starve all other handles */
    struct hang_ups hang_ups;
    void *by_key; /* a tsearch(3) tree of struct connection */
    size_t n;
    bool full, names_full;      /* it was logged that there are too many connections, or names */
    struct connection_list all; /* oldest first */
    /* The queues (connection-set.h); the one that has waited longest is first. */
    void *users;                    /* a tsearch(3) tree of struct user */
    struct user_list ready;         /* users with a connection that waits for its turn */
    struct connection_list storing; /* CONNECTION_STORING, after sending to the keeper */
    struct connection_list waiting; /* CONNECTION_WAITING */
    struct connection_list due;     /* CONNECTION_WAITING, and live or out of time */
    bool blocked;                   /* the keeper's queue is full */
    unsigned keeper;   /* identifies the keeper: incremented whenever one comes or goes */
    bool noting;       /* the keeper accepts notes */
    unsigned took_all; /* `keeper` of the last takeover that was completed */
    /* numbers of requests and notes: sent to the keeper, and answered by it */
    uint64_t sent, answered;
    struct connection *again; /* the next connection to be checked for something to store again */
    uint64_t again_at;        /* the next portion is sent when `answered` has reached this */
    /* restored connections whose namespace could not be entered; the next to be tried is first */
    struct connection_list unentered;
    struct connection_list idle; /* connections without an accepted request; oldest first */
    /* For a takeover: connection-takeover.h. */
    /* How many of the newest connections are set aside: held, but neither read nor published. Set
     * by the owner for one takeover. */
    size_t n_aside;
    size_t n_to_take;   /* sockets that the keeper has not sent yet */
    size_t n_set_aside; /* how many were set aside */
};

#endif
