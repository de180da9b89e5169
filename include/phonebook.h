/* libphonebook: give this process a name in the DNS.
 *
 * A name lives as long as a copy of the connection on which it was registered is open, in whichever
 * process. So the shortest use is: connect, publish, keep the descriptor.
 *
 *     struct phonebook *phonebook;
 *     const struct phonebook_request www = {.name = "www", .interface = "eth0"};
 *     int result = phonebook_connect(&phonebook, NULL, 5000);
 *     if (result == 0)
 *         result = phonebook_publish(phonebook, &www, 5000);
 *
 * From here the name follows the addresses of eth0, in the network namespace in which
 * phonebook_connect() was called, until phonebook_free() or the end of the process and of all
 * children that have the descriptor.
 *
 * Results: 0; a positive `enum phonebook_outcome`, which is the daemon's refusal; or -errno. The
 * library writes nothing to standard error, starts no thread, touches no signal and keeps no global
 * state. Objects are independent of each other; one object is used by one thread at a time.
 *
 * Structs are the caller's memory, and the library reads and writes all of them: a release that
 * makes one longer has another SOVERSION (Makefile). */
#ifndef PHONEBOOK_H
#define PHONEBOOK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a request was refused. phonebook_text() says more. */
enum phonebook_outcome {
    PHONEBOOK_OK = 0,
    PHONEBOOK_SYNTAX,    /* not a request: a bad value, an unknown key */
    PHONEBOOK_NAME,      /* not a domain name, or too long or too deep for a zone */
    PHONEBOOK_INTERFACE, /* cannot be an interface's name (that it does not exist is no error) */
    PHONEBOOK_ZONE,      /* no zone takes this name */
    PHONEBOOK_DENIED,    /* this user may not register here, or not this name */
    PHONEBOOK_IN_USE,    /* another user holds the name, or it lingers for one */
    PHONEBOOK_LIMIT,     /* too many names, addresses, connections or namespaces */
    PHONEBOOK_NAMESPACE, /* the daemon cannot look into our network namespace */
    PHONEBOOK_TIMEOUT,   /* `wait` is over and the name is not live; it stays registered */
    PHONEBOOK_OTHER,     /* a code that this version of the library does not know */
};

/* The outcome as the protocol spells it: "ok", "syntax", ..., "in-use", "timeout", "other". */
const char *phonebook_outcome_word(int outcome);

/* A registration. What is left zero takes its default, so use designated initializers. */
struct phonebook_request {
    const char *name; /* "www" (in every zone that takes such names), "www.example.net.", "@" */
    const char *interface; /* by name or alternative name; need not exist yet */
    int ttl;               /* seconds; 0: the zone's own; PHONEBOOK_TTL_ZERO: no caching */
    int wait;              /* seconds; 0: answer at once; else when the name is live, see below */
    int linger;            /* seconds that the records outlive the connection; 0: none */
    const char *wait_for;  /* with `wait`: a zone, whose name alone is to be live, or "all", which
                            * takes an address in every listed zone; NULL: in at least one */
    int family;            /* 4 or 6: show addresses of this family alone; 0: of both */
};
enum { PHONEBOOK_TTL_ZERO = -1 };

/* Could the daemon accept `request` at all? PHONEBOOK_OK, SYNTAX, NAME or INTERFACE; *why is then a
 * static text. The functions that send one check it themselves. */
int phonebook_check(const struct phonebook_request *request, const char **why);

/* ---- connection
 * -------------------------------------------------------------------------------- */

struct phonebook; /* one connection to the daemon; owned by who made it */

/* Writes the path of a socket of the daemon's, such as RUNTIME "/publish", to `path`. `runtime` is
 * its runtime directory; NULL means $PHONEBOOK_RUNTIME (not looked at in a set-user-ID program), or
 * /run/phonebook where that is not set. 0, or -ENAMETOOLONG where it fits neither `size` nor a
 * socket's address. */
int phonebook_path(char *path, size_t size, const char *runtime, const char *socket_name);

/* Connects to the daemon's `publish` socket. The network namespace of the calling thread is the one
 * in which interfaces will be looked up, now and later. Waits at most `timeout_ms` (-1: for ever),
 * which only happens while the daemon's queue is full; with 0 that is -EAGAIN at once. No daemon is
 * -ENOENT or -ECONNREFUSED. The descriptor is close-on-exec and never 0, 1 or 2. */
int phonebook_connect(struct phonebook **phonebook, const char *runtime, int timeout_ms);

/* The same from a connected socket, such as one inherited as $PHONEBOOK_FD. Takes the descriptor,
 * also on failure, and makes it non-blocking. Replies come to whoever reads first: do not use a
 * connection in two processes at once. */
int phonebook_take_fd(struct phonebook **phonebook, int fd);

/* Closes this copy of the descriptor; the names go when it was the last. NULL is fine. */
void phonebook_free(struct phonebook *phonebook);

/* The descriptor, which stays the object's: to poll, to pass on with SCM_RIGHTS, to make it survive
 * exec. */
int phonebook_fd(const struct phonebook *phonebook);

/* Frees the object but not the descriptor, which is returned: the caller's from now on, blocking,
 * still close-on-exec. Keep it open, or let a program inherit it. */
int phonebook_release(struct phonebook *phonebook);

/* ---- registering, the blocking way
 * ------------------------------------------------------------- */

/* Sends `request` and waits for the answer, `timeout_ms` in all (-1: for ever): 0 when it was
 * accepted. With `wait`, 0 when the name is live: every listed name that has an address is in the
 * DNS server's database, and the server was told, or is not there to be told. Then `timeout_ms`
 * should be more than `wait`. A refusal (a positive result) ends nothing. A request may be
 * repeated, say with `wait`: the registration is the same.
 *
 * -ETIMEDOUT: no answer in time. The request stands and may be accepted at any moment from then on:
 * phonebook_interpret() will tell, phonebook_free() takes it back. Further requests are answered
 * behind it. -ECONNRESET: the daemon has closed the connection. -EPROTO: what came was no reply.
 * -EPIPE: the connection takes no more requests (phonebook_end_requests()). After these three it is
 * of no use for requests, and each further call returns the same; the names on it stay until it is
 * freed. -EBUSY: answers to queued requests are still to come.
 * -ENOBUFS as phonebook_queue(). */
int phonebook_publish(struct phonebook *phonebook, const struct phonebook_request *request,
                      int timeout_ms);

/* What the last answer said: after 0 the names that the request became, separated by blanks; after
 * a refusal the reason as a person should read it; else "". Lives until the next call with this
 * object. */
const char *phonebook_text(const struct phonebook *phonebook);

/* Lets nobody make another request on this connection, whichever process has a copy of it
 * (shutdown(2), SHUT_WR): for a program that inherits it and is not to register names as the user
 * who connected. The names stay, and requests that were sent are answered. 0; -EBUSY where a
 * request is not sent yet; -errno. Further requests are -EPIPE. */
int phonebook_end_requests(struct phonebook *phonebook);

/* ---- registering, with an event loop
 * ----------------------------------------------------------- */

/* Queues `request`. Never blocks and sends nothing yet. 0; SYNTAX, NAME or INTERFACE as
 * phonebook_check(); -ENOBUFS where the queue is full of requests that have no answer yet (call
 * phonebook_interpret() first). */
int phonebook_queue(struct phonebook *phonebook, const struct phonebook_request *request);

/* What to wait for on phonebook_fd() before phonebook_interpret() can do more: POLLIN, and POLLOUT
 * while something is left to be sent (poll(2)). */
short phonebook_events(const struct phonebook *phonebook);

/* Sends what is queued and reads what is there, without blocking. Gives one answer per call, in the
 * order of the requests: results as for phonebook_publish(), and -EAGAIN where none is there yet.
 * Those that phonebook_publish() was given too late are among them, the last 64 if nobody asked.
 * So call it until -EAGAIN: right after phonebook_queue() and whenever phonebook_events() has come
 * true. With no request under way it tells whether the connection still stands: -EAGAIN or
 * -ECONNRESET. */
int phonebook_interpret(struct phonebook *phonebook);

/* The number of requests whose answer was not given yet. */
size_t phonebook_pending(const struct phonebook *phonebook);

/* ---- who is registered
 * ------------------------------------------------------------------------- */

/* Connects to the daemon's `list` socket. Returns a descriptor, the caller's, close-on-exec and
 * blocking, from which all registrations can be read, one per line, until end of file; or -errno.
 * A last line without its LF is the sign of a list that was cut off. A read that waits longer than
 * `timeout_ms` (-1: for ever) fails with EAGAIN. */
int phonebook_list_open(const char *runtime, int timeout_ms);

/* One line of it. Texts point into the line; what the line does not have is "" or -1. */
struct phonebook_entry {
    const char *name;      /* as in the DNS, such as "www.internal" */
    const char *interface; /* as it was registered */
    /* "live", "pending" (in the next build), "waiting" (no address to show), "lingering" (nobody
     * holds it any more). */
    const char *state;
    const char *addresses; /* separated by commas */
    const char *withheld;  /* ADDRESS(REASON), separated by commas */
    long long netns;       /* inode of the network namespace, as in /proc/PID/ns/net */
    long long uid, pid;    /* of the process that connected */
    long long since;       /* Unix time of the registration */
    const char *rule;   /* "FILE:LINE" of what the name is reserved by; "own": the zone's own; "":
                         * nothing */
    const char *reason; /* why this holder's name is not live, as phonebook-protocol(7) has it:
                         * "no-interface", "down", ...; "": it is, or nothing is amiss */
    long long number;   /* of the connection, among those that hold the name: 1 is the oldest */
    long long socket;   /* inode of the daemon's end of it, as in /proc/PID/fd; both are -1 where
                         * nobody holds the name any more */
};

/* Reads a line without its LF, which it cuts into pieces. Keys that it does not know are skipped,
 * as later versions may have more. 0, or -EPROTO where it is no such line. */
int phonebook_entry_parse(struct phonebook_entry *entry, char *line);

#ifdef __cplusplus
}
#endif

#endif
