/* Remembers how phonebookd ended, so that one registration, or too many, cannot keep it down for
 * ever.
 *
 * Two ends count. A crash: handlers note the moment of a fatal signal in a file before the process
 * dies of it. And a start that died: it was begun, and neither became ready nor ended by itself, as
 * after a SIGKILL of the kernel's for want of memory. After CRASHES_TOLERATED crashes within
 * CRASHES_WINDOW_S, or STARTS_TOLERATED such starts in a row, the next start sets the newest
 * connections aside: a few, then many times as many with each further one, so that whatever the
 * cause is, it is found out in a few starts. A start that sets something aside for starts that died
 * counts as one of them when it ends as they did within STARTS_WINDOW_S, ready or not: the memory
 * may run out a moment later. A SIGKILL of any other phonebookd is no crash: whoever sends it has
 * reasons of their own.
 *
 * Happy path: crashes_begin() finds nothing, crashes_ready() completes the start, crashes_end()
 * forgets it all. Failure modes: a file that cannot be read or written is as one that is empty. */
#ifndef PHONEBOOKD_CRASHES_H
#define PHONEBOOKD_CRASHES_H

#include <stddef.h>

/* What the file consists of: the newest last. */
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

/* How many of the newest connections to set aside, and for what. */
struct crash_verdict {
    size_t crashes, starts; /* of either kind in a row; 0 where there are too few to matter */
    size_t aside;
};

/* Reads the file `crashes` of the directory, arms the handlers, notes the start, and judges. */
struct crash_verdict crashes_begin(const char *directory);
/* The start is complete; or it failed, for a reason that was logged. */
void crashes_ready(void);
void crashes_leave(void);

/* A clean end: nothing is to be remembered. */
void crashes_end(void);

/* What follows from these notes, at this moment. Pure. */
struct crash_verdict crashes_judge(const struct crash_note *notes, size_t n_notes, long long now);

#endif
