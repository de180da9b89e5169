#include "keeper-owner.h"

#include "../../keeper/protocol.h"
#include "../limits.h"
#include "../log.h"
#include "connection-keep.h"
#include "connection-set.h"
#include "connection-takeover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the end ---- */

static void is_over(struct keeper_owner *keeping)
{
    keeping->leaving = false;
    uv_timer_stop(&keeping->timer);
    keeping->ops->over(keeping->owner);
}

static void start_limit(struct keeper_owner *keeping)
{
    keeping->answered = keeping->connections->answered;
    keeping->limit = uv_now(keeping->connections->loop) + LEAVE_LIMIT_MS;
}

/* Everything is stored: announces our end. The keeper may end as soon as it has answered, so nothing
 * new may come until then. True if there is no answer to wait for, because an older keeper gives
 * none. */
static bool announce(struct keeper_owner *keeping)
{
    struct connections *set = keeping->connections;
    int result = keeper_leave(keeping->keeper);
    keeping->asked = result == 0;
    if (keeping->asked) {
        doors_hold(&keeping->doors, true);
        connections_pause(set);
    }
    return result == -EOPNOTSUPP && set->answered == set->sent;
}

static bool is_stored(struct connections *set)
{
    return connections_are_stored(set) && connections_store_newcomers(set);
}

static void look(uv_timer_t *timer)
{
    struct keeper_owner *keeping = timer->data;
    struct connections *set = keeping->connections;
    if (set->answered != keeping->answered)
        start_limit(keeping);
    if ((!keeping->asked && is_stored(set) && announce(keeping)) ||
        uv_now(set->loop) >= keeping->limit)
        is_over(keeping);
}

static void on_answered(uv_timer_t *timer)
{
    is_over(timer->data);
}

void keeper_owner_leave(struct keeper_owner *keeping)
{
    if (!keeper_is_expected(keeping->keeper)) {
        is_over(keeping);
        return;
    }
    keeping->leaving = true;
    start_limit(keeping);
    uv_timer_start(&keeping->timer, look, 0, LEAVE_LOOK_MS);
}

/* ---- calls from the keeper ---- */

static void on_connected(void *owner, size_t held)
{
    struct keeper_owner *keeping = owner;
    keeping->kept = true;
    connections_keeper_changed(keeping->connections, held);
}

static bool on_taken_socket(void *owner, int fd, uint64_t key)
{
    struct keeper_owner *keeping = owner;
    keeping->ops->taking(keeping->owner);
    return connections_taken_socket(keeping->connections, fd, key);
}

static void on_taken_request(void *owner, uint64_t key, const char *text, size_t length)
{
    struct keeper_owner *keeping = owner;
    keeping->ops->taking(keeping->owner);
    connections_taken_request(keeping->connections, key, text, length);
}

static void on_taken_note(void *owner, uint64_t key, const char *text, size_t length)
{
    struct keeper_owner *keeping = owner;
    keeping->ops->taking(keeping->owner);
    connections_taken_note(keeping->connections, key, text, length);
}

static void on_taken_listener(void *owner, int fd, const char *text, size_t length)
{
    struct keeper_owner *keeping = owner;
    doors_take(&keeping->doors, fd, text, length);
}

static void on_taken_all(void *owner, size_t count)
{
    struct keeper_owner *keeping = owner;
    connections_taken_all(keeping->connections, count);
    connections_keep_all(keeping->connections);
    doors_keep(&keeping->doors, keeping->keeper);
}

static void on_stored(void *owner, uint64_t key, enum keep_result result)
{
    struct keeper_owner *keeping = owner;
    connections_stored(keeping->connections, key, result);
}

static void on_stored_note(void *owner, uint64_t key, enum keep_result result)
{
    struct keeper_owner *keeping = owner;
    (void)key;
    connections_stored_note(keeping->connections, result);
}

static void on_socket_refused(void *owner, uint64_t key, enum keep_result result)
{
    struct keeper_owner *keeping = owner;
    (void)result;
    connections_refused_by_keeper(keeping->connections, key);
}

static void on_writable(void *owner)
{
    struct keeper_owner *keeping = owner;
    if (keeping->asked)
        return;
    connections_keep_more(keeping->connections);
    if (!keeping->doors.kept)
        doors_keep(&keeping->doors, keeping->keeper);
}

/* The keeper goes on holding everything, even if it ends before the loop's next turn. */
static void on_left(void *owner)
{
    struct keeper_owner *keeping = owner;
    keeping->left = true;
    if (keeping->leaving)
        uv_timer_start(&keeping->timer, on_answered, 0, 0);
}

/* A keeper that we have left may end to make room for the next one. */
static void on_lost(void *owner, const char *why)
{
    struct keeper_owner *keeping = owner;
    (void)why; /* keeper-client.c has logged it */
    if (keeping->left)
        return;
    keeping->kept = keeping->doors.kept = false;
    connections_keeper_changed(keeping->connections, 0);
    if (keeping->asked)
        doors_hold(&keeping->doors, false);
    keeping->asked = false;
}

static const struct keeper_ops keeper_ops = {
    .connected = on_connected,
    .taken_socket = on_taken_socket,
    .taken_request = on_taken_request,
    .taken_note = on_taken_note,
    .taken_listener = on_taken_listener,
    .taken_all = on_taken_all,
    .stored = on_stored,
    .stored_note = on_stored_note,
    .socket_refused = on_socket_refused,
    .left = on_left,
    .writable = on_writable,
    .lost = on_lost,
};

/* ---- start and close ---- */

bool keeper_owner_start(struct keeper_owner *keeping, uv_loop_t *loop, const char *directory,
                        struct connections *connections, const struct keeper_owner_ops *ops,
                        void *owner)
{
    keeping->connections = connections;
    keeping->ops = ops;
    keeping->owner = owner;
    uv_timer_init(loop, &keeping->timer);
    keeping->timer.data = keeping;
    int error = asprintf(&keeping->path, "%s/keep", directory) < 0
                    ? -ENOMEM
                    : keeper_new(&keeping->keeper, loop, keeping->path, &keeper_ops, keeping);
    if (error) {
        log_error("cannot prepare the connection to the keeper: %s", strerror(-error));
        return false;
    }
    if (keeper_connect_now(keeping->keeper) == -EBUSY) {
        log_error("another phonebookd uses the keeper at %s", keeping->path);
        return false;
    }
    return true;
}

void keeper_owner_keep_doors(struct keeper_owner *keeping)
{
    doors_keep(&keeping->doors, keeping->keeper);
}

void keeper_owner_close(struct keeper_owner *keeping)
{
    doors_close(&keeping->doors);
    keeper_close(keeping->keeper);
    uv_close((uv_handle_t *)&keeping->timer, NULL);
}

void keeper_owner_fini(struct keeper_owner *keeping)
{
    free(keeping->path);
}
