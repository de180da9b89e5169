#include "connection-parts.h"

#include "../limits.h"
#include "../log.h"
#include "../state/accounts.h"
#include "../state/registry.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNREAD_MAX = 64 }; /* pieces of input that are thrown away before a client is thrown out */

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

/* Takes fd. NULL, with fd closed, where memory or the peer's identity is not to be had. */
struct connection *connection_new(struct connections *set, int fd, uint64_t key)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c)
        goto err_fd;
    c->set = set;
    c->fd = fd;
    c->key = key;
    c->keeper = set->keeper;
    c->wait = -1;
    if (!connection_learn_peer(&c->holder, fd) || !(c->user = user_acquire(set, c->holder.uid)))
        goto err_free;
    if (!tsearch(c, &set->by_key, compare_keys))
        goto err_user;
    TAILQ_INSERT_TAIL(&set->all, c, all);
    set->n++;
    c->deadline = uv_now(set->loop) + IDLE_LIMIT_S * 1000;
    c->in_idle = true;
    TAILQ_INSERT_TAIL(&set->idle, c, idle);
    connections_clock_at(set, c->deadline);
    return c;

err_user:
    user_release(set, c->user);
err_free:
    free(c);
err_fd:
    log_caused(LOG_CLIENT, LOG_NOBODY, "a connection could not be taken: %s", strerror(errno));
    close(fd);
    return NULL;
}

void connection_leave_idle(struct connection *c)
{
    if (c->in_idle)
        TAILQ_REMOVE(&c->set->idle, c, idle);
    c->in_idle = false;
}

static void leave_lists(struct connection *c)
{
    connection_leave_idle(c);
    connection_wait_in(c, NULL);
    if (c->in_unentered)
        TAILQ_REMOVE(&c->set->unentered, c, unentered);
    if (c->set->again == c)
        c->set->again = TAILQ_NEXT(c, all);
    TAILQ_REMOVE(&c->set->all, c, all);
}

void connection_end(struct connection *c)
{
    struct connections *set = c->set;
    bool held = c->holder.registrations != NULL;

    leave_lists(c);
    if (!registry_linger(set->registry, &c->holder, uv_now(set->loop)))
        log_caused(LOG_CLIENT, c->holder.uid,
                   "not all names of uid %u, pid %d linger: out of memory", c->holder.uid,
                   c->holder.pid);
    registry_drop_holder(set->registry, &c->holder);
    accounts_release(set->accounts, c->holder.uid, ACCOUNT_CONNECTIONS);
    if (c->holder.namespace)
        set->ops->leave(set->owner, c->holder.namespace);
    /* close() alone leaves it in the epoll while the keeper holds a copy, and the next connection
     * with this number would be taken for it. */
    if (c->watched)
        epoll_ctl(set->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    tdelete(c, &set->by_key, compare_keys);
    user_release(set, c->user);
    set->n--;
    free(c->unsent);
    free(c);
    if (held)
        set->ops->changed(set->owner);
}

/* A close alone would leave the client's other end open as long as the keeper has a copy; and input
 * that nobody read would turn our last words into ECONNRESET. */
void connection_hang_up(int fd)
{
    char rest[1024];

    for (int i = 0; i < UNREAD_MAX && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++)
        ;
    shutdown(fd, SHUT_RDWR);
}

void connection_kick(struct connection *c, const char *reply)
{
    if (!c->unsent)
        (void)!send(c->fd, reply, strlen(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
    connection_hang_up(c->fd);
    connection_end(c);
}

void connection_watch(struct connection *c)
{
    uint32_t reading = c->aside ? 0u : EPOLLIN | (c->unsent ? EPOLLOUT : 0u);
    struct epoll_event event = {.events = reading | EPOLLET, .data.ptr = c};

    if (c->watched)
        return;
    c->watched = epoll_ctl(c->set->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0;
    if (!c->watched)
        log_caused(LOG_CLIENT, c->holder.uid, "a connection of uid %u cannot be watched: %s",
                   c->holder.uid, strerror(errno));
}
