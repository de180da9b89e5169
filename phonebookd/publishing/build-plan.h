/* Decides a database's next step, from its state and the clocks. Pure.
 *
 * A touched listing is looked at without delay. If it differs from the files, they are written as
 * soon as the interval since the last build is over. A failed build is repeated later, until it
 * succeeds. Records that end are written again at half of their time. data.cdb is written first,
 * then the server is told, and then the text is written. If looking takes longer than the interval,
 * the changes found so far are written in between.
 *
 * `now` is in ms on a clock that never goes back (uv_now()), `wall` in seconds since 1970. */
#ifndef PHONEBOOKD_BUILD_PLAN_H
#define PHONEBOOKD_BUILD_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct build_plan {
    /* Set by the owner. */
    uint64_t interval; /* ms between the starts of two builds */
    bool unread;       /* a static file was not read yet: no step is taken before */
    bool working;      /* a thread is writing the files */
    bool incomplete;   /* not everything was looked at yet: nothing is written before */
    bool changed;      /* the files differ from the kept records */
    uint64_t look;     /* when something is to be looked at, or PLAN_NEVER */
    uint64_t audit;    /* the time of the audit's next step, or PLAN_NEVER */
    bool audited;      /* an audit is complete and to be compared with the files */
    /* Set here; the owner resets it when it has done the step. */
    bool hurried;   /* do not wait for the interval, until a build fails */
    bool news;      /* something may have become live, or a build has failed */
    int failed;     /* -errno of the last build, or 0 */
    uint64_t looks; /* when the current round of looking began, or PLAN_NEVER */
    uint64_t next;  /* nothing is written before this time */
    uint64_t text;  /* when the text is to be written, or PLAN_NEVER */
    uint64_t renew; /* when the records are written again even if nothing changed */
    /* the same on the wall clock, which somebody may set, and which runs during suspend */
    int64_t renew_wall;
};
#define PLAN_NEVER UINT64_MAX

void build_plan_init(struct build_plan *plan, uint64_t interval);

enum build_step {
    BUILD_NOTHING, /* nothing to do before another event */
    BUILD_WAIT,    /* nothing to do for *wait ms */
    BUILD_TELL,    /* tell the owner the news */
    BUILD_LOOK,    /* look at listings that may have changed; then build_plan_looked() */
    BUILD_AUDIT,   /* look at some listings that should not have changed */
    /* write data.cdb, or compare the audit; build_plan_begun(), build_plan_written() */
    BUILD_WRITE,
    BUILD_TEXT, /* write the text; then build_plan_ended() */
};
enum build_step build_plan_next(const struct build_plan *plan, uint64_t now, int64_t wall,
                                uint64_t *wait);
/* Are the records to be written again even if nothing changed? */
bool build_plan_renews(const struct build_plan *plan, uint64_t now, int64_t wall);

/* From now on builds do not wait. What has failed is tried at once, one more time. */
void build_plan_hurry(struct build_plan *plan);
/* A slice of looking is over. `done`: nothing is left to look at now. `settled`: the files already
 * agree with some listing that was looked at. */
void build_plan_looked(struct build_plan *plan, uint64_t now, bool done, bool settled);
/* The writing of data.cdb begins. */
void build_plan_begun(struct build_plan *plan, uint64_t now);
/* data.cdb is written, with records that end in `expire` seconds (0: never). */
void build_plan_written(struct build_plan *plan, uint64_t now, int64_t wall, unsigned expire);
/* Both files are in place (0), or the last step failed (-errno). */
void build_plan_ended(struct build_plan *plan, uint64_t now, int error);

/* True if nothing runs and nothing is left to do, apart from audits and from repeating what
 * failed. */
bool build_plan_at_rest(const struct build_plan *plan);
/* True if a listing that is touched now is looked at, and written, without delay. */
bool build_plan_is_free(const struct build_plan *plan, uint64_t now);

#endif
