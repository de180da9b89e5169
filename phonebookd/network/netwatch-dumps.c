#include "netwatch-dumps.h"

#include "../limits.h"
#include "../log.h"
#include "../state/second-look.h"
#include "namespace-reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { NANOSECONDS_PER_MS = 1000000 };

static void on_timer(uv_timer_t *timer);

/* ---- the queue ---- */

static struct netwatch_lane *lane_of(struct netwatch_dumps *dumps,
                                     const struct namespace *namespace)
{
    return &dumps->lanes[namespace->nsid == NAMESPACE_OWN ? NETWATCH_LANE_OWN
                                                          : NETWATCH_LANE_OTHERS];
}

static uint64_t due_at(const struct netwatch_dumps *dumps, const struct namespace *namespace)
{
    uint64_t due = netwatch_shares_due(&dumps->shares, namespace->owner);
    return namespace->rests_until > due ? namespace->rests_until : due;
}

void netwatch_dumps_mark(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    struct netwatch_lane *lane = lane_of(dumps, namespace);
    uint64_t due = due_at(dumps, namespace);
    if (due < lane->next_due)
        lane->next_due = due;
    if (namespace->dirty)
        return;
    namespace->dirty = true;
    namespace->dirty_before = lane->last;
    namespace->dirty_after = NULL;
    if (lane->last)
        lane->last->dirty_after = namespace;
    else
        lane->first = namespace;
    lane->last = namespace;
}

static void dequeue(struct netwatch_lane *lane, struct namespace *namespace)
{
    struct namespace *before = namespace->dirty_before, *after = namespace->dirty_after;
    if (!namespace->dirty)
        return;
    namespace->dirty = false;
    if (before)
        before->dirty_after = after;
    else
        lane->first = after;
    if (after)
        after->dirty_before = before;
    else
        lane->last = before;
}

/* The namespace to be dumped next. NULL if none is due; next_due is then the time when one will
 * be. */
static struct namespace *whose_turn(struct netwatch_lane *lane, uint64_t now)
{
    struct namespace *best = NULL;
    uint64_t best_slow = UINT64_MAX, next_due = UINT64_MAX;
    for (struct namespace *each = lane->first; each && best_slow > 0; each = each->dirty_after) {
        uint64_t due = due_at(lane->dumps, each);
        if (due < next_due)
            next_due = due;
        uint64_t slow = netwatch_shares_slow(&lane->dumps->shares, each->owner);
        if (due > now || slow >= best_slow)
            continue;
        best = each;
        best_slow = slow;
    }
    lane->next_due = next_due;
    return best;
}

/* ---- dumps without an end ---- */

/* A dump that was running at one audit may have begun just before it; at two, it runs for at least
 * NETWATCH_AUDIT_MS. */
enum { LATE = 2 };

static const char *whose(const struct netwatch_lane *lane)
{
    return lane == &lane->dumps->lanes[NETWATCH_LANE_OWN] ? "phonebookd's own network namespace"
                                                          : "other network namespaces";
}

void netwatch_dumps_audit(struct netwatch_dumps *dumps)
{
    for (struct netwatch_lane *lane = dumps->lanes; lane < dumps->lanes + NETWATCH_LANES; lane++)
        if (lane->busy && ++lane->audits == LATE)
            log_caused(
                LOG_NAMESPACE, LOG_NOBODY,
                "the addresses of %s stay as they are known: the kernel has not answered for "
                "a minute, or the process that asks it is stopped",
                whose(lane));
}

static void tell_of_end(const struct netwatch_lane *lane)
{
    if (lane->audits >= LATE)
        log_caused_over(LOG_NAMESPACE, LOG_NOBODY, "the addresses of %s are read again",
                        whose(lane));
}

/* ---- a dump's beginning and end ---- */

static void begin(struct netwatch_lane *lane, struct namespace *namespace)
{
    dequeue(lane, namespace);
    lane->audited = namespace->audited && namespace->known;
    namespace->audited = false;
    lane->busy = true;
    lane->audits = 0;
    lane->dumped = namespace;
    lane->number = ++namespace->dumps_begun;
    lane->owner = namespace->owner;
    lane->began = uv_now(lane->dumps->timer.loop);
    netwatch_dumper_start(&lane->dumper, namespace->nsid);
}

static const char *reason(int error)
{
    switch (error) {
    case -E2BIG:
        return "too many links or addresses";
    case -EOVERFLOW:
        return "the kernel leaves out links that have addresses";
    case -ETIMEDOUT:
        return "it takes too long";
    }
    return namespace_reader_error(error);
}

/* A reader that has ended stays so: the next event or audit is soon enough to ask again. */
static void dump_failed(struct netwatch_dumps *dumps, struct namespace *namespace, int error)
{
    if (error != -EPIPE)
        netwatch_dumps_mark(dumps, namespace);
    if (namespace->failures++ > 0)
        return;
    if (error == -EINTR)
        log_debug("namespace %" PRIu64 " changes faster than it can be read", namespace->inode);
    else
        log_caused(LOG_NAMESPACE, namespace->owner,
                   "cannot read the addresses of namespace %" PRIu64 ": %s; the known ones stay",
                   namespace->inode, reason(error));
}

/* Logs when something begins to be ignored, but not again while that lasts. */
static void tell_of_cut(struct namespace *namespace, const struct snapshot *snapshot)
{
    bool cut = snapshot->n_cut > 0 || snapshot->n_names_cut > 0;
    if (snapshot->n_cut > 0 && !namespace->cut_said)
        log_caused(LOG_LIMIT, namespace->owner,
                   "namespace %" PRIu64 ": %zu addresses are ignored: on each interface only the "
                   "first %d of a family are used",
                   namespace->inode, snapshot->n_cut, LINK_ADDRESSES_MAX);
    if (snapshot->n_names_cut > 0 && !namespace->cut_said)
        log_caused(LOG_LIMIT, namespace->owner,
                   "namespace %" PRIu64 ": %zu alternative names are ignored: in a namespace only "
                   "the first %d are used, and of all names only the first %d octets",
                   namespace->inode, snapshot->n_names_cut, NAMESPACE_ALTNAMES_MAX,
                   NAMESPACE_ALTNAME_OCTETS_MAX);
    namespace->cut_said = cut;
}

static void charge(const struct netwatch_lane *lane, const struct netwatch_dump *dump)
{
    netwatch_shares_charge(&lane->dumps->shares, lane->owner, dump->cpu, dump->time,
                           uv_now(lane->dumps->timer.loop));
}

/* The namespace rests for a time that depends on the cost of its dump. Our own namespace belongs to
 * the administrator, and rests only for the minimum. */
static void rest(const struct netwatch_lane *lane, struct namespace *namespace, uint64_t cpu,
                 uint64_t from, uint64_t least)
{
    uint64_t cost = cpu * NETWATCH_DUMP_SHARE / NANOSECONDS_PER_MS;
    bool own = lane == &lane->dumps->lanes[NETWATCH_LANE_OWN];
    namespace->rests_until = from + (own || cost < least ? least : cost);
}

/* True if the namespace counts as changed (second-look.h). */
static bool apply(struct netwatch_lane *lane, struct namespace *namespace,
                  struct netwatch_dump *dump)
{
    struct netwatch_dumps *dumps = lane->dumps;
    rest(lane, namespace, dump->cpu, lane->began, NETWATCH_DUMP_INTERVAL_MS);
    if (dump->error) {
        dump_failed(dumps, namespace, dump->error);
        return false;
    }
    namespace->failures = 0;
    namespace->dumps_done = lane->number;
    tell_of_cut(namespace, &dump->snapshot);
    bool again;
    bool differs = second_look_take(namespace, &dump->snapshot, &again);
    if ((differs || again) && lane->audited)
        dumps->found(dumps->owner, namespace);
    if (again) {
        rest(lane, namespace, dump->cpu, uv_now(dumps->timer.loop), NETWATCH_LOOK_AGAIN_MS);
        netwatch_dumps_mark(dumps, namespace);
    }
    return differs;
}

/* Takes a result if there is one. If the namespace was forgotten during its dump, its nsid may
 * belong to another one by now, so the result is dropped. */
static bool finish(struct netwatch_lane *lane)
{
    struct netwatch_dump dump;
    if (!netwatch_dumper_take(&lane->dumper, &dump))
        return false;
    charge(lane, &dump);
    tell_of_end(lane);
    lane->busy = false;
    struct namespace *namespace = lane->dumped;
    lane->dumped = NULL;
    if (namespace)
        return apply(lane, namespace, &dump);
    if (!dump.error)
        snapshot_fini(&dump.snapshot);
    return false;
}

static void settle_lane(struct netwatch_lane *lane)
{
    uint64_t now = uv_now(lane->dumps->timer.loop);
    if (lane->busy || !lane->first || lane->next_due > now)
        return;
    struct namespace *next = whose_turn(lane, now);
    if (next)
        begin(lane, next);
}

/* A busy lane continues when its dump is done. */
static uint64_t wakes_at(const struct netwatch_lane *lane)
{
    return lane->busy || !lane->first ? UINT64_MAX : lane->next_due;
}

/* The timeout is never 0: libuv would run the timer repeatedly in one turn (uv__run_timers()). */
static void schedule(struct netwatch_dumps *dumps)
{
    uint64_t now = uv_now(dumps->timer.loop), next = UINT64_MAX;
    for (int i = 0; i < NETWATCH_LANES; i++) {
        uint64_t at = wakes_at(&dumps->lanes[i]);
        next = at < next ? at : next;
    }
    if (next == UINT64_MAX)
        uv_timer_stop(&dumps->timer);
    else
        uv_timer_start(&dumps->timer, on_timer, next > now ? next - now : 1, 0);
}

void netwatch_dumps_settle(struct netwatch_dumps *dumps)
{
    for (int i = 0; i < NETWATCH_LANES; i++)
        settle_lane(&dumps->lanes[i]);
    schedule(dumps);
}

static void on_timer(uv_timer_t *timer)
{
    netwatch_dumps_settle(timer->data);
}

static void on_done(void *owner)
{
    struct netwatch_lane *lane = owner;
    struct netwatch_dumps *dumps = lane->dumps;
    bool changed = finish(lane);
    netwatch_dumps_settle(dumps);
    if (changed)
        dumps->changed(dumps->owner);
    else
        dumps->same(dumps->owner);
}

/* ---- the start of phonebookd ---- */

static struct namespace *first_unknown(const struct netwatch_lane *lane)
{
    struct namespace *each = lane->first;
    while (each && (each->known || each->failures > 0))
        each = each->dirty_after;
    return each;
}

static size_t count_unknown(const struct netwatch_lane *lane)
{
    size_t n = lane->dumped && !lane->dumped->known;
    for (const struct namespace *each = lane->first; each; each = each->dirty_after)
        n += !each->known;
    return n;
}

static void read_unknown(struct netwatch_lane *lane, uint64_t end)
{
    uint64_t limit = (uint64_t)NETWATCH_START_WAIT_MS * NANOSECONDS_PER_MS;
    struct namespace *next;
    while (lane->busy || (next = first_unknown(lane))) {
        if (!lane->busy)
            begin(lane, next);
        if (uv_hrtime() > end || !netwatch_dumper_wait(&lane->dumper, limit))
            return;
        finish(lane);
    }
}

size_t netwatch_dumps_unknown(struct netwatch_dumps *dumps)
{
    uint64_t end = uv_hrtime() + (uint64_t)NETWATCH_START_LIMIT_MS * NANOSECONDS_PER_MS;
    size_t n = 0;
    for (int i = 0; i < NETWATCH_LANES; i++) {
        read_unknown(&dumps->lanes[i], end);
        n += count_unknown(&dumps->lanes[i]);
    }
    schedule(dumps);
    return n;
}

void netwatch_dumps_forget(struct netwatch_dumps *dumps, struct namespace *namespace)
{
    struct netwatch_lane *lane = lane_of(dumps, namespace);
    if (lane->dumped == namespace)
        lane->dumped = NULL;
    dequeue(lane, namespace);
    schedule(dumps);
}

/* ---- init and fini ---- */

static int lane_init(struct netwatch_dumps *dumps, int i, struct namespace_reader *reader,
                     unsigned limit_ms)
{
    struct netwatch_lane *lane = &dumps->lanes[i];
    *lane = (struct netwatch_lane){.dumps = dumps, .next_due = UINT64_MAX};
    lane->dumper.done = on_done;
    lane->dumper.owner = lane;
    return netwatch_dumper_init(&lane->dumper, reader, limit_ms);
}

int netwatch_dumps_init(struct netwatch_dumps *dumps, struct namespace_reader *reader)
{
    int error = lane_init(dumps, NETWATCH_LANE_OWN, NULL, 0);
    if (error)
        return error;
    error = lane_init(dumps, NETWATCH_LANE_OTHERS, reader, NETWATCH_DUMP_LIMIT_MS);
    if (error)
        netwatch_dumper_fini(&dumps->lanes[NETWATCH_LANE_OWN].dumper);
    else
        netwatch_shares_init(&dumps->shares);
    return error;
}

void netwatch_dumps_fini(struct netwatch_dumps *dumps)
{
    netwatch_shares_fini(&dumps->shares);
    for (int i = 0; i < NETWATCH_LANES; i++)
        netwatch_dumper_fini(&dumps->lanes[i].dumper);
}

void netwatch_dumps_listen(struct netwatch_dumps *dumps, uv_loop_t *loop)
{
    for (int i = 0; i < NETWATCH_LANES; i++)
        netwatch_dumper_listen(&dumps->lanes[i].dumper, loop);
    uv_timer_init(loop, &dumps->timer);
    dumps->timer.data = dumps;
}

void netwatch_dumps_close(struct netwatch_dumps *dumps, uv_close_cb closed)
{
    netwatch_dumps_fini(dumps);
    for (int i = 0; i < NETWATCH_LANES; i++) {
        dumps->lanes[i].dumper.async.data = dumps->owner;
        uv_close((uv_handle_t *)&dumps->lanes[i].dumper.async, closed);
    }
    dumps->timer.data = dumps->owner;
    uv_close((uv_handle_t *)&dumps->timer, closed);
}
