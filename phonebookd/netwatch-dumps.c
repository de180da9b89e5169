#include "netwatch-dumps.h"

#include "limits.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { NANOSECONDS_PER_MS = 1000000 };

static void on_timer(uv_timer_t *timer);

void netwatch_dumps_mark(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    if (namespace->rests_until < dumps->next_due)
        dumps->next_due = namespace->rests_until;
    if (namespace->dirty)
        return;
    namespace->dirty = true;
    namespace->dirty_before = dumps->last;
    namespace->dirty_after = NULL;
    if (dumps->last)
        dumps->last->dirty_after = namespace;
    else
        dumps->first = namespace;
    dumps->last = namespace;
}

static void dequeue(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    struct namespace *before = namespace->dirty_before, *after = namespace->dirty_after;
    if (!namespace->dirty)
        return;
    namespace->dirty = false;
    if (before)
        before->dirty_after = after;
    else
        dumps->first = after;
    if (after)
        after->dirty_before = before;
    else
        dumps->last = before;
}

static void dump_failed(struct netwatch_dumps *dumps, struct namespace *namespace, int error)
{
    netwatch_dumps_mark(dumps, namespace);
    if (namespace->failures++ > 0)
        return;
    if (error == -EINTR)
        log_debug("namespace %" PRIu64 " changes faster than it can be read", namespace->inode);
    else
        log_warning("cannot read the addresses of namespace %" PRIu64 ": %s; what was known stays",
                    namespace->inode,
                    error == -E2BIG ? "too many links or addresses" : strerror(-error));
}

/* True where the namespace is not as it was. */
static bool dump(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    bool audited = namespace->audited && namespace->known;
    dequeue(dumps, namespace);
    namespace->audited = false;

    uint64_t start = uv_hrtime();
    struct snapshot snapshot;
    int error = netwatch_requests_dump(dumps->requests, namespace->nsid, &snapshot);
    uint64_t rest = (uv_hrtime() - start) * NETWATCH_DUMP_SHARE / NANOSECONDS_PER_MS;
    if (rest < NETWATCH_DUMP_INTERVAL_MS)
        rest = NETWATCH_DUMP_INTERVAL_MS;
    namespace->rests_until = uv_now(dumps->timer.loop) + rest;
    if (error) {
        dump_failed(dumps, namespace, error);
        return false;
    }
    namespace->failures = 0;
    bool differs = interfaces_replace(namespace, &snapshot);
    if (differs && audited)
        dumps->found(dumps->owner, namespace);
    return differs;
}

/* Never 0: libuv would run the timer again and again in one turn (uv__run_timers()). */
static void schedule(struct netwatch_dumps *dumps)
{
    uint64_t now = uv_now(dumps->timer.loop);
    if (!dumps->first) {
        dumps->next_due = UINT64_MAX;
        uv_timer_stop(&dumps->timer);
        return;
    }
    uv_timer_start(&dumps->timer, on_timer, dumps->next_due > now ? dumps->next_due - now : 1, 0);
}

static bool dump_due(struct netwatch_dumps *dumps)
{
    uint64_t now = uv_now(dumps->timer.loop);
    uint64_t end = uv_hrtime() + (uint64_t)NETWATCH_DUMP_TURN_MS * NANOSECONDS_PER_MS;
    bool changed = false;
    struct namespace *next;
    dumps->next_due = UINT64_MAX;
    for (struct namespace *each = dumps->first; each; each = next) {
        next = each->dirty_after;
        if (each->rests_until <= now && uv_hrtime() < end)
            changed |= dump(dumps, each);
        else if (each->rests_until < dumps->next_due)
            dumps->next_due = each->rests_until;
    }
    return changed;
}

void netwatch_dumps_settle(struct netwatch_dumps *dumps)
{
    bool changed = false;
    if (dumps->first && dumps->next_due <= uv_now(dumps->timer.loop))
        changed = dump_due(dumps);
    schedule(dumps);
    if (changed)
        dumps->changed(dumps->owner);
}

static void on_timer(uv_timer_t *timer)
{
    netwatch_dumps_settle(timer->data);
}

void netwatch_dumps_first(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    dump(dumps, namespace);
    schedule(dumps);
}

void netwatch_dumps_forget(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    dequeue(dumps, namespace);
    schedule(dumps);
}

void netwatch_dumps_init(struct netwatch_dumps *dumps, uv_loop_t *loop)
{
    dumps->first = dumps->last = NULL;
    dumps->next_due = UINT64_MAX;
    uv_timer_init(loop, &dumps->timer);
    dumps->timer.data = dumps;
}

void netwatch_dumps_close(struct netwatch_dumps *dumps, uv_close_cb closed)
{
    dumps->timer.data = dumps->owner;
    uv_close((uv_handle_t *)&dumps->timer, closed);
}
