/* One time limit for everything that a command waits for. On a terminal it prints, after a second,
 * the cause of the wait. */
#ifndef PUBLISH_CLIENT_COMMAND_PATIENCE_H
#define PUBLISH_CLIENT_COMMAND_PATIENCE_H

struct patience {
    long long until;   /* when now_ms() reaches this, the time is over; 0: no limit */
    long long tell_at; /* no further line before now_ms() reaches this */
    const char *told;  /* `what` of the last line */
};

/* Starts the time. */
void patience_init(struct patience *patience);

/* Returns how many milliseconds to wait before the next call; 0 when the time is over. `what` is
 * what the command waits for (a static text, "for phonebookd's answer"), which is printed with
 * `detail` when it is time. */
int patience_slice(struct patience *patience, const char *what, const char *detail);

#endif
