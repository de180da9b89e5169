/* Who is at the other end: what the kernel noted at connect(). */
#include "connection-parts.h"

#include "../../zones/zone.h"
#include "../log.h"
#include "../state/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { GIDS_GUESS = 32 };

static bool ask_credentials(int fd, struct ucred *peer)
{
    socklen_t length = sizeof *peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &length) == 0;
}

bool connection_learn_peer(struct holder *holder, int fd)
{
    struct ucred peer;

    if (!ask_credentials(fd, &peer))
        return false;
    holder->uid = peer.uid;
    holder->pid = peer.pid;
    return true;
}

/* The supplementary groups (SO_PEERGROUPS), with room for one more behind them; NULL where they are
 * not to be had. */
static uint32_t *ask_groups(int fd, size_t *n)
{
    socklen_t length = GIDS_GUESS * sizeof(uint32_t);
    uint32_t *gids = malloc(length + sizeof *gids), *larger;

    if (gids && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &length) < 0) {
        if (errno != ERANGE) /* else `length` is how much it takes */
            goto err;
        larger = realloc(gids, length + sizeof *gids);
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
    struct ucred peer;
    uint32_t *gids = ask_groups(c->fd, &c->holder.n_gids);

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

static bool groups_matter(const struct zone *const *zones, size_t n_zones)
{
    for (size_t i = 0; i < n_zones; i++)
        if (zone_asks_groups(zones[i]))
            return true;
    return false;
}

void connection_learn_gids(struct connection *c, const struct zone *const *zones, size_t n_zones)
{
    if (!c->holder.gids && groups_matter(zones, n_zones))
        learn_gids(c);
}

void connection_forget_gids(struct connection *c)
{
    free((void *)c->holder.gids);
    c->holder.gids = NULL;
    c->holder.n_gids = 0;
}

void connections_learn_gids(struct connections *set, const struct zone *const *zones,
                            size_t n_zones)
{
    struct connection *c;

    TAILQ_FOREACH (c, &set->all, all)
        connection_learn_gids(c, zones, n_zones);
}

void connections_forget_gids(struct connections *set)
{
    struct connection *c;

    TAILQ_FOREACH (c, &set->all, all)
        connection_forget_gids(c);
}

enum request_error connection_enter(struct connection *c, const char **why)
{
    if (c->holder.namespace)
        return REQUEST_OK;
    return c->set->ops->enter(c->set->owner, c->fd, c->holder.uid, &c->holder.namespace, why);
}

enum registry_outcome connection_register(struct connection *c, const struct request *request,
                                          int64_t since, enum registry_origin origin,
                                          struct registration **added,
                                          char why[static REGISTRY_WHY_MAX])
{
    struct registry *registry = c->set->registry;
    enum registry_outcome outcome;

    connection_learn_gids(c, registry->zones, registry->n_zones);
    outcome = registry_add(registry, &c->holder, request->name, request->interface,
                           &request->options, since, origin, added, why);
    connection_forget_gids(c);
    return outcome;
}
