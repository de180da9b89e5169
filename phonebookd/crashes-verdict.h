/* How many connections a start sets aside, after the ends of former starts. Pure.
 *
 * Two kinds of ends count: a crash, which is an end by a fatal signal; and a start that died, which
 * neither became ready nor ended by itself, for example because the kernel killed it for lack of
 * memory. After CRASHES_TOLERATED crashes within CRASHES_WINDOW_S, or STARTS_TOLERATED such starts
 * in a row, the next start sets the newest connections aside: a few at first, and at each
 * repetition a multiple of the last number, so that a few starts get rid of the cause. If a start
 * that set connections aside because of starts that died itself dies within STARTS_WINDOW_S, it
 * counts as one of them even if it was ready: memory may run out a moment later. Any other SIGKILL
 * of a ready phonebookd is not a crash, because a person may have sent it. */
#ifndef PHONEBOOKD_CRASHES_VERDICT_H
#define PHONEBOOKD_CRASHES_VERDICT_H

#include <stddef.h>

/* The notes in the file, the newest last. */
enum crash_kind {
    CRASH_START, /* a start was begun */
    CRASH_READY, /* it became ready */
    CRASH_LEFT,  /* it ended by itself */
    CRASH_SIGNAL /* a fatal signal */
};
struct crash_note {
    long long time; /* seconds since boot */
    long long kind;
};

/* How many of the newest connections to set aside, and why. */
struct crash_verdict {
    size_t crashes, starts; /* in a row; 0 if there are too few to matter */
    size_t aside;
};

/* The verdict for these notes, the newest last, at this time. */
struct crash_verdict crashes_judge(const struct crash_note *notes, size_t n_notes, long long now);

#endif
