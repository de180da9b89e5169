/* Follows the addresses in the network namespaces of clients, over rtnetlink.
 *
 * Happy path: netwatch_acquire() finds out a connection's namespace from its socket, gives it an
 * nsid, and marks it. From then on, events on the one event socket mark it too. A marked namespace
 * is dumped on a thread: at once, but at most once per second. The result goes into `interfaces`.
 * If it differs from before, and after the first dump, the owner's `changed` is called. Failure
 * modes: if the event socket overruns, or is flooded (any user can send to it from a network
 * namespace of their own), all namespaces are marked, and the socket rests for a second. A failed
 * or interrupted dump is repeated, and the known addresses stay. An audit every minute finds
 * changes whose events were lost without any sign. */
#ifndef PHONEBOOKD_NETWATCH_H
#define PHONEBOOKD_NETWATCH_H

#include "../state/accounts.h"
#include "../state/interfaces.h"
#include "namespace-reader.h"

#include <uv.h>

struct netwatch;

/* Never called from within a function of this file. It may read `interfaces`, but not acquire or
 * release a namespace. */
typedef void netwatch_changed(void *owner);

/* Opens the netlink sockets. `reader`, `interfaces` and `accounts` must outlive the watch; it
 * charges namespaces to `accounts`, and sets their total there. `reader` reads all namespaces but
 * our own; if it is NULL, this process does, and must keep CAP_NET_ADMIN. 0, or -errno with nothing
 * left open. Missing capabilities are not an error: then only phonebookd's own namespace is served,
 * and the others get NETWATCH_NO_CAPABILITY. */
int netwatch_new(struct netwatch **watch, uv_loop_t *loop, struct namespace_reader *reader,
                 struct interfaces *interfaces, struct accounts *accounts,
                 netwatch_changed *changed, void *owner);
/* Starts the threads, with the caller's present privileges. Call it once, before all functions
 * below. 0 or -errno. */
int netwatch_start(struct netwatch *watch, uv_loop_t *loop);
/* From now on, `same` is called when a dump has ended and changed nothing. */
void netwatch_set_same(struct netwatch *watch, netwatch_changed *same);
/* Closes the handles; the memory is freed when the loop has run their close callbacks. Namespaces
 * that are still held stay in `interfaces` unchanged; do not release them any more. */
void netwatch_close(struct netwatch *watch);

/* Why netwatch_acquire() failed; positive numbers, told to the client. */
enum netwatch_outcome {
    NETWATCH_OK,
    /* it is not our own namespace, and CAP_NET_ADMIN or CAP_NET_BROADCAST is missing */
    NETWATCH_NO_CAPABILITY,
    NETWATCH_LIMIT,  /* accounts_judge() tells which limit */
    NETWATCH_FAILED, /* another error from the kernel; logged */
};
const char *netwatch_outcome_text(enum netwatch_outcome outcome);

/* Finds the namespace of an accepted AF_UNIX socket: the one in which the peer's socket was
 * created, which is also that of `fd`. Never waits: the addresses of a new namespace are known only
 * after its first dump. Each call adds a holder. The caller calls netwatch_release() BEFORE it
 * closes fd, because the open fd keeps the nsid in place. A new namespace is charged to `owner`; if
 * the connection was `taken` from the keeper, no limit applies. */
enum netwatch_outcome netwatch_acquire(struct netwatch *watch, int fd, uint32_t owner, bool taken,
                                       struct namespace **namespace);
void netwatch_release(struct netwatch *watch, struct namespace *namespace);

/* Follows phonebookd's own namespace from now on, even if no client is in it. Errors are logged. */
void netwatch_follow_own(struct netwatch *watch);

/* For the start, after everything was taken over from the keeper: reads all unknown namespaces and
 * waits for them, because the first database must be complete. Does not call `changed`. Gives up if
 * the kernel does not answer a dump for NETWATCH_START_WAIT_MS, and after NETWATCH_START_LIMIT_MS
 * in all; the remaining namespaces are then read as usual. */
void netwatch_read_unknown(struct netwatch *watch);

#endif
