/* Joins the parts of the watch: events (netwatch-events.c) mark namespaces, and the marked ones are
 * read again (netwatch-dumps.c) by threads (netwatch-dumper.c) that ask the kernel, directly
 * (netwatch-requests.c) or through a process with the capability for it (namespace-reader.c). This
 * file adds and removes namespaces with their connections, and audits for lost events.
 *
 * Happy path and failure modes are in netwatch.h. */
#include "netwatch.h"

#include "../limits.h"
#include "../log.h"
#include "namespace-identity.h"
#include "netlink-source.h"
#include "netwatch-dumps.h"
#include "netwatch-events.h"
#include "netwatch-socket.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct netwatch {
    struct interfaces *interfaces;
    struct accounts *accounts;
    netwatch_changed *changed, *same;
    void *owner;
    struct namespace_reader *reader; /* NULL: we ask the kernel ourselves, with `source` */
    struct netlink_source source;
    void *buffer; /* of `source`; owned */
    struct netwatch_events events;
    struct netwatch_dumps dumps;
    uv_timer_t audit_timer; /* runs while there is a namespace */
    uv_poll_t reader_end;   /* if there is a reader: whether it has ended */
    unsigned n_handles;     /* whose close callbacks are still to come */

    uint64_t own_cookie, own_inode;
    bool reaches_others;
    /* The number of the next namespace. Numbers begin where the clock stands, so they are higher
     * than those of an earlier run, unless that gave away more than one per millisecond. */
    int32_t next_nsid;
};

/* Events. */

static void mark(struct namespace *namespace, void *context)
{
    struct netwatch *watch = context;
    namespace->audited = false;
    netwatch_dumps_mark(&watch->dumps, namespace);
}

static void on_hint(void *owner, int32_t nsid)
{
    struct netwatch *watch = owner;
    struct namespace *namespace = interfaces_find_nsid(watch->interfaces, nsid);
    if (namespace)
        mark(namespace, watch);
}

static void on_doubt(void *owner)
{
    struct netwatch *watch = owner;
    interfaces_each(watch->interfaces, mark, watch);
}

/* A namespace, and with it its number, lives as long as a connection from it is open. */
static void on_gone(void *owner, int32_t nsid)
{
    struct netwatch *watch = owner;
    const struct namespace *namespace = interfaces_find_nsid(watch->interfaces, nsid);
    if (!namespace || nsid == NAMESPACE_OWN)
        return;
    log_caused(LOG_NAMESPACE, namespace->owner,
               "the kernel says that namespace %" PRIu64 " (nsid %" PRId32
               ") is gone, but it has clients: all namespaces are read again",
               namespace->inode, nsid);
    on_doubt(watch);
}

static void on_heard(void *owner)
{
    struct netwatch *watch = owner;
    netwatch_dumps_settle(&watch->dumps);
}

/* The audit. */

/* Events can be lost without a sign: if the kernel has no memory for one, it reports this only to
 * sockets of the namespace itself (do_one_set_err()). */
static void mark_audited(struct namespace *namespace, void *context)
{
    struct netwatch *watch = context;
    namespace->audited = namespace->audited || !namespace->dirty;
    netwatch_dumps_mark(&watch->dumps, namespace);
}

static void on_audit_timer(uv_timer_t *timer)
{
    struct netwatch *watch = timer->data;
    netwatch_events_read(&watch->events);
    netwatch_dumps_audit(&watch->dumps);
    interfaces_each(watch->interfaces, mark_audited, watch);
    uv_timer_start(&watch->audit_timer, on_audit_timer, NETWATCH_AUDIT_MS, 0);
    netwatch_dumps_settle(&watch->dumps);
}

/* A difference whose event arrived meanwhile is none of the audit's: reading the event marks the
 * namespace as dirty. */
static void on_found(void *owner, struct namespace *namespace)
{
    struct netwatch *watch = owner;
    netwatch_events_read(&watch->events);
    if (!namespace->dirty || namespace->audited)
        log_caused(LOG_NAMESPACE, namespace->owner,
                   "namespace %" PRIu64 " had changed without an event; the audit found it",
                   namespace->inode);
}

static void on_changed(void *owner)
{
    struct netwatch *watch = owner;
    watch->changed(watch->owner);
}

static void on_same(void *owner)
{
    struct netwatch *watch = owner;
    if (watch->same)
        watch->same(watch->owner);
}

void netwatch_set_same(struct netwatch *watch, netwatch_changed *same)
{
    watch->same = same;
}

/* Namespaces come and go with their connections. */

static enum netwatch_outcome refuse(uint32_t owner, const char *what, int error)
{
    if (error == -EPERM || error == -EACCES)
        return NETWATCH_NO_CAPABILITY;
    log_caused(LOG_NAMESPACE, owner, "cannot follow a client's network namespace: %s: %s", what,
               namespace_reader_error(error));
    return NETWATCH_FAILED;
}

static enum netwatch_outcome identify(struct netwatch *watch, int fd, uint32_t owner,
                                      struct namespace_identity *identity)
{
    if (watch->reader)
        namespace_reader_identify(watch->reader, fd, watch->next_nsid, identity);
    else
        namespace_identify(&watch->source, fd, watch->next_nsid, identity);
    watch->next_nsid = identity->next;
    return identity->error ? refuse(owner, namespace_identity_step(identity), identity->error)
                           : NETWATCH_OK;
}

/* What came from the keeper (`taken`) is charged without a limit. */
static enum netwatch_outcome charge(struct netwatch *watch, uint32_t owner, bool taken)
{
    if (!watch->reaches_others)
        return NETWATCH_NO_CAPABILITY;
    enum account_outcome outcome = ACCOUNT_NO_MEMORY;
    if (!taken)
        outcome = accounts_charge(watch->accounts, owner, ACCOUNT_NAMESPACES).outcome;
    else if (accounts_charge_taken(watch->accounts, owner, ACCOUNT_NAMESPACES))
        outcome = ACCOUNT_FINE;
    if (outcome == ACCOUNT_NO_MEMORY)
        return refuse(owner, "an account", -ENOMEM);
    return outcome == ACCOUNT_FINE ? NETWATCH_OK : NETWATCH_LIMIT;
}

static enum netwatch_outcome add(struct netwatch *watch, int fd, uint64_t cookie, uint32_t owner,
                                 struct namespace **added)
{
    struct namespace_identity identity = {.nsid = NAMESPACE_OWN, .inode = watch->own_inode};
    enum netwatch_outcome outcome = NETWATCH_OK;
    if (cookie != watch->own_cookie)
        outcome = identify(watch, fd, owner, &identity);
    if (outcome)
        return outcome;
    *added = interfaces_add(watch->interfaces, cookie, identity.nsid);
    if (!*added)
        return refuse(owner, "a new entry", -ENOMEM);
    (*added)->inode = identity.inode;
    (*added)->owner = owner;
    return NETWATCH_OK;
}

/* Events of a namespace arrive as soon as it has a number. The first dump begins after that, so no
 * change is missed in between. Our own namespace is charged to nobody. */
static enum netwatch_outcome take_up(struct netwatch *watch, int fd, uint64_t cookie,
                                     uint32_t owner, bool taken, struct namespace **namespace)
{
    bool own = cookie == watch->own_cookie;
    enum netwatch_outcome outcome = own ? NETWATCH_OK : charge(watch, owner, taken);
    if (outcome)
        return outcome;
    outcome = add(watch, fd, cookie, own ? 0 : owner, namespace);
    if (outcome) {
        if (!own)
            accounts_release(watch->accounts, owner, ACCOUNT_NAMESPACES);
        return outcome;
    }
    netwatch_dumps_mark(&watch->dumps, *namespace);
    netwatch_dumps_settle(&watch->dumps);
    if (!uv_is_active((uv_handle_t *)&watch->audit_timer))
        uv_timer_start(&watch->audit_timer, on_audit_timer, NETWATCH_AUDIT_MS, 0);
    return NETWATCH_OK;
}

void netwatch_follow_own(struct netwatch *watch)
{
    struct namespace *own = interfaces_find(watch->interfaces, watch->own_cookie);
    if (own || take_up(watch, -1, watch->own_cookie, 0, true, &own) == NETWATCH_OK)
        own->n_holders++; /* this holder is never released */
}

enum netwatch_outcome netwatch_acquire(struct netwatch *watch, int fd, uint32_t owner, bool taken,
                                       struct namespace **namespace)
{
    uint64_t cookie;
    int error = netwatch_socket_cookie(fd, &cookie);
    if (error)
        return refuse(owner, "SO_NETNS_COOKIE", error);
    struct namespace *found = interfaces_find(watch->interfaces, cookie);
    enum netwatch_outcome outcome =
        found ? NETWATCH_OK : take_up(watch, fd, cookie, owner, taken, &found);
    if (outcome)
        return outcome;
    found->n_holders++;
    *namespace = found;
    return NETWATCH_OK;
}

void netwatch_release(struct netwatch *watch, struct namespace *namespace)
{
    if (--namespace->n_holders > 0)
        return;
    netwatch_dumps_forget(&watch->dumps, namespace);
    if (namespace->nsid != NAMESPACE_OWN)
        accounts_release(watch->accounts, namespace->owner, ACCOUNT_NAMESPACES);
    interfaces_remove(watch->interfaces, namespace);
    if (watch->interfaces->n_namespaces == 0)
        uv_timer_stop(&watch->audit_timer);
}

void netwatch_read_unknown(struct netwatch *watch)
{
    size_t n = netwatch_dumps_unknown(&watch->dumps);
    if (n > 0)
        log_warning(
            "the addresses of %zu network namespaces could not be read yet; their names are "
            "not shown until they are",
            n);
}

const char *netwatch_outcome_text(enum netwatch_outcome outcome)
{
    switch (outcome) {
    case NETWATCH_OK:
        return "the network namespace is followed";
    case NETWATCH_NO_CAPABILITY:
        return "the interface's network namespace is another one than phonebookd's, and phonebookd "
               "lacks CAP_NET_ADMIN over it or CAP_NET_BROADCAST";
    case NETWATCH_LIMIT:
        return "too many network namespaces are followed already";
    case NETWATCH_FAILED:
        return "the network namespace could not be opened; see phonebookd's log";
    }
    return "unknown";
}

/* Beginning and end. */

static int open_source(struct netwatch *watch)
{
    watch->buffer = malloc(NETLINK_BUFFER_SIZE);
    int error = watch->buffer ? netlink_source_open(&watch->source, watch->buffer) : -ENOMEM;
    if (error == -ENOPROTOOPT)
        log_error("the kernel lacks NETLINK_GET_STRICT_CHK (Linux 4.20): it would show the "
                  "addresses of the wrong network namespace");
    else if (error)
        log_error("cannot open a netlink socket: %s", strerror(-error));
    return error;
}

static void free_source(struct netwatch *watch)
{
    netlink_source_close(&watch->source);
    free(watch->buffer);
    watch->buffer = NULL;
}

static int open_events(struct netwatch *watch, uv_loop_t *loop)
{
    watch->events.owner = watch;
    watch->events.hint = on_hint;
    watch->events.gone = on_gone;
    watch->events.doubt = on_doubt;
    watch->events.heard = on_heard;
    int error = netwatch_events_open(&watch->events, loop);
    if (error)
        log_error("cannot listen to network events: %s", strerror(-error));
    return error;
}

static int init_dumps(struct netwatch *watch)
{
    watch->dumps.owner = watch;
    watch->dumps.changed = on_changed;
    watch->dumps.same = on_same;
    watch->dumps.found = on_found;
    int error = netwatch_dumps_init(&watch->dumps, watch->reader);
    if (error)
        log_error("cannot start a thread that reads addresses: %s", strerror(-error));
    return error;
}

static void on_reader_end(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    uv_poll_stop(poll);
    log_error(
        "the process phonebookd-net has ended: until phonebookd is started again, it serves no new "
        "network namespaces, and the addresses in others than its own stay as they are known");
}

static bool follows_reader(const struct netwatch *watch)
{
    return watch->reader && namespace_reader_end_fd(watch->reader) >= 0;
}

static void start_handles(struct netwatch *watch, uv_loop_t *loop)
{
    netwatch_dumps_listen(&watch->dumps, loop);
    uv_timer_init(loop, &watch->audit_timer);
    watch->audit_timer.data = watch->reader_end.data = watch;
    if (!follows_reader(watch))
        return;
    uv_poll_init(loop, &watch->reader_end, namespace_reader_end_fd(watch->reader));
    uv_poll_start(&watch->reader_end, UV_READABLE, on_reader_end);
}

/* Finds the cookie and the inode of our namespace. SIOCGSKNS succeeds only if we may reach other
 * namespaces; then the reader may too, because it was started with our capabilities. */
static int learn_own(struct netwatch *watch)
{
    int error = netwatch_socket_cookie(watch->source.fd, &watch->own_cookie);
    if (error) {
        log_error("the kernel lacks SO_NETNS_COOKIE (Linux 5.14): %s", strerror(-error));
        return error;
    }
    struct stat status;
    watch->own_inode = stat("/proc/self/ns/net", &status) == 0 ? status.st_ino : 0;
    int namespace_fd = ioctl(watch->source.fd, SIOCGSKNS);
    if (namespace_fd >= 0)
        close(namespace_fd);
    watch->reaches_others = namespace_fd >= 0;
    return 0;
}

int netwatch_new(struct netwatch **watch, uv_loop_t *loop, struct namespace_reader *reader,
                 struct interfaces *interfaces, struct accounts *accounts,
                 netwatch_changed *changed, void *owner)
{
    struct netwatch *created = calloc(1, sizeof *created);
    if (!created)
        return -ENOMEM;
    created->source.fd = -1;
    created->reader = reader;
    created->interfaces = interfaces;
    created->accounts = accounts;
    accounts->total[ACCOUNT_NAMESPACES] = NETWATCH_NAMESPACES_MAX;
    created->changed = changed;
    created->owner = owner;
    created->next_nsid =
        NETWATCH_NSID_FIRST + (int32_t)(uv_now(loop) % (INT32_MAX - NETWATCH_NSID_FIRST));
    int error = open_source(created);
    if (!error)
        error = learn_own(created);
    if (!error)
        error = open_events(created, loop);
    if (error) {
        free_source(created);
        free(created);
        return error;
    }

    created->reaches_others = created->reaches_others && created->events.hears_others;
    if (!created->reaches_others)
        log_warning("without CAP_NET_ADMIN and CAP_NET_BROADCAST only clients in phonebookd's own "
                    "network namespace can be served");
    if (reader)
        free_source(created);
    *watch = created;
    return 0;
}

int netwatch_start(struct netwatch *watch, uv_loop_t *loop)
{
    int error = init_dumps(watch);
    if (!error)
        start_handles(watch, loop);
    return error;
}

static void on_closed(uv_handle_t *handle)
{
    struct netwatch *watch = handle->data;
    if (--watch->n_handles == 0)
        free(watch);
}

void netwatch_close(struct netwatch *watch)
{
    watch->n_handles = NETWATCH_EVENTS_HANDLES + NETWATCH_DUMPS_HANDLES + 1;
    netwatch_dumps_close(&watch->dumps, on_closed);
    uv_close((uv_handle_t *)&watch->audit_timer, on_closed);
    if (follows_reader(watch)) {
        watch->n_handles++;
        uv_close((uv_handle_t *)&watch->reader_end, on_closed);
    }
    netwatch_events_close(&watch->events, on_closed);
    free_source(watch);
}
