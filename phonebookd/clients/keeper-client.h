/* phonebookd's connection to phonebook-keeper; keeper/protocol.h describes the messages.
 *
 * Happy path: before phonebookd accepts connections, keeper_connect_now() takes over every socket
 * and request that the keeper holds. From then on the owner stores each accepted socket in its
 * first turns, and each accepted request before it answers. A message counts as stored once it is
 * sent, even if phonebookd is killed right after, because the keeper reads its queue to the end.
 * Failure modes: without a keeper phonebookd works as usual, and we try to connect every second.
 * One line is logged when the keeper is lost, and one when it is back. A keeper that refuses us
 * (because of its version, another phonebookd, or our uid) is asked again less often. A keeper that
 * does not answer for KEEPER_ANSWER_LIMIT_MS counts as lost, so that no client waits for it.
 *
 * An owner that is about to end calls keeper_leave(). When left() is called, the keeper has
 * everything, and holds it until another phonebookd takes it over, even if the keeper is told to
 * end.
 *
 * There is no call to remove a socket: the keeper drops it when it hangs up. To end a client's
 * connection, shutdown(2) its socket before closing it; otherwise the keeper's copy keeps it
 * open. */
#ifndef PHONEBOOKD_KEEPER_H
#define PHONEBOOKD_KEEPER_H

#include "../../keeper/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
    /* How long keeper_connect_now() waits for the next message, or for a keeper whose socket exists
     * but refuses connections. */
    KEEPER_PROGRESS_LIMIT_MS = 2000,
    KEEPER_ANSWER_LIMIT_MS = 5000, /* for a result, or for room in the queue */
    KEEPER_RETRY_MS = 1000,
    KEEPER_RETRY_HURRY_MS = 100,     /* for an owner that is about to end */
    KEEPER_RESTART_LIMIT_MS = 10000, /* a lost keeper is expected to be back within this time */
    KEEPER_RETRY_REFUSED_MS = 10000,
};

struct keeper;

/* No member may be NULL. The loop calls these functions, and keeper_store_*() never does;
 * keeper_connect_now() too calls those marked (now). Each may call keeper_store_*(), but not
 * keeper_close(). */
struct keeper_ops {
    /* (now) A keeper is connected, and holds `held` sockets, which follow. */
    void (*connected)(void *owner, size_t held);
    /* (now) One of these sockets, oldest first. The owner takes over `fd`, which is close-on-exec
     * and has the status flags (O_NONBLOCK) with which it was stored. If only the connection to the
     * keeper was lost, the owner has these sockets already: it knows their keys, and closes `fd`.
     * False if the owner has no room for it and has closed `fd` (without shutdown(2)): the socket
     * stays with the keeper, which gives it again at the next connection. */
    bool (*taken_socket)(void *owner, int fd, uint64_t key);
    /* (now) A text of the socket `key`, right after the socket, in the order in which the texts
     * were stored. The owner may know a newer one. The owner ignores a text whose key it does not
     * know: that socket was not taken over, because there was no descriptor or no room. */
    void (*taken_request)(void *owner, uint64_t key, const char *text, size_t length);
    /* (now) A text from keeper_store_note(), after all sockets. */
    void (*taken_note)(void *owner, uint64_t key, const char *text, size_t length);
    /* (now) A listening socket from keeper_store_listener(), before all other sockets. The owner
     * takes over `fd`. */
    void (*taken_listener)(void *owner, int fd, const char *text, size_t length);
    /* (now) The end of the takeover; `count` sockets were taken. From here on keeper_store_*() work
     * (before they return -ENOTCONN). The owner now stores again everything that the keeper did not
     * send; it may store things twice. */
    void (*taken_all)(void *owner, size_t count);

    /* The answer to a keeper_store_request(): one each, in order. KEEP_UNKNOWN: the socket hung up
     * meanwhile, or had been refused. */
    void (*stored)(void *owner, uint64_t key, enum keep_result result);
    /* The same for keeper_store_note(). The answers to both come in the order of the calls. */
    void (*stored_note)(void *owner, uint64_t key, enum keep_result result);
    /* The keeper had no room for a socket from keeper_store_socket(). */
    void (*socket_refused)(void *owner, uint64_t key, enum keep_result result);
    /* The answer to keeper_leave(). */
    void (*left)(void *owner);
    /* After -EAGAIN from a keeper_store_*(): try again now. */
    void (*writable)(void *owner);
    /* (now, if connected() was called) The connection to the keeper has ended, after the last
     * answer was delivered. Requests that wait for stored() get no answer any more: go on
     * without. */
    void (*lost)(void *owner, const char *why);
};

/* `path` and `ops` must outlive the keeper. Opens nothing yet. 0 or -errno. */
int keeper_new(struct keeper **keeper, uv_loop_t *loop, const char *path,
               const struct keeper_ops *ops, void *owner);
/* Closes the connection without calling `lost`; the keeper keeps what it holds. The memory is freed
 * when the loop has run the close callbacks. */
void keeper_close(struct keeper *keeper);

/* Connects and takes over, blocking. 0: taken_all() was called. Otherwise the error was logged, the
 * loop goes on trying, and the result is: -ENOENT or -ECONNREFUSED: there is no keeper (a restart
 * will lose names); -EBUSY: another phonebookd is connected; -EACCES: the keeper has another uid;
 * -EPROTONOSUPPORT: it has another version; -ETIMEDOUT: it does not answer (we still listen to it);
 * or another -errno. */
int keeper_connect_now(struct keeper *keeper);

/* Each of these sends one message. 0: it counts as stored (a request: unless stored() says
 * otherwise). -EAGAIN: the queue is full, or the kernel has too many descriptors in flight; wait
 * for writable(). -ENOTCONN: there is no keeper; go on without. Other -errno: a bug in the
 * caller. */
int keeper_store_socket(struct keeper *keeper, int fd, uint64_t key); /* the caller keeps fd */
/* A text for the socket. Its first `subject` octets are its subject; it replaces the socket's text
 * with the same subject. */
int keeper_store_request(struct keeper *keeper, uint64_t key, const char *text, size_t length,
                         size_t subject);
/* Removes the text of the socket `key` with this subject. The keeper does not answer. May be called
 * from within taken_request() too. -EOPNOTSUPP: an older keeper, which cannot forget texts. */
int keeper_forget_request(struct keeper *keeper, uint64_t key, const char *subject, size_t length);
/* A text of at most KEEP_NOTE_MAX octets that belongs to no socket. It replaces the text with the
 * same key, and is kept until `deadline`, in seconds of CLOCK_BOOTTIME. 0 octets (NULL): only
 * removes that text. -EOPNOTSUPP: an older keeper without notes; go on without. */
int keeper_store_note(struct keeper *keeper, uint64_t key, const char *text, size_t length,
                      uint32_t deadline);
/* A listening socket, with a text of at most KEEP_LISTENER_MAX octets, whose first `subject` octets
 * are its subject. It replaces the one with the same subject. `fd` -1: only removes that one.
 * -EOPNOTSUPP: an older keeper. */
int keeper_store_listener(struct keeper *keeper, int fd, const char *text, size_t length,
                          size_t subject);

/* Is there a keeper, or is another one likely, because the last was lost a moment ago? From now on
 * we try to connect more often. */
bool keeper_is_expected(struct keeper *keeper);
/* Announces that we are about to end. left() is called when the keeper holds everything stored
 * before. Returns as keeper_store_*(); -EOPNOTSUPP: an older keeper, which does not answer. */
int keeper_leave(struct keeper *keeper);

#endif
