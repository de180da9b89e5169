#include "netwatch-dumps.h"

#include "limits.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { NANOSECONDS_PER_MS = 1000000 };

static void on_timer(uv_timer_t *timer);

static uint64_t due_at(const struct netwatch_dumps *dumps, const struct namespace *namespace)
{
    uint64_t due = netwatch_shares_due(&dumps->shares, namespace->uid);
    return namespace->rests_until > due ? namespace->rests_until : due;
}

void netwatch_dumps_mark(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    uint64_t due = due_at(dumps, namespace);
    if (due < dumps->next_due)
        dumps->next_due = due;
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

/* Once, until it is over. */
static void tell_of_cut(struct namespace *namespace, size_t n_cut)
{
    if (n_cut > 0 && !namespace->cut_said)
        log_warning("namespace %" PRIu64
                    ": %zu addresses are not looked at: of an interface's only "
                    "the first %d of a family are",
                    namespace->inode, n_cut, LINK_ADDRESSES_MAX);
    namespace->cut_said = n_cut > 0;
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
    uint64_t took = uv_hrtime() - start, now = uv_now(dumps->timer.loop);
    uint64_t rest = took * NETWATCH_DUMP_SHARE / NANOSECONDS_PER_MS;
    if (rest < NETWATCH_DUMP_INTERVAL_MS)
        rest = NETWATCH_DUMP_INTERVAL_MS;
    namespace->rests_until = now + rest;
    netwatch_shares_charge(&dumps->shares, namespace->uid, took, now);
    if (error) {
        dump_failed(dumps, namespace, error);
        return false;
    }
    namespace->failures = 0;
    tell_of_cut(namespace, snapshot.n_cut);
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
        uint64_t due = due_at(dumps, each);
        if (due <= now && uv_hrtime() < end)
            changed |= dump(dumps, each);
        else if (due < dumps->next_due)
            dumps->next_due = due;
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
    if (due_at(dumps, namespace) <= uv_now(dumps->timer.loop))
        dump(dumps, namespace);
    else
        netwatch_dumps_mark(dumps, namespace);
    schedule(dumps);
}

void netwatch_dumps_unknown(struct netwatch_dumps *dumps)
{
    struct namespace *next;
    for (struct namespace *each = dumps->first; each; each = next) {
        next = each->dirty_after;
        if (!each->known && each->failures == 0)
            dump(dumps, each);
    }
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
    netwatch_shares_init(&dumps->shares);
    uv_timer_init(loop, &dumps->timer);
    dumps->timer.data = dumps;
}

void netwatch_dumps_close(struct netwatch_dumps *dumps, uv_close_cb closed)
{
    netwatch_shares_fini(&dumps->shares);
    dumps->timer.data = dumps->owner;
    uv_close((uv_handle_t *)&dumps->timer, closed);
}
