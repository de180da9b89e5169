/* What a database does next, decided by what has happened to it and by the clocks. Pure.
 *
 * The first build comes at once and the next after the interval; one that failed is tried again
 * later, until it succeeds; records that end are written again when half of their time is over. A
 * collection that found nothing new is followed by a rest of some times its length, so that nobody
 * keeps us collecting by changes that change nothing.
 *
 * `now` is in ms on a clock that does not go back (uv_now()), `wall` in seconds since 1970. */
#ifndef PHONEBOOKD_BUILD_PLAN_H
#define PHONEBOOKD_BUILD_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct build_plan {
    /* Set by the owner. */
    uint64_t interval; /* ms between the starts of two builds */
    bool dirty;        /* the records are to be collected again */
    bool unread;       /* but not before each static file has been read once */
    bool hurried;      /* whatever the pace, unless the last try failed */
    bool working;      /* a thread has the files */
    /* Set here; the owner takes back what was done. */
    bool news;        /* something may have become live, or a build have failed */
    int failed;       /* -errno of the last try, or 0 */
    uint64_t next;    /* the records are not collected before */
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
    BUILD_COLLECT, /* see build_plan_collected() */
    BUILD_RELEASE, /* the replaced file, which the server has long turned from */
};
enum build_step build_plan_next(const struct build_plan *plan, uint64_t now, int64_t wall,
                                uint64_t *wait);

/* The records were collected, which took so many nanoseconds; `same`: they are those in the files.
 * True: they are to be written, which begins now. */
bool build_plan_collected(struct build_plan *plan, uint64_t now, int64_t wall, bool same,
                          uint64_t took);
/* They were written, to end in `expire` seconds (0: never), or could not be, or not be collected:
 * -errno. */
void build_plan_ended(struct build_plan *plan, uint64_t now, int64_t wall, int result,
                      unsigned expire);

/* Nothing is done and nothing is to be done; what fails counts as nothing. */
bool build_plan_at_rest(const struct build_plan *plan);

#endif
