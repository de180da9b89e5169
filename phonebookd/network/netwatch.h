/* Follows the addresses of the namespaces that clients live in, over rtnetlink.
 *
 * Happy path: netwatch_acquire() learns a connection's namespace from its socket, gives it an nsid
 * and marks it dirty; from then on an event on the one event socket does so too. A dirty namespace
 * is dumped, on a thread: at once, but at most once per second. What a dump found goes into
 * `interfaces`; where that differs from before, and after the first dump, the owner hears the one
 * word "changed".
 * Failure modes: an overrun of the event socket, or a stranger's flood into it (any user can send
 * to it from a network namespace of their own), makes everything dirty and lets the socket rest for
 * a second; a failed or interrupted dump keeps what was known and is tried again; an event that was
 * lost without a sign is found by an audit each minute. */
#ifndef PHONEBOOKD_NETWATCH_H
#define PHONEBOOKD_NETWATCH_H

#include "../state/accounts.h"
#include "../state/interfaces.h"

#include <uv.h>

struct netwatch;

/* Never from within a call of the owner's. It may look at `interfaces`, but not acquire or
 * release. */
typedef void netwatch_changed(void *owner);

/* Opens both netlink sockets. `interfaces` and `accounts` outlive the watch; it charges
 * namespaces, and sets how many there may be. 0 or -errno with nothing left open;
 * lacking capabilities are no error: then only the daemon's own namespace is served, and
 * netwatch_reaches_others() is false. */
int netwatch_new(struct netwatch **watch, uv_loop_t *loop, struct interfaces *interfaces,
                 struct accounts *accounts, netwatch_changed *changed, void *owner);
/* `same` is told where a dump has ended that has changed nothing, from now on. */
void netwatch_set_same(struct netwatch *watch, netwatch_changed *same);
/* Closes its handles; memory goes when the loop has run their close callbacks. Namespaces that are
 * still held stay in `interfaces`, as they were; they are not to be released any more. */
void netwatch_close(struct netwatch *watch);

/* Instead of NETWATCH_AUDIT_MS, from the next audit on; for tests. */
void netwatch_set_audit(struct netwatch *watch, uint64_t interval_ms);

/* Why netwatch_acquire() did not give a namespace; positive, to be told to the client. */
enum netwatch_outcome {
    NETWATCH_OK,
    NETWATCH_NO_CAPABILITY, /* another namespace than ours, and CAP_NET_ADMIN or _BROADCAST lacks */
    NETWATCH_LIMIT,         /* accounts_judge() says why */
    NETWATCH_FAILED,        /* the kernel refused otherwise; logged */
};
const char *netwatch_outcome_text(enum netwatch_outcome outcome);

/* Never waits: a new namespace is not known before its first dump is done. The namespace in which
 * the peer of `fd` (an accepted AF_UNIX socket) was created, which is that of the accepted socket
 * itself. Counts a holder; the caller calls netwatch_release() BEFORE it closes fd, since the open
 * fd is what keeps the nsid ours. A new one is charged to `owner`, and never refused by a limit
 * where the connection was `taken` from the keeper. */
enum netwatch_outcome netwatch_acquire(struct netwatch *watch, int fd, uint32_t owner, bool taken,
                                       struct namespace **namespace);
void netwatch_release(struct netwatch *watch, struct namespace *namespace);

/* Follows phonebookd's own namespace from now on, whether or not a client is in it. Where that
 * fails it is logged. */
void netwatch_follow_own(struct netwatch *watch);

/* At the start, when everything has been taken over: reads the namespaces that are not known, and
 * waits for it, since the first database must lack nothing. Without `changed`. It ends where the
 * kernel does not answer for NETWATCH_START_WAIT_MS, and after NETWATCH_START_LIMIT_MS; what was
 * not read by then is read as ever. */
void netwatch_read_unknown(struct netwatch *watch);

bool netwatch_reaches_others(const struct netwatch *watch);

#endif
