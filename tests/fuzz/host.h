/* Replaces daemon.c's part for connections in fuzz targets: each connection may have the namespace
 * of a room, and all names are live or none. A target's world begins with it, and owns its
 * connections. */
#ifndef TESTS_FUZZ_HOST_H
#define TESTS_FUZZ_HOST_H

#include "../../phonebookd/clients/connection-set.h"
#include "../unit/require.h"
#include "../unit/room.h"

#include <signal.h>

struct host {
    uv_loop_t loop;
    struct room room;
    struct connections set;
    bool live, no_namespace;
    int entered; /* namespaces entered and not left yet */
};

static inline enum request_error host_enter(void *owner, int fd, const struct holder *peer,
                                            bool taken, struct namespace **namespace,
                                            char why[static REGISTRY_WHY_MAX])
{
    struct host *host = owner;
    (void)fd, (void)peer, (void)taken;
    strcpy(why, "there is none");
    if (host->no_namespace)
        return REQUEST_NAMESPACE;
    *namespace = host->room.holders[0].namespace;
    host->entered++;
    return REQUEST_OK;
}

static inline void host_leave(void *owner, struct namespace *namespace)
{
    struct host *host = owner;
    require(namespace == host->room.holders[0].namespace);
    host->entered--;
}

static inline void host_changed(void *owner)
{
    struct host *host = owner;
    connections_go_on(&host->set);
}

static inline void host_why_not_live(void *owner, const struct registration *registration,
                                     const char *wait_for, char why[static REGISTRY_WHY_MAX])
{
    (void)owner, (void)registration, (void)wait_for;
    strcpy(why, "registered, but no address of it is served yet");
}

static inline bool host_is_live(void *owner, const struct registration *registration,
                                const char *wait_for)
{
    const struct host *host = owner;
    (void)wait_for;
    require(registration->name != NULL);
    return host->live;
}

static inline bool host_builds_at_once(void *owner)
{
    const struct host *host = owner;
    return host->live;
}

/* In a target's struct connections_ops, before those for the keeper. */
#define HOST_OPS                                                                                   \
    .enter_namespace = host_enter, .leave_namespace = host_leave, .changed = host_changed,         \
    .builds_at_once = host_builds_at_once, .is_live = host_is_live,                                \
    .why_not_live = host_why_not_live

/* `zones` as of room_init(); `most` connections. */
static inline void host_open(struct host *host, const char *zones, size_t most,
                             const struct connections_ops *ops)
{
    signal(SIGPIPE, SIG_DFL);
    require(uv_loop_init(&host->loop) == 0);
    room_init(&host->room, zones, 1);
    require(connections_init(&host->set, &host->loop, &host->room.registry, &host->room.accounts,
                             most, ops, host) == 0);
}

/* Asserts that nothing is left. */
static inline void host_close(struct host *host)
{
    connections_close(&host->set);
    uv_run(&host->loop, UV_RUN_DEFAULT);
    require(uv_loop_close(&host->loop) == 0);
    require(host->set.n == 0 && host->entered == 0);
    registry_drop_remnants(&host->room.registry);
    require(!room_has_left(&host->room));
    room_fini(&host->room);
}

#endif
