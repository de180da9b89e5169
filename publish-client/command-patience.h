/* One time for all that a command waits for, and, on a terminal, a line after a second that says
 * what that is. */
#ifndef PUBLISH_CLIENT_COMMAND_PATIENCE_H
#define PUBLISH_CLIENT_COMMAND_PATIENCE_H

#include <stdbool.h>

struct patience {
    long long until;   /* now_ms() when it is over; 0: it does not end */
    long long tell_at; /* now_ms() of the next line, at the earliest */
    const char *told;  /* what the last one said */
};

/* Begins now. */
void patience_init(struct patience *patience);

/* How long to wait for `what` (a static text, "for phonebookd's answer") with `detail` behind it,
 * before asking again: milliseconds, 0 when the time is over. Says so where that is due. */
int patience_slice(struct patience *patience, const char *what, const char *detail);

#endif
