/* Remembers that phonebookd crashed, so that one registration cannot keep it down for ever.
 *
 * Happy path: crashes_begin() finds no crash of the last seconds, and arms handlers that note the
 * moment of a fatal signal in a file before the process dies of it. After CRASHES_TOLERATED of them
 * within CRASHES_WINDOW_S the next start sets the newest connections aside: one, then twice as many
 * with each further crash, so that whatever the cause is, it is found out in a few starts. A
 * SIGKILL is no crash: whoever sends it has reasons of their own. Failure modes: a file that cannot
 * be read or written is as one that is empty. */
#ifndef PHONEBOOKD_CRASHES_H
#define PHONEBOOKD_CRASHES_H

#include <stddef.h>

/* Reads the file, arms the handlers, and returns how many of the newest connections to set aside.
 */
size_t crashes_begin(const char *path);

/* A clean end: nothing is to be remembered. */
void crashes_end(const char *path);

/* How many are set aside after crashes at these times (seconds, in order). Pure. */
size_t crashes_judge(const long long *times, size_t n_times, long long now);

#endif
