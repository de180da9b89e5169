#include "connection-life.h"

#include "../../common/boot-clock.h"
#include "../../publish-client/request.h"
#include "../../zones/zone.h"
#include "../log.h"
#include "../state/accounts.h"
#include "../state/registry.h"
#include "connection-waits.h"
#include "outbox.h"
#include "owners.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GIDS_GUESS = 32,
    UNREAD_MAX = 64, /* pieces of unread input that are dropped before a client is thrown out */
};

/* ---- who the client is ---- */

/* The inode of the socket, as in /proc/PID/fd and unix_diag. */
static uint64_t inode_of(int fd)
{
    struct stat status = {.st_ino = 0};
    fstat(fd, &status);
    return status.st_ino;
}

static bool ask_credentials(int fd, struct ucred *peer)
{
    socklen_t length = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &length) == 0;
}

bool connection_learn_peer(struct connections *set, struct holder *holder, int fd)
{
    struct ucred peer;
    if (!ask_credentials(fd, &peer))
        return false;
    holder->uid = peer.uid;
    holder->owner = owners_find(set->owners, peer.uid);
    holder->nobody = owners_is_nobody(set->owners, peer.uid);
    holder->pid = peer.pid;
    holder->socket = inode_of(fd);
    return true;
}

/* The supplementary groups (SO_PEERGROUPS), with room for one more; NULL if they are not
 * available. */
static uint32_t *ask_groups(int fd, size_t *n)
{
    socklen_t length = GIDS_GUESS * sizeof(uint32_t);
    uint32_t *gids = malloc(length + sizeof *gids);
    if (gids && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &length) < 0) {
        if (errno != ERANGE) /* on ERANGE, `length` is the size that is needed */
            goto err;
        uint32_t *larger = realloc(gids, length + sizeof *gids);
        if (!larger)
            goto err;
        gids = larger;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &length) < 0)
            goto err;
    }
    *n = gids ? length / sizeof *gids : 0;
    return gids;

err:
    free(gids);
    return NULL;
}

static void learn_gids(struct connection *c)
{
    if (c->holder.gids)
        return;
    uint32_t *gids = ask_groups(c->fd, &c->holder.n_gids);
    struct ucred peer;
    if (!gids || !ask_credentials(c->fd, &peer)) {
        log_caused(LOG_CLIENT, c->holder.uid, "the groups of uid %u are not known: %s",
                   c->holder.uid, strerror(errno));
        free(gids);
        c->holder.n_gids = 0;
        return;
    }
    gids[c->holder.n_gids++] = peer.gid;
    c->holder.gids = gids;
}

static void forget_gids(struct connection *c)
{
    free((void *)c->holder.gids);
    c->holder.gids = NULL;
    c->holder.n_gids = 0;
}

void connections_learn_gids(struct connections *set, const struct zone *const *zones,
                            size_t n_zones)
{
    struct connection *c;
    if (zones_ask_groups(zones, n_zones))
        TAILQ_FOREACH (c, &set->all, all)
            learn_gids(c);
}

void connections_forget_gids(struct connections *set)
{
    struct connection *c;
    TAILQ_FOREACH (c, &set->all, all)
        forget_gids(c);
}

enum request_error connection_enter(struct connection *c, bool taken,
                                    char why[static REGISTRY_WHY_MAX])
{
    if (c->holder.namespace)
        return REQUEST_OK;
    return c->set->ops->enter_namespace(c->set->owner, c->fd, &c->holder, taken,
                                        &c->holder.namespace, why);
}

enum registry_outcome connection_register(struct connection *c, const struct request *request,
                                          int64_t since, enum registry_origin origin,
                                          struct registration **added,
                                          char why[static REGISTRY_WHY_MAX])
{
    struct registry *registry = c->set->registry;
    if (registry->asks_groups)
        learn_gids(c);
    enum registry_outcome outcome =
        registry_add(registry, &c->holder, request->name, request->interface, &request->options,
                     since, origin, added, why);
    forget_gids(c);
    return outcome;
}

/* ---- its beginning and its end ---- */

static int compare_keys(const void *left, const void *right)
{
    const struct connection *a = left, *b = right;
    return (a->key > b->key) - (a->key < b->key);
}

struct connection *connection_find(const struct connections *set, uint64_t key)
{
    struct connection wanted = {.key = key};
    struct connection **found = tfind(&wanted, &set->by_key, compare_keys);
    return found ? *found : NULL;
}

struct connection *connection_new(struct connections *set, int fd, uint64_t key,
                                  const struct holder *peer)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        goto err_fd;
    c->set = set;
    c->fd = fd;
    c->key = key;
    c->holder = *peer;
    c->keeper = set->keeper;
    c->wait = c->id = -1;
    c->user = user_acquire(set, peer->owner);
    if (!c->user)
        goto err_free;
    if (!tsearch(c, &set->by_key, compare_keys))
        goto err_user;
    TAILQ_INSERT_TAIL(&set->all, c, all);
    set->n++;
    connection_be_idle(c);
    return c;

err_user:
    user_release(set, c->user);
err_free:
    free(c);
err_fd:
    log_caused(LOG_CLIENT, LOG_NOBODY, "a connection is closed at once: %s", strerror(errno));
    close(fd);
    return NULL;
}

static void leave_lists(struct connection *c)
{
    connection_leave_idle(c);
    connection_wait_in(c, NULL);
    connection_leave_unentered(c);
    if (c->set->again == c)
        c->set->again = TAILQ_NEXT(c, all);
    TAILQ_REMOVE(&c->set->all, c, all);
}

void connection_end(struct connection *c)
{
    struct connections *set = c->set;
    bool held = c->holder.registrations != NULL;
    leave_lists(c);
    if (!registry_linger(set->registry, &c->holder, boot_ms()))
        log_caused(LOG_CLIENT, c->holder.uid,
                   "not all names of uid %u, pid %d linger: out of memory", c->holder.uid,
                   c->holder.pid);
    registry_drop_holder(set->registry, &c->holder);
    accounts_release(set->accounts, c->holder.owner, ACCOUNT_CONNECTIONS);
    if (c->holder.namespace)
        set->ops->leave_namespace(set->owner, c->holder.namespace);
    /* While the keeper holds a copy, close() alone leaves it in the epoll set, and the next
     * connection with this number would be taken for it. */
    if (c->watched)
        epoll_ctl(set->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    tdelete(c, &set->by_key, compare_keys);
    user_release(set, c->user);
    set->n--;
    outbox_fini(&c->outbox);
    free(c->wait_for);
    free(c);
    if (held)
        set->ops->changed(set->owner);
}

/* With only a close, the client's end would stay open as long as the keeper has a copy; and unread
 * input would make the client read ECONNRESET instead of our last line. */
void connection_hang_up(int fd)
{
    char rest[1024];
    for (int i = 0; i < UNREAD_MAX && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++)
        ;
    shutdown(fd, SHUT_RDWR);
}

void connection_kick(struct connection *c, const char *reply)
{
    if (!c->outbox.unsent)
        (void)!send(c->fd, reply, strlen(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
    connection_hang_up(c->fd);
    connection_end(c);
}

void connection_watch(struct connection *c)
{
    uint32_t reading = c->holder.aside ? 0u : EPOLLIN | (c->outbox.unsent ? EPOLLOUT : 0u);
    struct epoll_event event = {.events = reading | EPOLLET, .data.ptr = c};
    int how = c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    c->watched = epoll_ctl(c->set->epoll, how, c->fd, &event) == 0 || c->watched;
    if (!c->watched)
        log_caused(LOG_CLIENT, c->holder.uid, "a connection of uid %u cannot be watched: %s",
                   c->holder.uid, strerror(errno));
}
