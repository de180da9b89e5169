/* phonebookd's end of the conversation with phonebook-keeper (keeper/protocol.h has the messages).
 *
 * Happy path: keeper_connect_now() takes over, before the sockets accept, every socket and request
 * that the keeper holds. From then on the owner stores each accepted socket before it reads from
 * it, and each accepted request before it answers: a message that could be sent counts as stored
 * even if phonebookd is killed the next moment, since the keeper reads its queue to the end.
 * Failure modes: without a keeper everything goes on, and a new connection is tried each second.
 * One line is logged when the keeper is lost, and one when it is back. A keeper that refuses us
 * (another version, another phonebookd, a foreign uid) is asked again, slowly. A keeper that does
 * not answer for KEEPER_ANSWER_LIMIT_MS is given up like one that died, so that no client waits for
 * it.
 *
 * Who is about to end calls keeper_leave(), and hears left() when the keeper has everything, and
 * will hold it until somebody takes it over, even if it is told to end itself.
 *
 * There is no call that removes a socket: the keeper drops it when it hangs up. Who throws a client
 * out must shutdown(2) its socket before closing it, or the keeper's copy keeps it open. */
#ifndef PHONEBOOKD_KEEPER_H
#define PHONEBOOKD_KEEPER_H

#include "../../keeper/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
    KEEPER_PROGRESS_LIMIT_MS = 2000, /* keeper_connect_now() waits so long for the next message, and
                                      * for a keeper that left its socket */
    KEEPER_ANSWER_LIMIT_MS = 5000,   /* for a result, or for room in the queue */
    KEEPER_RETRY_MS = 1000,
    KEEPER_RETRY_HURRY_MS = 100, /* for one who is about to end */
    KEEPER_RESTART_LIMIT_MS =
        10000, /* within so long a keeper that was lost is likely to be back */
    KEEPER_RETRY_REFUSED_MS = 10000,
};

struct keeper;

/* None may be NULL. All but those said to come from keeper_connect_now() too are called from the
 * loop, never from within keeper_store_*(). Each may call keeper_store_*(), none keeper_close(). */
struct keeper_ops {
    /* A keeper is there and holds `held` sockets: they follow. (Also from keeper_connect_now().) */
    void (*connected)(void *owner, size_t held);
    /* One of them, oldest first. `fd` is the owner's from now on; close-on-exec, and with the
     * status flags (O_NONBLOCK) that it was stored with. After a mere loss of the connection to a
     * keeper that lived on, these are sockets that the owner has: it knows their key and closes
     * `fd` again. False where the owner has no room for it and has closed `fd` (without a
     * shutdown(2)): the socket stays with the keeper, and is given again at the next connection.
     * (Also from keeper_connect_now().) */
    bool (*taken_socket)(void *owner, int fd, uint64_t key);
    /* A text stored for the socket `key`, in the order in which they were stored; right after its
     * socket. It may be older than what the owner of that socket knows. The key is unknown to the
     * owner only where the socket was not taken, for want of descriptors or of room: to be ignored.
     * (Also from keeper_connect_now().) */
    void (*taken_request)(void *owner, uint64_t key, const char *text, size_t length);
    /* A text stored by keeper_store_note(), after all sockets. (Also from keeper_connect_now().) */
    void (*taken_note)(void *owner, uint64_t key, const char *text, size_t length);
    /* A listening socket stored by keeper_store_listener(), before all sockets; `fd` is the
     * owner's. (Also from keeper_connect_now().) */
    void (*taken_listener)(void *owner, int fd, const char *text, size_t length);
    /* The end of them; `count` sockets were taken. keeper_store_*() work from here on (they say
     * -ENOTCONN before): what the owner has and the keeper did not send is to be stored again, now.
     * Storing what the keeper has already does no harm. (Also from keeper_connect_now().) */
    void (*taken_all)(void *owner, size_t count);

    /* The answer to a keeper_store_request(): one each, in their order. KEEP_UNKNOWN: the socket
     * hung up meanwhile, or had been refused. */
    void (*stored)(void *owner, uint64_t key, enum keep_result result);
    /* The same for a keeper_store_note(); the answers to both come in the order of the
     * questions. */
    void (*stored_note)(void *owner, uint64_t key, enum keep_result result);
    /* The answer to a keeper_store_socket() that the keeper had no room for. */
    void (*socket_refused)(void *owner, uint64_t key, enum keep_result result);
    /* The answer to keeper_leave(). */
    void (*left)(void *owner);
    /* A keeper_store_*() that said -EAGAIN is worth another try. */
    void (*writable)(void *owner);
    /* The connection ended, after the last answer that the keeper gave was delivered. Requests that
     * wait for stored() get none any more: answer them as if there were no keeper. (Also from
     * keeper_connect_now(), where connected() had been called.) */
    void (*lost)(void *owner, const char *why);
};

/* `path` and `ops` must outlive the keeper. Nothing is opened yet. 0 or -errno. */
int keeper_new(struct keeper **keeper, uv_loop_t *loop, const char *path,
               const struct keeper_ops *ops, void *owner);
/* Closes the connection (what it holds stays with the keeper) without calling `lost`; the memory
 * goes when the loop has run the close callbacks. */
void keeper_close(struct keeper *keeper);

/* Connects and takes over, blocking. 0: taken_all() was called. Else it was logged, the loop goes
 * on trying, and the result says why: -ENOENT or -ECONNREFUSED there is no keeper (a restart will
 * lose names), -EBUSY another phonebookd lives, -EACCES another uid, -EPROTONOSUPPORT another
 * version, -ETIMEDOUT it does not answer (it is still listened to), or another -errno. */
int keeper_connect_now(struct keeper *keeper);

/* Each sends one message. 0: it counts as stored (a request: unless stored() says otherwise).
 * -EAGAIN: the queue is full, or the kernel has too many descriptors in flight; wait for
 * writable(). -ENOTCONN: there is no keeper; go on without. Other -errno: a mistake of the
 * caller's. */
int keeper_store_socket(struct keeper *keeper, int fd, uint64_t key); /* fd stays the caller's */
/* Replaces the text of the socket that has the same first `subject` octets as its subject. */
int keeper_store_request(struct keeper *keeper, uint64_t key, const char *text, size_t length,
                         size_t subject);
/* A text of no socket: replaces the one that has the key, and is kept until `deadline`, in seconds
 * of CLOCK_BOOTTIME; 0 octets (NULL): that one is removed. -EOPNOTSUPP: an older keeper, which
 * keeps none; go on without. At most KEEP_NOTE_MAX octets. */
int keeper_store_note(struct keeper *keeper, uint64_t key, const char *text, size_t length,
                      uint32_t deadline);
/* A listening socket, with a text about it; replaces the one whose text has the same first
 * `subject` octets. `fd` -1: only removes that one. -EOPNOTSUPP: an older keeper. At most
 * KEEP_LISTENER_MAX octets. */
int keeper_store_listener(struct keeper *keeper, int fd, const char *text, size_t length,
                          size_t subject);

/* Is there a keeper, or was there one until just now, so that another is likely to come? From here
 * on it is looked for often. */
bool keeper_is_expected(struct keeper *keeper);
/* Says that we are about to end: left() follows when all that was stored before is held. As
 * keeper_store_*(); -EOPNOTSUPP: an older keeper, which does not answer. */
int keeper_leave(struct keeper *keeper);

#endif
