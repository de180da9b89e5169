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
 * 112,809 callbacks in 100 ms), while a hang-up is an edge of its own. */
#ifndef PHONEBOOKD_CONNECTION_H
#define PHONEBOOKD_CONNECTION_H

#include "../../keeper/protocol.h"
#include "../../publish-client/request.h"
#include "../state/registry.h"

#include <sys/queue.h>
#include <uv.h>

/* What connections need of the rest; daemon.c provides it. */
struct connections_ops {
    /* The namespace of fd's peer, counted until `leave`; else an error to reply, with *why set. */
    enum request_error (*enter)(void *owner, int fd, uint32_t uid, struct namespace **namespace,
                                const char **why);
    void (*leave)(void *owner, struct namespace *namespace); /* before the socket is closed */
    void (*changed)(void *owner);                            /* the registry is not what it was */
    bool (*is_live)(void *owner, const struct registration *registration);
    /* For who has waited in vain. */
    void (*why_not_live)(void *owner, const struct registration *registration,
                         char why[static REGISTRY_WHY_MAX]);
    /* As keeper_store_socket() and keeper_store_request(). */
    int (*keep_socket)(void *owner, int fd, uint64_t key);
    int (*keep_request)(void *owner, uint64_t key, const char *text, size_t length, size_t subject);
};

enum connection_state {
    CONNECTION_READING,
    CONNECTION_STORING, /* `current` is registered, its answer waits for the keeper's */
    CONNECTION_WAITING, /* `current` is registered, its answer waits until it is live */
};

TAILQ_HEAD(connection_list, connection);

/* Whose connections have turns among those of the other users: connection-users.c. */
struct user {
    uint32_t uid;
    size_t n;                     /* connections; freed with the last */
    struct connection_list ready; /* those that wait for a turn */
    bool queued;                  /* in connections::ready */
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
    int64_t wait;       /* seconds, or -1 */
    uint64_t deadline;  /* ms on the loop's clock: of the wait, or of the first request */
    uint64_t enter_at;  /* of `unentered`; ms too */
    char *unsent;       /* owned; a reply that the socket had no room for */
    size_t n_unsent;
    bool begun;      /* a part of it is out */
    unsigned keeper; /* connections::keeper to which the next three, and registration::kept and
                      * `given`, apply; another one knows nothing of us */
    unsigned
        results_due; /* answers that the keeper owes, those for what is stored again included */
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
    const struct connections_ops *ops;
    void *owner;
    int epoll;
    uv_poll_t poll;   /* of `epoll` */
    uv_timer_t clock; /* the next deadline */
    uv_idle_t turn;   /* for the queues: a timer of 0 would let nothing else have one */
    void *by_key;     /* a tsearch(3) tree of struct connection */
    size_t n, limit;
    bool full, names_full;      /* of connections, of names: was logged */
    struct connection_list all; /* connections, oldest first */
    /* The queues (connection-turn.c), who waits longest first. */
    void *users;                      /* a tsearch(3) tree of struct user */
    struct user_list ready;           /* the sockets, or requests, of their connections wait */
    struct connection_list storing;   /* CONNECTION_STORING, and sent to the keeper */
    struct connection_list waiting;   /* CONNECTION_WAITING */
    struct connection_list due;       /* CONNECTION_WAITING, and live or late */
    bool blocked;                     /* the keeper's queue is full */
    unsigned keeper;                  /* which one it is: counted up with each that comes or goes */
    uint64_t sent, answered;          /* requests, to and by it */
    struct connection *again;         /* the next that is looked at for something to store again */
    uint64_t again_at;                /* when `answered` is that */
    struct connection_list unentered; /* taken, but their namespace could not be entered yet; who
                                       * is to try next is first */
    struct connection_list idle;      /* no accepted request yet, oldest first */
    unsigned handles;                 /* open libuv handles */
    void (*closed)(void *owner);
};

/* `limit`: the most connections at one time. 0 or -errno. */
int connections_init(struct connections *set, uv_loop_t *loop, struct registry *registry,
                     struct accounts *accounts, size_t limit, const struct connections_ops *ops,
                     void *owner);
/* Ends every connection without a word and closes the handles; `closed` is called when that is
 * done. */
void connections_close(struct connections *set, void (*closed)(void *owner));

/* Takes a freshly accepted socket (closed where it cannot be served, after one line that says why).
 */
void connections_add(struct connections *set, int fd);

/* Something was built: answers those who waited for it. */
void connections_check_waiting(struct connections *set);

/* All holders there are, for registry_set_zones(): an array to be freed; NULL where memory ran out.
 */
struct holder **connections_holders(const struct connections *set);
/* Around it: the holders' groups, where these zones ask for them. */
void connections_learn_gids(struct connections *set, const struct zone *const *zones,
                            size_t n_zones);
void connections_forget_gids(struct connections *set);

/* The keeper's side (connection-keep.c), each called as the keeper_ops of that name. */
void connections_keeper_connected(struct connections *set);
/* False where there is no room for it: our copy is closed, the keeper's stays. */
bool connections_taken_socket(struct connections *set, int fd, uint64_t key, bool aside);
/* Registers what a former phonebookd had accepted. False, with `why` set, where it has no place
 * now: it is kept for other zones, or until its namespace can be entered. */
bool connections_taken_request(struct connections *set, uint64_t key, const char *text,
                               size_t length, char why[static REGISTRY_WHY_MAX]);
/* Who is behind a key; UINT32_MAX: nobody. */
uint32_t connections_uid_of(const struct connections *set, uint64_t key);
/* Stores again whatever the keeper has not as it is now: in portions, beside the requests. */
void connections_keep_all(struct connections *set);
void connections_keep_more(struct connections *set);
void connections_stored(struct connections *set, uint64_t key, enum keep_result result);
void connections_refused_by_keeper(struct connections *set, uint64_t key);
void connections_keeper_lost(struct connections *set);

#endif
