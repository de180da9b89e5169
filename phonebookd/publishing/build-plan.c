#include "build-plan.h"

#include "../limits.h"

void build_plan_init(struct build_plan *plan, uint64_t interval)
{
    *plan = (struct build_plan){
        .interval = interval, .release = PLAN_NEVER, .renew = PLAN_NEVER, .renew_wall = INT64_MAX};
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool is_renewal(const struct build_plan *plan, uint64_t now, int64_t wall)
{
    return plan->renew <= now || plan->renew_wall <= wall;
}

static uint64_t collection(const struct build_plan *plan, bool renewal)
{
    if (plan->unread || (!plan->dirty && !renewal))
        return PLAN_NEVER;
    return plan->hurried && !plan->failed ? 0 : plan->next;
}

enum build_step build_plan_next(const struct build_plan *plan, uint64_t now, int64_t wall,
                                uint64_t *wait)
{
    bool renewal = is_renewal(plan, now, wall);
    uint64_t collect = collection(plan, renewal), next = lesser(collect, plan->release);

    *wait = 0;
    if (plan->news)
        return BUILD_TELL;
    if (plan->working)
        return BUILD_NOTHING;
    if (collect <= now)
        return BUILD_COLLECT;
    if (plan->release <= now)
        return BUILD_RELEASE;
    if (!renewal && plan->renew != PLAN_NEVER) /* nobody tells when the wall clock is set */
        next = lesser(next, lesser(plan->renew, now + RENEWAL_LOOK_MS));
    if (next == PLAN_NEVER)
        return BUILD_NOTHING;
    *wait = next - now;
    return BUILD_WAIT;
}

static void hold(struct build_plan *plan, uint64_t until)
{
    if (plan->next < until)
        plan->next = until;
}

/* What one user makes long must not make the others wait: the rest is bounded as the interval is.
 */
bool build_plan_collected(struct build_plan *plan, uint64_t now, int64_t wall, bool same,
                          uint64_t took)
{
    plan->dirty = false;
    if (!same || plan->failed || is_renewal(plan, now, wall)) {
        plan->next = now + plan->interval;
        return true;
    }
    plan->news = true;
    hold(plan, now + lesser(took * COLLECT_SHARE / 1000000, COLLECT_REST_MAX_MS));
    return false;
}

void build_plan_ended(struct build_plan *plan, uint64_t now, int64_t wall, int result,
                      unsigned expire)
{
    plan->failed = result;
    plan->news = true;
    if (result) {
        plan->dirty = true;
        hold(plan, now + DATABASE_RETRY_MS);
        return;
    }
    plan->release = now + plan->interval;
    plan->renew = expire ? now + (uint64_t)expire * 1000 / 2 : PLAN_NEVER;
    plan->renew_wall = expire ? wall + expire / 2 : INT64_MAX;
}

bool build_plan_at_rest(const struct build_plan *plan)
{
    return !plan->working && (!plan->dirty || plan->failed);
}
