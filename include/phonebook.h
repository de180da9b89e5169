/* libphonebook: give this process a name in the DNS.
 *
 * A name exists as long as some process has a copy of the connection on which it was registered. So
 * the shortest use is: connect, publish, keep the descriptor open.
 *
 *     struct phonebook *phonebook;
 *     const struct phonebook_request www = {.name = "www", .interface = "eth0"};
 *     int result = phonebook_connect(&phonebook, NULL, 5000);
 *     if (result == 0)
 *         result = phonebook_publish(phonebook, &www, 5000);
 *
 * From now on the name has the addresses of eth0 in the network namespace in which
 * phonebook_connect() was called. It ends with phonebook_free(), or when this process and all
 * children that have the descriptor have ended.
 *
 * Results are 0; a positive `enum phonebook_outcome`, if the daemon refuses; or -errno. The library
 * writes nothing to standard error, starts no thread, changes no signal handling and has no global
 * state. Different objects are independent; use one object in one thread at a time.
 *
 * Structs are the caller's memory, and the library reads and writes all of their members: a release
 * that adds a member has another SOVERSION (Makefile). */
#ifndef PHONEBOOK_H
#define PHONEBOOK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a request was refused. phonebook_text() explains it. */
enum phonebook_outcome {
    PHONEBOOK_OK = 0,
    PHONEBOOK_SYNTAX,    /* not a valid request: a bad value or an unknown key */
    PHONEBOOK_NAME,      /* not a domain name, or too long or with too many labels for a zone */
    PHONEBOOK_INTERFACE, /* no interface can have this name (but it need not exist) */
    PHONEBOOK_ZONE,      /* no zone accepts this name */
    PHONEBOOK_DENIED,    /* this user may not register here, or not this name */
    PHONEBOOK_IN_USE,    /* another user holds the name, or it lingers for another user */
    PHONEBOOK_LIMIT,     /* too many names, addresses, connections or namespaces */
    PHONEBOOK_NAMESPACE, /* the daemon cannot read our network namespace */
    PHONEBOOK_TIMEOUT,   /* `wait` is over and the name is not live; it stays registered */
    PHONEBOOK_EVICTED,   /* somebody has ended the connection (phonebook_evict()) */
    PHONEBOOK_ABSENT,    /* phonebook_evict(): no connection holds this name */
    PHONEBOOK_NUMBER,    /* phonebook_evict(): several connections hold this name */
    PHONEBOOK_OTHER,     /* a code that this version of the library does not know */
};

/* The outcome in the words of the protocol: "ok", "syntax", ..., "timeout", ..., "other". */
const char *phonebook_outcome_word(int outcome);

/* A registration. Members that are 0 mean their default, so use designated initializers. */
struct phonebook_request {
    const char *name; /* "www" (in every zone that takes relative names), "www.example.net.", "@" */
    const char *interface; /* a name or an alternative name; need not exist yet */
    int ttl;               /* seconds; 0: the zone's own; PHONEBOOK_TTL_ZERO: no caching */
    /* seconds; 0: answer at once; otherwise when the name is live, see phonebook_publish() */
    int wait;
    int linger; /* seconds that the records stay after the connection; 0: none */
    /* With `wait`: NULL: in at least one zone; a zone: only the name in this zone has to be live;
     * "all": in every listed zone, which takes an address in each. */
    const char *wait_for;
    int family; /* 4 or 6: only addresses of this family; 0: of both */
    /* PHONEBOOK_PTR_NO: no address points back to the name; PHONEBOOK_PTR_YES or 0: an address may,
     * and the zones decide. */
    int ptr;
};
enum { PHONEBOOK_TTL_ZERO = -1 };
enum { PHONEBOOK_PTR_YES = 1, PHONEBOOK_PTR_NO = 2 };

/* Is `request` valid as far as this side can tell? PHONEBOOK_OK, SYNTAX, NAME or INTERFACE; *why
 * becomes a static text. The functions that send a request call this themselves. */
int phonebook_check(const struct phonebook_request *request, const char **why);

/* ---- connection ---- */

struct phonebook; /* one connection to the daemon; owned by the caller that made it */

/* Writes the path of one of the daemon's sockets, such as RUNTIME "/publish", to `path`. `runtime`
 * is its runtime directory; NULL: $PHONEBOOK_RUNTIME (ignored in a set-user-ID program), or
 * /run/phonebook if that is not set. 0, or -ENAMETOOLONG if the path exceeds `size` or a socket
 * address. */
int phonebook_path(char *path, size_t size, const char *runtime, const char *socket_name);

/* Connects to the daemon's `publish` socket. The network namespace of the calling thread is the one
 * in which interfaces will be looked up, now and later. While the daemon's queue is full, waits at
 * most `timeout_ms` (-1: for ever; 0: returns -EAGAIN at once). -ENOENT or -ECONNREFUSED: there is
 * no daemon. The descriptor is close-on-exec and never 0, 1 or 2. */
int phonebook_connect(struct phonebook **phonebook, const char *runtime, int timeout_ms);

/* The same for a connected socket, such as one inherited as $PHONEBOOK_FD. Takes over the
 * descriptor, even on failure, and makes it non-blocking. A reply goes to the process that reads
 * first, so do not use a connection in two processes at once. */
int phonebook_take_fd(struct phonebook **phonebook, int fd);

/* Closes this copy of the descriptor. The names end if it was the last copy. NULL is fine. */
void phonebook_free(struct phonebook *phonebook);

/* The descriptor, which the object still owns: to poll it, to pass it on with SCM_RIGHTS, or to
 * make it survive exec. */
int phonebook_fd(const struct phonebook *phonebook);

/* Frees the object and returns the descriptor, which belongs to the caller then. It is blocking,
 * and still close-on-exec. Keep it open, or let a program inherit it. */
int phonebook_release(struct phonebook *phonebook);

/* ---- registering, blocking ---- */

/* Sends `request` and waits for the answer, at most `timeout_ms` in all (-1: for ever). 0: it was
 * accepted. With `wait`, 0 means that the name is live: every listed name that has an address is in
 * the DNS server's database, and the server was told, or does not run. `timeout_ms` should then be
 * more than `wait`. After a refusal (a positive result) the connection can still be used. A request
 * may be repeated, for example with `wait`: the registration is the same.
 *
 * -ETIMEDOUT: no answer in time. The request stays valid and may be accepted at any time:
 * phonebook_interpret() will tell, phonebook_withdraw() or phonebook_free() end it. Further
 * requests are answered after it. -ECONNRESET: the daemon has closed the connection. -EPROTO: the
 * answer was not valid. -EPIPE: the connection accepts no more requests (phonebook_end_requests()).
 * After these three, further requests fail in the same way until phonebook_reconnect(). -EBUSY:
 * answers to queued requests are outstanding. -ENOBUFS: see phonebook_queue(). -ENOMEM: nothing was
 * sent. */
int phonebook_publish(struct phonebook *phonebook, const struct phonebook_request *request,
                      int timeout_ms);

/* Ends the registration of this name and interface on this connection. The connection and its other
 * names stay, and the name does not linger. 0, even if it was not registered; PHONEBOOK_SYNTAX: the
 * daemon is too old for this, and the name stays; otherwise as phonebook_publish(). */
int phonebook_withdraw(struct phonebook *phonebook, const char *name, const char *interface,
                       int timeout_ms);

/* Connects again to the same daemon (after phonebook_take_fd(): to that of `runtime` NULL), and
 * repeats each request of this object that was accepted, or had no answer when the connection
 * ended, unless it was withdrawn. The requests have all their options except `wait`. The network
 * namespace is that of the calling thread. phonebook_fd() is another descriptor afterwards, and the
 * old one is closed.
 *
 * 0: all requests were answered; phonebook_interpret() returns the refusals until
 * phonebook_pending() is 0. Refused requests are repeated by the next call. -ENOENT, -ECONNREFUSED,
 * or -EAGAIN with a `timeout_ms` of 0: there is no daemon, or its queue is full; the object is
 * unchanged, so try again later. -ETIMEDOUT: connected, but some answers are missing;
 * phonebook_interpret() returns all answers. With an event loop, use a `timeout_ms` of 0 and expect
 * this result. PHONEBOOK_EVICTED: somebody has ended the connection (phonebook_evict()), so its
 * names are not registered again; a new object can do that. */
int phonebook_reconnect(struct phonebook *phonebook, int timeout_ms);

/* The text of the last answer: after 0, the names that the request became, separated by blanks;
 * after a refusal, the reason, for a person; else "". Valid until the next call with this
 * object. */
const char *phonebook_text(const struct phonebook *phonebook);

/* Prevents further requests on this connection by any process that has a copy of it (shutdown(2),
 * SHUT_WR). Use this before a program inherits the connection that must not register names as the
 * user who connected. Names stay, and requests that were sent are answered. 0; -EBUSY if a request
 * was not sent yet; or -errno. Further requests fail with -EPIPE. */
int phonebook_end_requests(struct phonebook *phonebook);

/* ---- registering, with an event loop ---- */

/* Queues `request`. Never blocks, and sends nothing yet. 0; SYNTAX, NAME or INTERFACE as
 * phonebook_check(): then nothing is queued, and no answer will come; -ENOBUFS if the queue is full
 * of unanswered requests (call phonebook_interpret() first); -ENOMEM. */
int phonebook_queue(struct phonebook *phonebook, const struct phonebook_request *request);
/* The same for the request of phonebook_withdraw(). */
int phonebook_queue_withdrawal(struct phonebook *phonebook, const char *name,
                               const char *interface);

/* The events to wait for on phonebook_fd() before calling phonebook_interpret(): POLLIN, and
 * POLLOUT while something is left to be sent. These are the bits of poll(2); those of an event
 * library differ (POLLOUT is 4, libuv's UV_WRITABLE is 2). */
short phonebook_events(const struct phonebook *phonebook);

/* Sends queued requests and reads answers, without blocking. Returns one answer per call, in the
 * order of the requests, with the results of phonebook_publish(), or -EAGAIN if there is none yet.
 * Answers that came too late for phonebook_publish() are among them, at most the last 64. So call
 * it until it returns -EAGAIN: right after phonebook_queue(), and whenever poll(2) reports
 * phonebook_events(). Without outstanding requests it shows whether the connection still
 * exists: -EAGAIN, -ECONNRESET, or PHONEBOOK_EVICTED before that. */
int phonebook_interpret(struct phonebook *phonebook);

/* The number of requests whose answer was not returned yet. */
size_t phonebook_pending(const struct phonebook *phonebook);

/* ---- ending a registration ---- */

/* The connection to end: one that holds `name`, which is a full name ("www.internal") or a name as
 * it was requested ("www"). If several connections hold it, `number` or `socket` of an entry of the
 * list tells which one; members that are 0 tell nothing. */
struct phonebook_eviction {
    const char *name;
    long long number; /* can become another connection's when an older one ends, */
    long long socket; /* which `socket` cannot while the connection exists */
};

/* Ends a connection for all processes that hold a copy of it, with all names on it; nothing of it
 * lingers. Allowed are root and the user who made the connection. Waits at most `timeout_ms` (-1:
 * for ever). `text`, of `size` octets, is set to a string in any case: after 0, the full names that
 * were on the connection, separated by blanks ("..." for those beyond some 64,000 octets); after a
 * refusal (a positive result), the reason for a person. -ENOENT or -ECONNREFUSED: there is no
 * daemon, or an older one. -ETIMEDOUT, -ECONNRESET: there was no answer, but the connection may
 * have ended. -EPROTO: the answer is not phonebook's. */
int phonebook_evict(const char *runtime, const struct phonebook_eviction *eviction, int timeout_ms,
                    char *text, size_t size);

/* ---- who is registered ---- */

/* Connects to the daemon's `list` socket. Returns a blocking, close-on-exec descriptor that the
 * caller closes, from which all registrations can be read, one per line, until end of file; or
 * -errno. If the last line has no LF, the list is incomplete. A read that waits longer than
 * `timeout_ms` (-1: for ever) fails with EAGAIN. */
int phonebook_list_open(const char *runtime, int timeout_ms);

/* One line of the list. Texts point into the line; members that the line lacks are "" or -1. */
struct phonebook_entry {
    const char *name; /* as in the DNS, such as "www.internal"; as requested if no zone has it */
    const char *interface; /* as registered */
    /* "live"; "pending": in the next build; "waiting": it has no address to show; "lingering": its
     * connections have ended; "aside": its connection is set aside after crashes. */
    const char *state;
    const char *addresses; /* separated by commas */
    const char *withheld;  /* ADDRESS(REASON), separated by commas */
    long long netns;       /* inode of the network namespace, as in /proc/PID/ns/net */
    long long uid, pid;    /* of the process that connected */
    long long since;       /* Unix time of the registration */
    /* "FILE:LINE" of the rule that reserves the name; "own": it is the zone's own; "": neither */
    const char *rule;
    /* why this holder's name is not live, in the words of phonebook-protocol(7), such as
     * "no-interface" or "down"; "": it is live, or it only needs time */
    const char *reason;
    /* of the connection among those that hold the name, from 1 for the oldest; -1: none holds it */
    long long number;
    /* inode of the daemon's end of the connection, as in /proc/PID/fd; -1: none holds the name */
    long long socket;
};

/* Parses a line without its LF, and writes NULs into it. Unknown keys, which later versions may
 * have, are skipped. 0, or -EPROTO if it is not a line of the list. */
int phonebook_entry_parse(struct phonebook_entry *entry, char *line);

#ifdef __cplusplus
}
#endif

#endif
