#include "build-plan.h"

#include "../limits.h"

void build_plan_init(struct build_plan *plan, uint64_t interval)
{
    *plan = (struct build_plan){.interval = interval,
                                .look = PLAN_NEVER,
                                .audit = PLAN_NEVER,
                                .looks = PLAN_NEVER,
                                .text = PLAN_NEVER,
                                .renew = PLAN_NEVER,
                                .renew_wall = INT64_MAX};
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool build_plan_renews(const struct build_plan *plan, uint64_t now, int64_t wall)
{
    return plan->renew <= now || plan->renew_wall <= wall;
}

/* When data.cdb is to be written. After a failed build, its text waits for this attempt too. */
static uint64_t write_at(const struct build_plan *plan, bool renewal)
{
    if (plan->incomplete || (!plan->changed && !plan->audited && !renewal))
        return PLAN_NEVER;
    return plan->hurried ? 0 : plan->next;
}

static bool looks_too_long(const struct build_plan *plan, uint64_t now)
{
    return plan->looks != PLAN_NEVER && plan->looks + plan->interval <= now;
}

/* The step that is due; if several are, the first of them in this order. */
static enum build_step due(const struct build_plan *plan, uint64_t now, uint64_t write)
{
    if (write <= now && (looks_too_long(plan, now) || plan->audited))
        return BUILD_WRITE;
    if (plan->look <= now)
        return BUILD_LOOK;
    if (write <= now)
        return BUILD_WRITE;
    if (plan->text <= now)
        return BUILD_TEXT;
    return plan->audit <= now ? BUILD_AUDIT : BUILD_WAIT;
}

static uint64_t next_time(const struct build_plan *plan, uint64_t write, bool renewal)
{
    uint64_t next = lesser(lesser(write, plan->look), lesser(plan->text, plan->audit));
    return renewal ? next : lesser(next, plan->renew);
}

enum build_step build_plan_next(const struct build_plan *plan, uint64_t now, int64_t wall,
                                uint64_t *wait)
{
    bool renewal = build_plan_renews(plan, now, wall);
    uint64_t write = write_at(plan, renewal);
    *wait = 0;
    if (plan->news)
        return BUILD_TELL;
    if (plan->working)
        return BUILD_NOTHING;
    if (plan->text == 0) /* the text follows at once */
        return BUILD_TEXT;
    if (plan->unread)
        return BUILD_NOTHING;
    enum build_step step = due(plan, now, write);
    if (step != BUILD_WAIT)
        return step;
    uint64_t next = next_time(plan, write, renewal);
    if (next == PLAN_NEVER)
        return BUILD_NOTHING;
    *wait = next - now;
    return BUILD_WAIT;
}

void build_plan_hurry(struct build_plan *plan)
{
    plan->hurried = true;
    if (plan->text != PLAN_NEVER)
        plan->text = 0;
}

void build_plan_looked(struct build_plan *plan, uint64_t now, bool done, bool settled)
{
    if (done)
        plan->looks = PLAN_NEVER;
    else if (plan->looks == PLAN_NEVER)
        plan->looks = now;
    plan->news = plan->news || (done && settled);
}

void build_plan_begun(struct build_plan *plan, uint64_t now)
{
    plan->next = now + plan->interval;
    if (plan->looks != PLAN_NEVER)
        plan->looks = now;
}

void build_plan_written(struct build_plan *plan, uint64_t now, int64_t wall, unsigned expire)
{
    plan->text = 0;
    plan->renew = expire ? now + (uint64_t)expire * 1000 / 2 : PLAN_NEVER;
    plan->renew_wall = expire ? wall + expire / 2 : INT64_MAX;
}

void build_plan_ended(struct build_plan *plan, uint64_t now, int error)
{
    uint64_t again = now + DATABASE_RETRY_MS;
    plan->failed = error;
    if (!error) {
        plan->text = PLAN_NEVER;
        return;
    }
    plan->news = true;
    plan->hurried = false;
    if (plan->text != PLAN_NEVER)
        plan->text = again;
    if (plan->next < again)
        plan->next = again;
}

bool build_plan_at_rest(const struct build_plan *plan)
{
    bool done = !plan->changed && plan->look == PLAN_NEVER && plan->text == PLAN_NEVER;
    return !plan->working && (done || (plan->failed && !plan->hurried));
}

bool build_plan_is_free(const struct build_plan *plan, uint64_t now)
{
    bool busy = plan->working || plan->unread || plan->failed || plan->looks != PLAN_NEVER;
    return !busy && plan->text == PLAN_NEVER && plan->next <= now;
}
