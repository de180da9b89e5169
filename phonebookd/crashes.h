/* Remembers how phonebookd ended, so that one registration, or too many of them, cannot crash every
 * later start.
 *
 * Two kinds of ends count. A crash: before the process dies of a fatal signal, a handler notes the
 * time in a file. A start that died: it neither became ready nor ended by itself, for example
 * because the kernel killed it for lack of memory. After CRASHES_TOLERATED crashes within
 * CRASHES_WINDOW_S, or STARTS_TOLERATED such starts in a row, the next start sets the newest
 * connections aside: a few at first, and many times as many each time it happens again, so that a
 * few starts are enough to get rid of the cause. A start that sets connections aside because of
 * starts that died still counts as one of them if it dies within STARTS_WINDOW_S, even when it was
 * ready: memory may run out a moment later. Any other SIGKILL of a ready phonebookd is not a crash,
 * because a person may have sent it.
 *
 * Happy path: crashes_begin() finds nothing, crashes_ready() completes the start, crashes_end()
 * clears the file. Failure mode: a file that cannot be read or written counts as empty. */
#ifndef PHONEBOOKD_CRASHES_H
#define PHONEBOOKD_CRASHES_H

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

/* Reads the file `crashes` in the directory, installs the signal handlers, notes the start, and
 * returns the verdict. */
struct crash_verdict crashes_begin(const char *directory);
/* crashes_ready(): the start is complete. crashes_leave(): it failed for a reason that was
 * logged. */
void crashes_ready(void);
void crashes_leave(void);

/* For a regular end: clears the file. */
void crashes_end(void);

/* The verdict for these notes at this time. Pure. */
struct crash_verdict crashes_judge(const struct crash_note *notes, size_t n_notes, long long now);

#endif
