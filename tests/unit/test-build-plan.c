/* When a database is collected, written and told of: a table of states, events and decisions. */
#include "../../phonebookd/publishing/build-plan.h"

#include "../../phonebookd/limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { INTERVAL = 1000, EXPIRE = 3600, ROOM = 256, MS = 1000000 /* ns */ };

enum event {
    LOOK, /* nothing has happened but time */
    CHANGED,
    HURRIED,
    SAME,      /* collected, in no time, and as it was before */
    SAME_SLOW, /* so, in 20 ms */
    SAME_LONG, /* so, in 2 s */
    OTHER,     /* collected, and to be written */
    WRITTEN,   /* for ever */
    EXPIRING,  /* written, to end in EXPIRE */
    FAILED,
    RENEW,
    OTHER_INTERVAL, /* three times as long */
};

/* "dirty next=1500": all else as at the start. */
static struct build_plan plan_of(const char *state)
{
    struct build_plan plan;
    char text[ROOM], *rest = NULL;

    build_plan_init(&plan, INTERVAL);
    strcpy(text, state);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        uint64_t number = value ? strtoull(value + 1, NULL, 10) : 0;

        if (value)
            *value = '\0';
        if (strcmp(word, "dirty") == 0)
            plan.dirty = true;
        else if (strcmp(word, "unread") == 0)
            plan.unread = true;
        else if (strcmp(word, "hurried") == 0)
            plan.hurried = true;
        else if (strcmp(word, "working") == 0)
            plan.working = true;
        else if (strcmp(word, "news") == 0)
            plan.news = true;
        else if (strcmp(word, "failed") == 0)
            plan.failed = -ENOSPC;
        else if (strcmp(word, "next") == 0)
            plan.next = number;
        else if (strcmp(word, "release") == 0)
            plan.release = number;
        else if (strcmp(word, "renew") == 0)
            plan.renew = number;
        else if (strcmp(word, "wall") == 0)
            plan.renew_wall = (int64_t)number;
        else
            fail_msg("no state: %s", word);
    }
    return plan;
}

/* The state in the same words. */
static const char *state_of(const struct build_plan *plan, char text[static ROOM])
{
    int length = snprintf(text, ROOM, "%s%s%s%s%s%s", plan->dirty ? " dirty" : "",
                          plan->unread ? " unread" : "", plan->hurried ? " hurried" : "",
                          plan->working ? " working" : "", plan->news ? " news" : "",
                          plan->failed ? " failed" : "");

    if (plan->next > 0)
        length += sprintf(text + length, " next=%zu", (size_t)plan->next);
    if (plan->release != PLAN_NEVER)
        length += sprintf(text + length, " release=%zu", (size_t)plan->release);
    if (plan->renew != PLAN_NEVER)
        length += sprintf(text + length, " renew=%zu", (size_t)plan->renew);
    if (plan->renew_wall != INT64_MAX)
        sprintf(text + length, " wall=%zu", (size_t)plan->renew_wall);
    return text[0] ? text + 1 : text;
}

/* Whether there is something to be written now. */
static bool happen(struct build_plan *plan, enum event event, uint64_t now, int64_t wall)
{
    switch (event) {
    case LOOK:
        break;
    case CHANGED:
        plan->dirty = true;
        break;
    case HURRIED:
        plan->hurried = true;
        break;
    case SAME:
        return build_plan_collected(plan, now, wall, true, 0);
    case SAME_SLOW:
        return build_plan_collected(plan, now, wall, true, (uint64_t)20 * MS);
    case SAME_LONG:
        return build_plan_collected(plan, now, wall, true, (uint64_t)2000 * MS);
    case OTHER:
        return build_plan_collected(plan, now, wall, false, (uint64_t)20 * MS);
    case WRITTEN:
        build_plan_ended(plan, now, wall, 0, 0);
        break;
    case EXPIRING:
        build_plan_ended(plan, now, wall, 0, EXPIRE);
        break;
    case FAILED:
        build_plan_ended(plan, now, wall, -ENOSPC, EXPIRE);
        break;
    case RENEW:
        plan->renew = 0;
        break;
    case OTHER_INTERVAL:
        plan->interval = (uint64_t)3 * INTERVAL;
        break;
    }
    return false;
}

static const struct row {
    const char *before;
    enum event event;
    uint64_t now;
    int64_t wall;
    bool written; /* is what was collected to be? */
    enum build_step step;
    uint64_t wait;
    const char *after; /* NULL: not looked at */
} rows[] = {
    /* the first at once, whatever the clock says; the next after the interval */
    {"", LOOK, 0, 0, false, BUILD_NOTHING, 0, NULL},
    {"", CHANGED, 0, 0, false, BUILD_COLLECT, 0, "dirty"},
    {"", CHANGED, 123456789, 0, false, BUILD_COLLECT, 0, "dirty"},
    {"dirty", OTHER, 5000, 0, true, BUILD_NOTHING, 0, "next=6000"},
    {"next=6000", CHANGED, 5000, 0, false, BUILD_WAIT, 1000, "dirty next=6000"},
    {"dirty next=6000", LOOK, 5001, 0, false, BUILD_WAIT, 999, NULL},
    {"dirty next=6000", LOOK, 5999, 0, false, BUILD_WAIT, 1, NULL},
    {"dirty next=6000", LOOK, 6000, 0, false, BUILD_COLLECT, 0, NULL},
    {"dirty next=6000", LOOK, 1 << 30, 0, false, BUILD_COLLECT, 0, NULL},
    {"next=6000", LOOK, 6000, 0, false, BUILD_NOTHING, 0, NULL},
    /* the interval counts from the last start, however late that was; another one from the next */
    {"dirty next=6000", OTHER, 6700, 0, true, BUILD_NOTHING, 0, "next=7700"},
    {"dirty next=6000", OTHER_INTERVAL, 5000, 0, false, BUILD_WAIT, 1000, NULL},
    /* not while the thread has the files, nor before the static files were read */
    {"working", CHANGED, 9000, 0, false, BUILD_NOTHING, 0, "dirty working"},
    {"working release=10", LOOK, 9000, 0, false, BUILD_NOTHING, 0, NULL},
    {"unread", CHANGED, 9000, 0, false, BUILD_NOTHING, 0, "dirty unread"},
    {"unread hurried", CHANGED, 9000, 0, false, BUILD_NOTHING, 0, "dirty unread hurried"},
    {"unread dirty release=10", LOOK, 9000, 0, false, BUILD_RELEASE, 0, NULL},
    /* collected for nothing: a rest of nine times its length, within bounds, and no shorter wait */
    {"dirty", SAME, 5000, 0, false, BUILD_TELL, 0, "news next=5000"},
    {"dirty", SAME_SLOW, 5000, 0, false, BUILD_TELL, 0, "news next=5180"},
    {"dirty", SAME_LONG, 5000, 0, false, BUILD_TELL, 0, "news next=6000"},
    {"dirty next=9000", SAME_SLOW, 5000, 0, false, BUILD_TELL, 0, "news next=9000"},
    /* what failed is written even where it is the same by now */
    {"dirty failed", SAME, 5000, 0, true, BUILD_NOTHING, 0, "failed next=6000"},
    /* the news come first, whatever runs */
    {"news dirty", LOOK, 9000, 0, false, BUILD_TELL, 0, NULL},
    {"news working", LOOK, 9000, 0, false, BUILD_TELL, 0, NULL},
    /* written: the replaced file is let go after the interval, but a due build comes before */
    {"next=6000", WRITTEN, 5200, 0, false, BUILD_TELL, 0, "news next=6000 release=6200"},
    {"next=6000 release=6200", LOOK, 5200, 0, false, BUILD_WAIT, 1000, NULL},
    {"next=6000 release=6200", LOOK, 6200, 0, false, BUILD_RELEASE, 0, NULL},
    {"dirty next=6000 release=6200", LOOK, 5200, 0, false, BUILD_WAIT, 800, NULL},
    {"dirty next=6000 release=6200", LOOK, 6200, 0, false, BUILD_COLLECT, 0, NULL},
    {"dirty next=7000 release=6200", LOOK, 6200, 0, false, BUILD_RELEASE, 0, NULL},
    {"failed dirty next=6000", WRITTEN, 5200, 0, false, BUILD_TELL, 0,
     "dirty news next=6000 release=6200"},
    /* failed: again after DATABASE_RETRY_MS, hurried or not, and never before the interval */
    {"next=6000", FAILED, 5200, 0, false, BUILD_TELL, 0, "dirty news failed next=10200"},
    {"next=60000", FAILED, 5200, 0, false, BUILD_TELL, 0, "dirty news failed next=60000"},
    {"dirty failed next=10200", LOOK, 5200, 0, false, BUILD_WAIT, DATABASE_RETRY_MS, NULL},
    {"dirty failed next=10200", CHANGED, 5200, 0, false, BUILD_WAIT, DATABASE_RETRY_MS, NULL},
    {"dirty failed next=10200", HURRIED, 5200, 0, false, BUILD_WAIT, DATABASE_RETRY_MS,
     "dirty hurried failed next=10200"},
    {"dirty failed next=10200", LOOK, 10200, 0, false, BUILD_COLLECT, 0, NULL},
    {"release=6200", FAILED, 5200, 0, false, BUILD_TELL, 0,
     "dirty news failed next=10200 release=6200"},
    /* hurried: what is to be built waits for nothing but the thread */
    {"dirty next=6000", HURRIED, 5000, 0, false, BUILD_COLLECT, 0, "dirty hurried next=6000"},
    {"working dirty next=6000", HURRIED, 5000, 0, false, BUILD_NOTHING, 0,
     "dirty hurried working next=6000"},
    {"next=6000", HURRIED, 5000, 0, false, BUILD_NOTHING, 0, "hurried next=6000"},
    /* records that end: written again when half of their time is over, by either clock */
    {"next=6000", EXPIRING, 5200, 100, false, BUILD_TELL, 0,
     "news next=6000 release=6200 renew=1805200 wall=1900"},
    {"renew=1805200 wall=1900", LOOK, 5200, 100, false, BUILD_WAIT, RENEWAL_LOOK_MS, NULL},
    {"renew=1805200 wall=1900", LOOK, 1805100, 1899, false, BUILD_WAIT, 100, NULL},
    {"renew=1805200 wall=1900", LOOK, 1805200, 1899, false, BUILD_COLLECT, 0, NULL},
    {"renew=1805200 wall=1900", LOOK, 5300, 1900, false, BUILD_COLLECT, 0, NULL},
    {"renew=1805200 wall=1900 release=5000", LOOK, 4000, 0, false, BUILD_WAIT, 1000, NULL},
    {"renew=100 wall=1900 next=6000", LOOK, 5000, 0, false, BUILD_WAIT, 1000, NULL},
    {"renew=100 wall=1900 working", LOOK, 5000, 0, false, BUILD_NOTHING, 0, NULL},
    {"renew=100 wall=1900", SAME, 5000, 0, true, BUILD_NOTHING, 0, NULL},
    {"renew=9000 wall=1900", SAME, 5000, 1900, true, BUILD_NOTHING, 0, NULL},
    {"renew=9000 wall=1900", SAME, 5000, 0, false, BUILD_TELL, 0, NULL},
    {"renew=9000 wall=1900", WRITTEN, 5000, 0, false, BUILD_TELL, 0, "news release=6000"},
    /* or at once, since they are to end at another time, or never */
    {"renew=9000 wall=1900", RENEW, 5000, 0, false, BUILD_COLLECT, 0, "renew=0 wall=1900"},
    {"", RENEW, 5000, 0, false, BUILD_COLLECT, 0, "renew=0"},
    {"renew=0", SAME, 5000, 0, true, BUILD_NOTHING, 0, NULL},
};

static void decisions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct build_plan plan = plan_of(row->before);
        bool written = happen(&plan, row->event, row->now, row->wall);
        char text[ROOM];
        uint64_t wait;
        enum build_step step = build_plan_next(&plan, row->now, row->wall, &wait);

        if (written != row->written || (!written && (step != row->step || wait != row->wait)))
            fail_msg("\"%s\", event %d at %zu: written %d, step %d, wait %zu", row->before,
                     row->event, (size_t)row->now, written, step, (size_t)wait);
        if (row->after)
            assert_string_equal(state_of(&plan, text), row->after);
    }
}

static void at_rest(void **state)
{
    static const struct {
        const char *state;
        bool rests;
    } cases[] = {{"", true},
                 {"next=6000 release=6200 renew=9000 wall=1900", true},
                 {"news", true},
                 {"dirty", false},
                 {"dirty unread", false},
                 {"working", false},
                 {"dirty failed", true},
                 {"dirty failed working", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct build_plan plan = plan_of(cases[i].state);

        assert_int_equal(build_plan_at_rest(&plan), cases[i].rests);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions),
        cmocka_unit_test(at_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
