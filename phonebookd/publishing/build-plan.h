/* What a database does next, decided by what has happened to it and by the clocks. Pure.
 *
 * What may have changed is looked at at once. What turns out to be other than in the files is
 * written: the first time at once and the next after the interval; one that failed is tried again
 * later, until it succeeds; records that end are written again when half of their time is over. The
 * text follows data.cdb, of which the server is told before. Where looking takes longer than the
 * interval, what it has found by then is written in between.
 *
 * `now` is in ms on a clock that does not go back (uv_now()), `wall` in seconds since 1970. */
#ifndef PHONEBOOKD_BUILD_PLAN_H
#define PHONEBOOKD_BUILD_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct build_plan {
    /* Set by the owner. */
    uint64_t interval; /* ms between the starts of two builds */
    bool unread;       /* nothing is done before each static file has been read once */
    bool hurried;      /* whatever the pace, unless the last try failed */
    bool working;      /* a thread has the files */
    bool incomplete;   /* nor is anything written before all has been looked at */
    bool changed;      /* what is kept is not what is in the files */
    uint64_t look;     /* when there is something to look at; PLAN_NEVER: nothing */
    uint64_t audit;    /* likewise, which is no hurry */
    bool audited;      /* an audit is to be compared with the files */
    /* Set here; the owner takes back what was done. */
    bool news;        /* something may have become live, or a build have failed */
    int failed;       /* -errno of the last try, or 0 */
    uint64_t looks;   /* when it began to look at what it has not done with, or PLAN_NEVER */
    uint64_t next;    /* nothing is written before */
    uint64_t text;    /* when the text is to follow, or PLAN_NEVER */
    uint64_t release; /* when the replaced file is let go, or PLAN_NEVER */
    uint64_t renew;   /* when the records are written again even where they are the same; so by */
    int64_t
        renew_wall; /* the other clock, which can be set, and goes on while the machine sleeps */
};
#define PLAN_NEVER UINT64_MAX

void build_plan_init(struct build_plan *plan, uint64_t interval);

enum build_step {
    BUILD_NOTHING, /* until something happens */
    BUILD_WAIT,    /* for so many ms */
    BUILD_TELL,    /* the news */
    BUILD_LOOK,    /* see build_plan_looked() */
    BUILD_AUDIT,   /* look at a little of what nobody says has changed */
    BUILD_WRITE, /* data.cdb, or compare the audit; see build_plan_begun(), build_plan_written() */
    BUILD_TEXT,  /* see build_plan_ended() */
    BUILD_RELEASE, /* the replaced file, which the server has long turned from */
};
enum build_step build_plan_next(const struct build_plan *plan, uint64_t now, int64_t wall,
                                uint64_t *wait);
/* Are the records to be written again, whatever has changed? */
bool build_plan_renews(const struct build_plan *plan, uint64_t now, int64_t wall);

/* It was looked; `done`: at all that there is to be looked at now. `settled`: at something that the
 * files have as it is. */
void build_plan_looked(struct build_plan *plan, uint64_t now, bool done, bool settled);
/* data.cdb begins to be written. */
void build_plan_begun(struct build_plan *plan, uint64_t now);
/* It was written, with records that end in `expire` seconds (0: never). */
void build_plan_written(struct build_plan *plan, uint64_t now, int64_t wall, unsigned expire);
/* Both files are in place; or what was done last failed: -errno. */
void build_plan_ended(struct build_plan *plan, uint64_t now, int result);

/* Nothing is done and nothing is to be done; what fails counts as nothing, and so does an audit. */
bool build_plan_at_rest(const struct build_plan *plan);

#endif
