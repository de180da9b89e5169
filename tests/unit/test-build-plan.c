/* Build plans: a table of states, events and decisions. */
#include "../../phonebookd/publishing/build-plan.h"

#include "../../phonebookd/limits.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INTERVAL = 1000, EXPIRE = 3600, ROOM = 256 };

enum event {
    LOOK, /* nothing has happened but time */
    TOUCHED,
    OWED,     /* so, but not before 5500 */
    CHANGED,  /* looked at all, which is to be written */
    SAME,     /* looked at all, and as it was before */
    NOT_DONE, /* looked, and more is to be looked at */
    HURRIED,
    BEGUN,
    WRITTEN,  /* for ever */
    EXPIRING, /* written, to end in EXPIRE */
    TEXT,     /* the text too */
    FAILED,
    RENEW,
    OTHER_INTERVAL, /* three times as long */
};

static const struct {
    const char *word;
    size_t offset;
} flags[] =
    {
        {"unread", offsetof(struct build_plan, unread)},
        {"hurried", offsetof(struct build_plan, hurried)},
        {"working", offsetof(struct build_plan, working)},
        {"incomplete", offsetof(struct build_plan, incomplete)},
        {"changed", offsetof(struct build_plan, changed)},
        {"audited", offsetof(struct build_plan, audited)},
        {"news", offsetof(struct build_plan, news)},
},
  times[] = {
      {"look", offsetof(struct build_plan, look)},   {"audit", offsetof(struct build_plan, audit)},
      {"looks", offsetof(struct build_plan, looks)}, {"next", offsetof(struct build_plan, next)},
      {"text", offsetof(struct build_plan, text)},   {"renew", offsetof(struct build_plan, renew)},
};
enum { FLAGS = sizeof flags / sizeof *flags, TIMES = sizeof times / sizeof *times };

static bool *flag_of(struct build_plan *plan, int i)
{
    return (bool *)((char *)plan + flags[i].offset);
}

static uint64_t *time_of(struct build_plan *plan, int i)
{
    return (uint64_t *)((char *)plan + times[i].offset);
}

static bool set(struct build_plan *plan, const char *word, uint64_t number)
{
    for (int i = 0; i < FLAGS; i++)
        if (strcmp(word, flags[i].word) == 0)
            return *flag_of(plan, i) = true;
    for (int i = 0; i < TIMES; i++)
        if (strcmp(word, times[i].word) == 0) {
            *time_of(plan, i) = number;
            return true;
        }
    if (strcmp(word, "wall") == 0)
        plan->renew_wall = (int64_t)number;
    else if (strcmp(word, "failed") == 0)
        plan->failed = -ENOSPC;
    else
        return false;
    return true;
}

/* "changed next=1500": the other members are as at the start. */
static struct build_plan plan_of(const char *state)
{
    struct build_plan plan;
    build_plan_init(&plan, INTERVAL);
    char text[ROOM];
    strcpy(text, state);
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        uint64_t number = value ? strtoull(value + 1, NULL, 10) : 0;
        if (value)
            *value = '\0';
        if (!set(&plan, word, number))
            fail_msg("no state: %s", word);
    }
    return plan;
}

/* The state in the same words, in the order of the table. */
static const char *state_of(struct build_plan *plan, char text[static ROOM])
{
    struct build_plan start;
    build_plan_init(&start, INTERVAL);
    int length = 0;
    for (int i = 0; i < FLAGS; i++)
        if (*flag_of(plan, i))
            length += sprintf(text + length, " %s", flags[i].word);
    if (plan->failed)
        length += sprintf(text + length, " failed");
    for (int i = 0; i < TIMES; i++)
        if (*time_of(plan, i) != *time_of(&start, i))
            length += sprintf(text + length, " %s=%zu", times[i].word, (size_t)*time_of(plan, i));
    if (plan->renew_wall != INT64_MAX)
        length += sprintf(text + length, " wall=%zu", (size_t)plan->renew_wall);
    return length > 0 ? text + 1 : "";
}

static void look_done(struct build_plan *plan, uint64_t now, bool changed)
{
    plan->look = PLAN_NEVER;
    plan->changed = plan->changed || changed;
    build_plan_looked(plan, now, true, !changed);
}

static void happen(struct build_plan *plan, enum event event, uint64_t now, int64_t wall)
{
    switch (event) {
    case LOOK:
        break;
    case TOUCHED:
        plan->look = 0;
        break;
    case OWED:
        plan->look = 5500;
        break;
    case CHANGED:
    case SAME:
        look_done(plan, now, event == CHANGED);
        break;
    case NOT_DONE:
        build_plan_looked(plan, now, false, true);
        break;
    case HURRIED:
        build_plan_hurry(plan);
        break;
    case BEGUN:
        build_plan_begun(plan, now);
        plan->working = true;
        break;
    case WRITTEN:
    case EXPIRING:
        plan->changed = plan->working = false;
        build_plan_written(plan, now, wall, event == EXPIRING ? EXPIRE : 0);
        break;
    case TEXT:
    case FAILED:
        build_plan_ended(plan, now, event == FAILED ? -ENOSPC : 0);
        break;
    case RENEW:
        plan->renew = 0;
        break;
    case OTHER_INTERVAL:
        plan->interval = (uint64_t)3 * INTERVAL;
        break;
    }
}

static const struct row {
    const char *before;
    enum event event;
    uint64_t now;
    int64_t wall;
    enum build_step step;
    uint64_t wait;
    const char *after; /* NULL: not looked at */
} rows[] = {
    /* what may have changed is looked at at once, except names of a user who owes time */
    {"", LOOK, 0, 0, BUILD_NOTHING, 0, NULL},
    {"", TOUCHED, 0, 0, BUILD_LOOK, 0, "look=0"},
    {"next=6000", TOUCHED, 5000, 0, BUILD_LOOK, 0, NULL},
    {"", OWED, 5000, 0, BUILD_WAIT, 500, NULL},
    {"look=5500", LOOK, 5500, 0, BUILD_LOOK, 0, NULL},
    {"look=0", NOT_DONE, 5000, 0, BUILD_LOOK, 0, "look=0 looks=5000"},
    /* unchanged: somebody may be live now */
    {"look=0", SAME, 5000, 0, BUILD_TELL, 0, "news"},
    /* the first build is written at once, at any time; the next after the interval */
    {"look=0", CHANGED, 123456789, 0, BUILD_WRITE, 0, "changed"},
    {"changed", BEGUN, 5000, 0, BUILD_NOTHING, 0, "working changed next=6000"},
    {"look=0 next=6000", CHANGED, 5000, 0, BUILD_WAIT, 1000, "changed next=6000"},
    {"changed next=6000", LOOK, 5999, 0, BUILD_WAIT, 1, NULL},
    {"changed next=6000", LOOK, 6000, 0, BUILD_WRITE, 0, NULL},
    {"changed next=6000", TOUCHED, 6000, 0, BUILD_LOOK, 0, NULL},
    {"next=6000", LOOK, 6000, 0, BUILD_NOTHING, 0, NULL},
    {"changed next=6000", OWED, 5000, 0, BUILD_WAIT, 500, NULL}, /* others need not wait */
    {"changed look=6500 next=6000", LOOK, 6000, 0, BUILD_WRITE, 0, NULL},
    /* the interval counts from the last begin, even if late; a new one from the next begin */
    {"changed next=6000", BEGUN, 6700, 0, BUILD_NOTHING, 0, "working changed next=7700"},
    {"changed next=6000", OTHER_INTERVAL, 5000, 0, BUILD_WAIT, 1000, NULL},
    /* not while the thread uses the files, nor before everything was looked at */
    {"working changed", TOUCHED, 9000, 0, BUILD_NOTHING, 0, NULL},
    {"unread hurried changed", TOUCHED, 9000, 0, BUILD_NOTHING, 0, NULL},
    {"incomplete hurried changed", LOOK, 9000, 0, BUILD_NOTHING, 0, NULL},
    {"incomplete renew=100", LOOK, 9000, 0, BUILD_NOTHING, 0, NULL},
    /* looking for longer than the interval does not prevent writing the findings */
    {"changed look=0 looks=5000", LOOK, 5999, 0, BUILD_LOOK, 0, NULL},
    {"changed look=0 looks=5000", LOOK, 6000, 0, BUILD_WRITE, 0, NULL},
    {"changed look=0 looks=5000", BEGUN, 6000, 0, BUILD_NOTHING, 0,
     "working changed look=0 looks=6000 next=7000"},
    {"incomplete look=0 looks=5000", LOOK, 9000, 0, BUILD_LOOK, 0, NULL},
    /* an audit waits for everything else, until it is complete */
    {"audit=5000", LOOK, 5000, 0, BUILD_AUDIT, 0, NULL},
    {"audit=5010", LOOK, 5000, 0, BUILD_WAIT, 10, NULL},
    {"audit=5000", TOUCHED, 5000, 0, BUILD_LOOK, 0, NULL},
    {"audit=5000 changed", LOOK, 5000, 0, BUILD_WRITE, 0, NULL},
    {"audited look=0", LOOK, 5000, 0, BUILD_WRITE, 0, NULL},
    /* news come first, even while something runs */
    {"news changed", LOOK, 9000, 0, BUILD_TELL, 0, NULL},
    {"news working", LOOK, 9000, 0, BUILD_TELL, 0, NULL},
    /* written: the text follows at once */
    {"working changed next=6000", WRITTEN, 5200, 0, BUILD_TEXT, 0, "next=6000 text=0"},
    {"text=0 unread changed look=0", LOOK, 5200, 0, BUILD_TEXT, 0, NULL},
    {"text=0 next=6000", TEXT, 5210, 0, BUILD_NOTHING, 0, "next=6000"},
    {"changed next=6000", LOOK, 5200, 0, BUILD_WAIT, 800, NULL},
    {"changed next=6000", LOOK, 6200, 0, BUILD_WRITE, 0, NULL},
    /* failed: again after DATABASE_RETRY_MS, and never before the interval */
    {"changed next=6000", FAILED, 5200, 0, BUILD_TELL, 0, "changed news failed next=10200"},
    {"changed next=60000", FAILED, 5200, 0, BUILD_TELL, 0, "changed news failed next=60000"},
    {"changed failed next=10200", LOOK, 5200, 0, BUILD_WAIT, DATABASE_RETRY_MS, NULL},
    {"changed failed next=10200", LOOK, 10200, 0, BUILD_WRITE, 0, NULL},
    /* so is the text, alone or with what has changed since; what failed has not been said to work
     * before both are there */
    {"text=0 next=6000", FAILED, 5200, 0, BUILD_TELL, 0, "news failed next=10200 text=10200"},
    {"failed next=10200 text=10200", LOOK, 10200, 0, BUILD_TEXT, 0, NULL},
    {"changed failed next=10200 text=10200", LOOK, 10200, 0, BUILD_WRITE, 0, NULL},
    {"working changed failed next=11200 text=10200", WRITTEN, 10300, 0, BUILD_TEXT, 0,
     "failed next=11200 text=0"},
    {"failed next=11200 text=0", TEXT, 10400, 0, BUILD_NOTHING, 0, "next=11200"},
    /* hurried: a build waits only for the thread */
    {"changed next=6000", HURRIED, 5000, 0, BUILD_WRITE, 0, "hurried changed next=6000"},
    {"working changed next=6000", HURRIED, 5000, 0, BUILD_NOTHING, 0, NULL},
    {"next=6000", HURRIED, 5000, 0, BUILD_NOTHING, 0, NULL},
    /* what has failed is tried once more */
    {"changed failed next=10200", HURRIED, 5200, 0, BUILD_WRITE, 0,
     "hurried changed failed next=10200"},
    {"failed next=10200 text=10200", HURRIED, 5200, 0, BUILD_TEXT, 0,
     "hurried failed next=10200 text=0"},
    {"hurried changed failed next=6000", FAILED, 5300, 0, BUILD_TELL, 0,
     "changed news failed next=10300"},
    /* records that end: written again when half of their time is over, by either clock */
    {"working next=6000", EXPIRING, 5200, 100, BUILD_TEXT, 0,
     "next=6000 text=0 renew=1805200 wall=1900"},
    {"renew=1805200 wall=1900", LOOK, 5200, 100, BUILD_WAIT, 1800000, NULL},
    {"renew=1805200 wall=1900", LOOK, 1805100, 1899, BUILD_WAIT, 100, NULL},
    {"renew=1805200 wall=1900", LOOK, 1805200, 1899, BUILD_WRITE, 0, NULL},
    {"renew=1805200 wall=1900", LOOK, 5300, 1900, BUILD_WRITE, 0, NULL},
    {"renew=100 wall=1900 next=6000", LOOK, 5000, 0, BUILD_WAIT, 1000, NULL},
    {"renew=100 wall=1900 working", LOOK, 5000, 0, BUILD_NOTHING, 0, NULL},
    /* or at once, because they shall end at another time, or never */
    {"renew=9000 wall=1900", RENEW, 5000, 0, BUILD_WRITE, 0, "renew=0 wall=1900"},
    {"working renew=0", WRITTEN, 5000, 0, BUILD_TEXT, 0, "text=0"},
};

static void each_state_has_its_next_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct build_plan plan = plan_of(row->before);
        happen(&plan, row->event, row->now, row->wall);
        uint64_t wait;
        enum build_step step = build_plan_next(&plan, row->now, row->wall, &wait);
        if (step != row->step || wait != row->wait)
            fail_msg("\"%s\", event %d at %zu: step %d, wait %zu", row->before, row->event,
                     (size_t)row->now, step, (size_t)wait);
        char text[ROOM];
        if (row->after)
            assert_string_equal(state_of(&plan, text), row->after);
    }
}

static void a_plan_with_nothing_to_do_is_at_rest(void **state)
{
    static const struct {
        const char *state;
        bool rests, is_free; /* is_free: at 5000 */
    } cases[] = {{"", true, true},
                 {"next=5000 renew=9000 audit=60000 wall=1900", true, true},
                 {"next=6000 renew=9000 audit=60000 wall=1900", true, false},
                 {"news", true, true},
                 {"changed", false, true},
                 {"look=0", false, true},
                 {"look=7000", false, true},
                 {"looks=4000", true, false},
                 {"text=0", false, false},
                 {"changed unread", false, false},
                 {"working", false, false},
                 {"changed failed", true, false},
                 {"text=7000 failed", true, false},
                 {"changed failed hurried", false, false},
                 {"changed failed working", false, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct build_plan plan = plan_of(cases[i].state);
        assert_int_equal(build_plan_at_rest(&plan), cases[i].rests);
        assert_int_equal(build_plan_is_free(&plan, 5000), cases[i].is_free);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_next_step),
        cmocka_unit_test(a_plan_with_nothing_to_do_is_at_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
