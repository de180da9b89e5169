/* Remembers how phonebookd ended, so that one registration, or too many of them, cannot crash every
 * later start. Before the process dies of a fatal signal, a handler notes the time in a file.
 * crashes-verdict.h says when connections are set aside.
 *
 * Happy path: crashes_begin() finds nothing, crashes_ready() completes the start, crashes_end()
 * clears the file. Failure mode: a file that cannot be read or written counts as empty. */
#ifndef PHONEBOOKD_CRASHES_H
#define PHONEBOOKD_CRASHES_H

#include "crashes-verdict.h"

/* Reads the file `crashes` in the directory, installs the signal handlers, notes the start, and
 * returns the verdict. */
struct crash_verdict crashes_begin(const char *directory);
/* crashes_ready(): the start is complete. crashes_leave(): it failed for a reason that was
 * logged. */
void crashes_ready(void);
void crashes_leave(void);

/* For a regular end: clears the file. */
void crashes_end(void);

#endif
